"""Damaged text: symtypes of both tools, consolidated files of both formats, Module.symvers, and our own TOML."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from kabicheck.config import parse_configuration
from kabicheck.formats.consolidated import Consolidated, read_consolidated
from kabicheck.formats.symvers import read_symvers
from kabicheck.model import Export
from kabicheck.pipeline.symtypes import SingleSymtypesFile, SymtypesSet
from tests.fuzz.damage import damaged, flipped, flips
from tests.fuzz.oracle import STEP, Result, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

INT = "base_type int byte_size(4) encoding(5)"
DWARF = f"""\
e#color enumeration_type color {{ enumerator RED = 0 , enumerator BLUE = 1 }} byte_size(4)
s#inner structure_type inner {{ member {INT} a data_member_location(0) }} byte_size(4)
s#outer structure_type outer {{ member s#inner i data_member_location(0) , member e#color c data_member_location(4) \
}} byte_size(8)
t#'two words' typedef 'two words' {{ s#outer }}
first subprogram ( formal_parameter pointer_type {{ s#outer }} byte_size(8) o ) -> base_type void
second variable t#'two words'
third subprogram ( formal_parameter {INT} n , formal_parameter e#color c ) -> {INT}
"""
C = """\
E#RED 0
s#inner struct inner { int a ; }
s#outer struct outer { s#inner i ; u#gone * g ; }
u#gone union gone { UNKNOWN }
first void first ( s#outer * o )
second extern s#outer second
"""
SECTIONS = """\
/* kernel/a.symtypes */
s#inner struct inner { int a ; }
u##gone
first void first ( s#inner * i , u#gone * g )

/* lib/b.symtypes */
s#outer struct outer { s#inner i ; }
second void second ( s#outer * o )
third int third ( void )
"""
VARIANTS = """\
s#inner struct inner { int a ; }
s#outer@0 struct outer { s#inner i ; }
s#outer@1 struct outer { UNKNOWN }
first void first ( s#outer * o )
second void second ( s#outer * o )
F#kernel/a.symtypes s#outer@0 first
F#lib/b.symtypes s#outer@1 second
"""
SYMVERS = """\
0x12345678\tfirst\tvmlinux\tEXPORT_SYMBOL_GPL\tUSB
0x00abcdef\tsecond\tvmlinux\tEXPORT_SYMBOL\t
0xfedcba98\tthird\tdrivers/net/net\tEXPORT_SYMBOL_GPL\t
"""
TOML = """\
[check]
base = "origin/main"
targets = ["kernel/", "lib/string.o"]
config = "defconfig"
output = ["text", "junit:abi.xml"]
jobs = 4
stable = true
attribution = "blame"
max_builds = 20

[[kabi]]
rule = "type_string"
target = "s#outer"
value = "structure_type outer { } byte_size(8)"

[policy]
fail_on = "breaking"
severities = ["severities.txt"]

[[waiver]]
symbol = "first*"
reason = "nobody uses \\u0041 it.still"
expires = 2030-01-01
"""


class _Text:
    """Texts by name, each with what reads it."""

    def __init__(
        self, folder: Path, texts: dict[str, tuple[str, Callable[[Path], Iterator[Export]]]]
    ) -> None:
        self._folder = folder
        self._texts = {name: (text.encode(), read) for name, (text, read) in texts.items()}
        self._sound = {}
        for name, (text, read) in self._texts.items():
            (folder / name).write_bytes(text)
            self._sound[name] = frozenset(read(folder / name))
        self._flips = [(name, *one) for name, (t, _) in self._texts.items() for one in flips([(0, len(t))])]
        self.first = len(self._flips)

    def attempt(self, number: int) -> Result:
        """First every bit, then random damage."""
        rng = Random(number)
        if number < self.first:
            name, at, mask = self._flips[number * STEP % self.first]
            content, kind = flipped(self._texts[name][0], at, mask), "one bit"
        else:
            name = rng.choice(list(self._texts))
            text = self._texts[name][0]
            content, kind = damaged(text, rng, [(0, len(text))]), "random"
        path = self._folder / name
        path.write_bytes(content)
        read = self._texts[name][1]
        return Result(f"{name}: {kind}", *outcome(lambda: read(path), self._sound[name]))


def _consolidated(path: Path) -> Iterator[Export]:
    corpus: Consolidated = read_consolidated(path)
    yield from _with_versions(SymtypesSet(path, corpus))


def _symtypes(path: Path) -> Iterator[Export]:
    yield from _with_versions(SymtypesSet(path, SingleSymtypesFile(path)))


def _with_versions(recorded: SymtypesSet) -> Iterator[Export]:
    """A change of a version counts; it is put where one of the namespace would be."""
    for side in recorded.versions():
        for export in side.exports:
            yield replace(export, namespace=str(side.versions.get(export.name)))


def _symvers(path: Path) -> Iterator[Export]:
    for side in read_symvers(path):
        yield from side.exports


def _toml(path: Path) -> Iterator[Export]:
    """Nothing is exported; the reading must end in settings or an error."""
    parse_configuration(path.read_bytes(), path.name)
    yield Export("")


class Symtypes(_Text):
    """Of both tools, alone and consolidated, and Module.symvers."""

    def __init__(self, folder: Path) -> None:
        texts: dict[str, tuple[str, Callable[[Path], Iterator[Export]]]] = {
            "gendwarfksyms.symtypes": (DWARF, _symtypes),
            "genksyms.symtypes": (C, _symtypes),
            "sections": (SECTIONS, _consolidated),
            "variants": (VARIANTS, _consolidated),
            "Module.symvers": (SYMVERS, _symvers),
        }
        super().__init__(folder, texts)


class Toml(_Text):
    """`kabicheck.toml`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"kabicheck.toml": (TOML, _toml)})
