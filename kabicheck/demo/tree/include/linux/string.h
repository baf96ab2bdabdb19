/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_STRING_H
#define _LINUX_STRING_H

#include <linux/types.h>

size_t strlen(const char *s);
ssize_t strscpy(char *dest, const char *src, size_t count);
char *skip_spaces(const char *str);
char *strreplace(char *str, char old, char new);

#endif /* _LINUX_STRING_H */
