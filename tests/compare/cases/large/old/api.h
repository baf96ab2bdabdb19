#include "export.h"

struct inner {
	int a;
};

struct large {
	long field0;
	long field1;
	long field2;
	long field3;
	long field4;
	long field5;
	long field6;
	long field7;
	long field8;
	long field9;
	long field10;
	long field11;
	long field12;
	long field13;
	long field14;
	long field15;
	long field16;
	long field17;
	long field18;
	long field19;
	long field20;
	long field21;
	long field22;
	long field23;
	long field24;
	long field25;
	long field26;
	long field27;
	long field28;
	long field29;
	long field30;
	long field31;
	long field32;
	long field33;
	long field34;
	long field35;
	long field36;
	long field37;
	long field38;
	long field39;
	struct inner embedded;
	int last;
};

int use_large(struct large *large)
{
	return 0;
}
EXPORT_SYMBOL(use_large);
