#include "export.h"

struct page;

int set_pages(struct page *page, int count, unsigned long flags)
{
	return count;
}
EXPORT_SYMBOL(set_pages);

void *lookup(unsigned long number)
{
	return 0;
}
EXPORT_SYMBOL(lookup);

void renamed(int new_name)
{
}
EXPORT_SYMBOL(renamed);

int (*handlers[8])(const struct page *page);
EXPORT_SYMBOL(handlers);

long long_signature(struct page *first_page, struct page *second_page, unsigned long long offset, const char *name)
{
	return 0;
}
EXPORT_SYMBOL(long_signature);

int fresh(void)
{
	return 0;
}
EXPORT_SYMBOL(fresh);

int relicensed(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(relicensed);
