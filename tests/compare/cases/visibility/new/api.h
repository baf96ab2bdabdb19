#include "export.h"

struct hidden;

struct user {
	struct hidden *hidden;
};

int use(struct user *user)
{
	return 0;
}
EXPORT_SYMBOL(use);
