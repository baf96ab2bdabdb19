"""The macros that kernels hide changes with, as scripts/gendwarfksyms/examples/kabi.h has them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MACROS = r"""
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define RULE_(kind, target, value) \
	static const char PASTE(rule_, __COUNTER__)[] __attribute__((used, aligned(1), \
		section(".discard.gendwarfksyms.kabi_rules"))) = "1\0" kind "\0" target "\0" value
#define KABI_DECLONLY(fqn) RULE_("declonly", #fqn, "")
#define KABI_ENUMERATOR_IGNORE(fqn, field) RULE_("enumerator_ignore", #fqn " " #field, "")
#define KABI_ENUMERATOR_VALUE(fqn, field, value) RULE_("enumerator_value", #fqn " " #field, #value)
#define KABI_BYTE_SIZE(fqn, value) RULE_("byte_size", #fqn, #value)
#define KABI_TYPE_STRING(type, text) RULE_("type_string", type, text)
#define KABI_RESERVE(n) unsigned long __kabi_reserved##n
#define KABI_RESERVE_ARRAY(n, bytes) unsigned char __attribute__((aligned(8))) __kabi_reserved##n[bytes]
#define KABI_IGNORE(n, new_) union { new_; unsigned char __kabi_ignored##n; }
#define REPLACE_(old, new_) union { new_; struct { old; }; union { \
	_Static_assert(sizeof(struct { new_; }) <= sizeof(struct { old; }), "too large"); }; }
#define KABI_REPLACE(type, name, new_) REPLACE_(type __kabi_renamed##name, struct { new_; })
#define KABI_USE(n, new_) REPLACE_(KABI_RESERVE(n), new_)
#define KABI_USE2(n, first, second) REPLACE_(KABI_RESERVE(n), struct { first; second; })
#define KABI_USE_ARRAY(n, bytes, new_) REPLACE_(KABI_RESERVE_ARRAY(n, bytes), new_)
"""

_EXPORT = r"""
#define EXPORT(symbol) __asm__(".section \".export_symbol\",\"a\"\n__export_symbol_" #symbol ":\n" \
	".asciz \"GPL\"\n.asciz \"\"\n.balign 8\n.quad " #symbol "\n.previous\n");
"""


def compile_header(text: str, out: Path, code: str, exports: tuple[str, ...]) -> Path:
    """An object whose types are in a header, where they are public, with exports that use them.

    text may use the macros above; code is the `.c` file's.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    header = out.with_suffix(".h")
    header.write_text(MACROS + _EXPORT + text)
    lines = [f'#include "{header.name}"', code, *(f"EXPORT({name})" for name in exports)]
    source = out.with_suffix(".c")
    source.write_text("\n".join(lines) + "\n")
    command = ["gcc", "-c", "-g", "-gdwarf-5", "-O0", "-fno-pic", source.name, "-o", str(out)]
    subprocess.run(command, cwd=out.parent, check=True)
    return out
