/* What EXPORT_SYMBOL leaves in an object since Linux 6.5: include/linux/export.h. */
#define ___EXPORT_SYMBOL(sym, license, ns) \
	asm(".section \".export_symbol\",\"a\"\n" \
	    "__export_symbol_" #sym ":\n" \
	    "\t.asciz \"" license "\"\n" \
	    "\t.asciz \"" ns "\"\n" \
	    "\t.balign 8\n" \
	    "\t.quad " #sym "\n" \
	    ".previous")
#define EXPORT_SYMBOL(sym) ___EXPORT_SYMBOL(sym, "", "")
#define EXPORT_SYMBOL_GPL(sym) ___EXPORT_SYMBOL(sym, "GPL", "")
#define EXPORT_SYMBOL_NS(sym, ns) ___EXPORT_SYMBOL(sym, "", ns)
#define EXPORT_SYMBOL_FOR_MODULES(sym, modules) ___EXPORT_SYMBOL(sym, "GPL", "module:" modules)
