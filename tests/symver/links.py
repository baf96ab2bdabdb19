"""A small kernel: objects as kbuild makes them, linked as it links vmlinux and modules, with gcc (or clang) and ld."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.symver.object import ExportReading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# include/linux/export.h, with what it leaves in debug information, or without (-DUNMARKED)
HEADER = """\
#ifdef UNMARKED
#define MARK(sym)
#else
#define MARK(sym) static void *__attribute__((used, section(".discard.addressable"))) \\
	__UNIQUE_ID_addressable_##sym##_1 = (void *)&sym;
#endif
#define EXPORT(sym) extern typeof(sym) sym; MARK(sym) \\
	asm(".pushsection \\".export_symbol\\",\\"a\\"\\n__export_symbol_" #sym ":\\n" \\
	".asciz \\"GPL\\"\\n.asciz \\"\\"\\n.balign 8\\n.quad " #sym "\\n.popsection")
struct hidden;
"""

SOURCES = {
    "include/export.h": HEADER,
    "include/hidden.h": "struct hidden { int inner; };\n",
    # defines the type, and what the other unit declares, overrides or has for itself under the same names
    "lib/one.c": """\
#include "export.h"
#include "hidden.h"
int counter = 1;
EXPORT(counter);
int shared(struct hidden *hidden) { return hidden->inner; }
EXPORT(shared);
__attribute__((weak)) int maybe(struct hidden *hidden) { return hidden->inner; }
int real(struct hidden *hidden, char c) { return hidden->inner + c; }
EXPORT(real);
extern typeof(real) other __attribute__((alias("real")));
EXPORT(other);
unsigned long ticks_64;
EXPORT(ticks_64);
extern volatile int const_ticks;
EXPORT(const_ticks);
struct nothing { } nothing __attribute__((section(".data.1")));
EXPORT(nothing);
int user(struct hidden *hidden) { return shared(hidden) + maybe(hidden); }
""",
    "kernel/two.c": """\
#include "export.h"
extern int counter, other(struct hidden *, char);
extern void grave(int) __attribute__((cold));
static int __attribute__((noinline)) shared(long x) { return x + counter; }
struct odd { int (*call)(struct hidden *); } neighbour __attribute__((section(".data.2"), nocommon));
EXPORT(neighbour);
int maybe(struct hidden *hidden) { return other(hidden, 1) + shared(7); }
EXPORT(maybe);
int twice(int x) { return 2 * x; }
EXPORT(twice);
int split(int x) { if (__builtin_expect(x > 100, 0)) { grave(x); grave(x + 1); } return twice(x); }
EXPORT(split);
void grave(int x) { counter = x; }
EXPORT(grave);
""",
    # exports what the linker script or assembly defines
    "kernel/three.c": """\
#include "export.h"
extern volatile int ticks;
EXPORT(ticks);
extern void *fast_copy(void *to, const void *from, unsigned long size);
EXPORT(fast_copy);
""",
}

ASSEMBLY = """\
	.text
	.globl fast_copy, only_here
	.type fast_copy, %function
	.type only_here, %function
fast_copy:
	nop
	.size fast_copy, .-fast_copy
only_here:
	nop
	.size only_here, .-only_here
	.section ".export_symbol", "a"
__export_symbol_only_here:
	.asciz ""
	.asciz ""
	.balign 8
	.quad only_here
"""

SCRIPT = """\
SECTIONS {
	. = %(start)s;
	.text %(at)s : { *(.text .text.*) }
	__ksymtab %(at)s : { *(__ksymtab) }
	__kflagstab %(at)s : { *(__kflagstab) }
	__ksymtab_strings %(at)s : { *(__ksymtab_strings) }
	.data %(at)s : { *(.data .bss .bss.*) . = ALIGN(64); *(.data.1) *(.data.2) }
	%(alias)s
	/DISCARD/ : { *(.discard.*) *(.export_symbol) *(.comment) *(.note.*) *(.eh_frame) }
}
"""


# What vmlinux's linker script defines, and no module can.
GIVEN = {"ticks", "const_ticks"}


class Link(NamedTuple):
    """A linked file; versions: export → what its own object says; unversioned: exports without a version."""

    path: Path
    versions: dict[str, int]
    unversioned: set[str]


def run(*command: str | Path, cwd: Path) -> None:
    """A command that must succeed."""
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, capture_output=True)


def link(
    folder: Path,
    name: str,
    *flags: str,
    compiler: str = "gcc",
    more: str = "",
    sources: Mapping[str, str] = SOURCES,
) -> Link:
    """Build and link; a module if the name says so. more: further lines for lib/one.c."""
    objects = _objects(folder, flags, compiler, more, sources)
    module = name.endswith(".ko")
    versions: dict[str, int] = {}
    unversioned: set[str] = set()
    for path in objects:
        found = ExportReading(path).versions()
        versions |= found.versions
        unversioned |= found.unversioned.keys()
    tables = _tables(folder, objects, module=module)
    script = folder / "script.lds"
    alias = "" if module else "ticks = ticks_64; const_ticks = ticks_64;"
    script.write_text(
        SCRIPT % {"start": 0 if module else 0x400000, "at": "0" if module else "", "alias": alias}
    )
    how = ["-r"] if module else ["-e", "0", "--no-warn-rwx-segments"]
    run("ld", *how, "-T", script, "-o", name, *objects, *tables, cwd=folder)
    if module:
        versions = {name: crc for name, crc in versions.items() if name not in GIVEN}
    return Link(folder / name, versions, unversioned)


def _objects(
    folder: Path, flags: tuple[str, ...], compiler: str, more: str, sources: Mapping[str, str]
) -> list[Path]:
    objects = []
    for name, text in sources.items():
        source = folder / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text + (more if name == "lib/one.c" else ""))
        if source.suffix == ".h":
            continue
        command = [compiler, "-g", "-O2", "-Iinclude", "-fno-pic", "-fno-pie", "-mcmodel=large", *flags]
        run(*command, "-c", name, "-o", source.with_suffix(".o"), cwd=folder)
        objects.append(source.with_suffix(".o"))
    source = folder / "lib/asm.s"
    source.write_text(ASSEMBLY)
    run("gcc", "-g", "-c", source, "-o", source.with_suffix(".o"), cwd=folder)
    return [*objects, source.with_suffix(".o")]


def _tables(folder: Path, objects: list[Path], *, module: bool) -> list[Path]:
    """What modpost adds: the tables of exports, and in a module the kernel's record of it."""
    lines = []
    for export in (export for path in objects for export in read_exports(Image(path))):
        if module and export.name in GIVEN:
            continue
        lines += [
            '.section "__ksymtab_strings","aMS",%progbits,1',
            f'__kstrtab_{export.name}: .asciz "{export.name}"',
            f'__kstrtabns_{export.name}: .asciz "{export.namespace}"',
            '.section "__ksymtab","a"',
            f"__ksymtab_{export.name}: .quad {export.name}",
            '.section "__kflagstab","a"',
            f"__flags_{export.name}: .byte {int(export.licence == 'GPL')}",
        ]
    if module:
        lines += ['.section ".gnu.linkonce.this_module","aw"', ".zero 64"]
        lines += ['.section ".modinfo","a"', '.asciz "license=GPL"', '.asciz "name=small"']
    source = folder / "exports.s"
    source.write_text("\n".join([*lines, ""]))
    run("gcc", "-c", source, "-o", "exports.o", cwd=folder)
    return [folder / "exports.o"]
