/* What EXPORT_SYMBOL leaves in an object since Linux 6.5: include/linux/export.h. */
#define ___EXPORT_SYMBOL(sym, license) \
	asm(".section \".export_symbol\",\"a\"\n" \
	    "__export_symbol_" #sym ":\n" \
	    "\t.asciz \"" license "\"\n" \
	    "\t.asciz \"\"\n" \
	    "\t.balign 8\n" \
	    "\t.quad " #sym "\n" \
	    ".previous")
#define EXPORT_SYMBOL(sym) ___EXPORT_SYMBOL(sym, "")
#define EXPORT_SYMBOL_GPL(sym) ___EXPORT_SYMBOL(sym, "GPL")
