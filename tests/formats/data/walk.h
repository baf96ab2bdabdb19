typedef unsigned int u32;

enum color { RED, GREEN = 5, BLUE, LAST = sizeof("a b") };

struct foo;

union value {
	int i;
	float f;
};

struct node {
	struct node *next;
	u32 flags : 3;
	enum color color;
	union value *value;
	struct {
		int x, y[BLUE];
	} place;
	int (*visit)(struct foo *, const char *fmt, ...);
#ifdef CHANGED
	long added;
#endif
};

typedef struct node node_t;
