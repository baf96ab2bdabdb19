// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/string.h>

char *skip_spaces(const char *str)
{
	while (*str == ' ' || *str == '\t')
		str++;
	return (char *)str;
}
EXPORT_SYMBOL(skip_spaces);

char *strreplace(char *str, char old, char new)
{
	char *s = str;

	for (; *s; ++s)
		if (*s == old)
			*s = new;
	return str;
}
EXPORT_SYMBOL(strreplace);
