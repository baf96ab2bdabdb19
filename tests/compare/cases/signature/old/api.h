#include "export.h"

struct page;

int set_pages(struct page *page, int count)
{
	return count;
}
EXPORT_SYMBOL(set_pages);

int lookup(unsigned int number)
{
	return 0;
}
EXPORT_SYMBOL(lookup);

void renamed(int old_name)
{
}
EXPORT_SYMBOL(renamed);

int (*handlers[4])(struct page *page);
EXPORT_SYMBOL(handlers);

long long_signature(struct page *first_page, struct page *second_page, unsigned long long offset)
{
	return 0;
}
EXPORT_SYMBOL(long_signature);

int gone(void)
{
	return 0;
}
EXPORT_SYMBOL(gone);

int relicensed(void)
{
	return 0;
}
EXPORT_SYMBOL(relicensed);
