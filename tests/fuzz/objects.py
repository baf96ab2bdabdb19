"""Damaged objects and linked files, of every kind that EXPORT_SYMBOL leaves.

First every bit of what describes exports, then random damage of the same and of all else.
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from elftools.elf.elffile import ELFFile

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import NoExports
from kabicheck.objects.collect import read_exporting
from kabicheck.symver import linked_unit
from kabicheck.symver.object import ExportReading
from kabicheck.symver.survey import LinkedInput, survey
from tests.fuzz.damage import damaged, flipped, flips
from tests.fuzz.oracle import STEP, Result, outcome
from tests.symver.links import link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.model import Export

COMPILERS = ("gcc", "aarch64-linux-gnu-gcc", "arm-linux-gnueabihf-gcc", "s390x-linux-gnu-gcc")

# include/linux/export.h since Linux 6.5
RECORD = r"""
#ifdef __LP64__
#define REFERENCE ".balign 8\n.quad "
#else
#define REFERENCE ".balign 4\n.long "
#endif
#define EXPORT(sym, licence, space) __asm__(".section \".export_symbol\",\"a\"\n__export_symbol_" #sym ":\n" \
	".asciz \"" licence "\"\n.ascii \"" space "\\0\"\n" REFERENCE #sym "\n.previous\n");
"""
# include/linux/export.h of Linux 5.4 to 6.4, with relative references
TABLE = r"""
#define EXPORT(sym, licence, space) EXPORT_(sym, licence, space)
#define EXPORT_(sym, licence, space) __asm__( \
	".section \"__ksymtab_strings\",\"aMS\",%progbits,1\n__kstrtab_" #sym ": .asciz \"" #sym "\"\n" \
	"__kstrtabns_" #sym ": .asciz \"" space "\"\n.previous\n" \
	".ifc \"" licence "\",\"GPL\"\n.section \"___ksymtab_gpl+" #sym "\", \"a\"\n.else\n" \
	".section \"___ksymtab+" #sym "\", \"a\"\n.endif\n.balign 4\n__ksymtab_" #sym ":\n" \
	".long " #sym "- .\n.long __kstrtab_" #sym "- .\n.long __kstrtabns_" #sym "- .\n.previous\n");
"""
SOURCE = """
struct s { int a; struct s *next; };
int counter;
EXPORT(counter, "", "")
int add(struct s *s, long n) { return s->a + n; }
EXPORT(add, "GPL", "")
int take(struct s *s) { return s->a - counter; }
EXPORT(take, "GPL", "CRYPTO_INTERNAL")
EXTRA
"""
ALONE = """
int alone(int x) { return x + 1; }
EXPORT(alone, "GPL", "")
"""


@dataclass(frozen=True, slots=True)
class Sound:
    """An undamaged file. core: where its exports are described, all sections' headers included; linked: as a module or
    vmlinux is."""

    name: str
    content: bytes
    exports: frozenset[Export]
    core: tuple[tuple[int, int], ...]
    linked: bool = False

    def read(self, path: Path, content: bytes, *, versions: bool) -> Iterator[Export]:
        """What the commands find in a copy, which is written to `path`. versions: calculate these, too."""
        path.write_bytes(content)
        linked_unit._opened.cache_clear()  # it goes by time and size
        if self.linked:
            for _, one in survey(LinkedInput(path, "x.ko")).units:
                yield from one.exports
            return
        for built in read_exporting(path.parent, None, {path.name: "vmlinux"}):
            if versions:
                yield from ExportReading(built.file).versions().exports
            elif exports := read_exports(Image(built.file)):
                yield from exports
            else:
                raise NoExports(built.file, "exports nothing")  # as ExportReading does


def sound_files(folder: Path) -> list[Sound]:
    """Of every kind, for the architectures that there are compilers for."""
    found = []
    for compiler in COMPILERS:
        for name, export in (("record", RECORD), ("table", TABLE)):
            found.append(_compiled(folder, f"{compiler}-{name}", compiler, export + SOURCE))
    found.append(_compiled(folder, "alone", "gcc", RECORD + ALONE))
    found.append(_compiled(folder, "alone-table", "gcc", TABLE + ALONE))
    two = [folder / "gcc-record.o", folder / "alone.o"]
    subprocess.run(["ld", "-r", "-o", folder / "linked-again.o", *two], check=True)
    found.append(_sound("linked-again", (folder / "linked-again.o").read_bytes()))
    for name in ("vmlinux", "small.ko"):
        path = link(folder / f"link-{name}", name).path
        found.append(_sound(name, path.read_bytes(), linked=True))
    return found


def _compiled(folder: Path, name: str, compiler: str, source: str) -> Sound:
    path = folder / f"{name}.o"
    command = [compiler, "-g", "-O2", "-x", "c", "-DEXTRA=", "-c", "-o", str(path), "-"]
    subprocess.run(command, input=source, text=True, check=True)
    return _sound(name, path.read_bytes())


def _sound(name: str, content: bytes, *, linked: bool = False) -> Sound:
    elf = ELFFile(io.BytesIO(content))
    spans = [(0, 64), (elf["e_shoff"], elf["e_shoff"] + elf["e_shnum"] * elf["e_shentsize"])]
    for section in elf.iter_sections():
        described = (".export_symbol", "ksymtab", "kcrctab", "kflagstab", "symtab", "strtab")
        if any(part in section.name for part in described) and section["sh_type"] != "SHT_NOBITS":
            spans.append((section["sh_offset"], section["sh_offset"] + section["sh_size"]))
    exports = frozenset(read_exports(Image(name, content)))
    return Sound(name, content, exports, tuple(spans), linked)


class Objects:
    """See above."""

    def __init__(self, folder: Path) -> None:
        self._files = sound_files(folder)
        self._path = folder / "copy" / "x.o"
        self._path.parent.mkdir()
        self._flips = [(file, *flip) for file in self._files for flip in flips(file.core)]
        self.first = len(self._flips)

    def attempt(self, number: int) -> Result:
        """One input."""
        rng = Random(number)
        if number < self.first:
            file, at, mask = self._flips[number * STEP % self.first]
            content, kind = flipped(file.content, at, mask), "one bit"
        else:
            file = rng.choice(self._files)
            everything = rng.random() < 0.3
            content = damaged(file.content, rng, [(0, len(file.content))] if everything else file.core)
            kind = "random, anywhere" if everything else "random, exports"
        versions = rng.random() < 0.1
        found = outcome(lambda: file.read(self._path, content, versions=versions), file.exports)
        return Result(f"{file.name}: {kind}", *found)
