// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/string.h>

size_t strlen(const char *s)
{
	const char *sc = s;

	while (*sc)
		sc++;
	return sc - s;
}
EXPORT_SYMBOL(strlen);

ssize_t strscpy(char *dest, const char *src, size_t count)
{
	size_t res;

	for (res = 0; res + 1 < count && src[res]; res++)
		dest[res] = src[res];
	if (count)
		dest[res] = 0;
	return res;
}
EXPORT_SYMBOL(strscpy);
