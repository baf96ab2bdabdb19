"""Writes objects with debug information from nested Python values, without a compiler.

    INT = die("base_type", name="int", byte_size=4, encoding=5)
    content = write([Unit(die("variable", name="v", type=INT))])

A DIE's attributes are keyword arguments, its children positional ones. The form follows from the value: a string
is DW_FORM_strp, a number DW_FORM_udata or, below zero, DW_FORM_sdata, True DW_FORM_flag_present, bytes
DW_FORM_exprloc, another DIE DW_FORM_ref4 or, in another unit, DW_FORM_ref_addr. `Form("data8", 5)` chooses. DIEs
that are mentioned and stand nowhere are put at the end of the unit that mentions them first.

The numbers of tags, attributes and forms are pyelftools', not those of the code under test.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from elftools.dwarf.enums import ENUM_DW_AT, ENUM_DW_FORM, ENUM_DW_TAG

from tests.elf_writer import (
    MACHINES,
    Output,
    Pool,
    Relocation,
    Section,
    Symbol,
    compressed,
    sleb128,
    uleb128,
    with_addends,
    write_elf,
)  # fmt: skip
from tests.line_writer import LineTables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

DW_UT_PARTIAL = 3
RULES = ".discard.gendwarfksyms.kabi_rules"


@dataclass(frozen=True, slots=True)
class Form:
    """A value with its form ("data1", "strx2", …). `indirect` writes it behind DW_FORM_indirect."""

    name: str
    value: str | int | bytes | bool | Die
    indirect: bool = False


Value: TypeAlias = "str | int | bytes | bool | Die | Form"


@dataclass(eq=False)
class Die:
    """A DIE. Both lists may be added to after it was made, so that types can contain themselves."""

    tag: str
    attributes: list[tuple[str, Value]]
    children: list[Die]


def die(tag: str, *children: Die, **attributes: Value) -> Die:
    """A DIE: `die("pointer_type", type=INT, byte_size=8)`."""
    return Die(tag, list(attributes.items()), list(children))


def struct_type(name: str | None, *members: Die, **attributes: Value) -> Die:
    """A structure; None for one without a name."""
    return die("structure_type", *members, **({} if name is None else {"name": name}), **attributes)


def member(name: str, of: Die, **attributes: Value) -> Die:
    """A member of a structure or union."""
    return die("member", name=name, type=of, **attributes)


def pointer(to: Die | None = None) -> Die:
    """A pointer; to void if to nothing."""
    return die("pointer_type", byte_size=8, **({} if to is None else {"type": to}))


def function(name: str, *parameters: Die, **attributes: Value) -> Die:
    """A function with unnamed parameters of these types."""
    return die("subprogram", *(die("formal_parameter", type=p) for p in parameters), name=name, **attributes)


def variable(name: str, of: Die) -> Die:
    """A variable."""
    return die("variable", name=name, type=of)


class Unit:
    """A unit: its DIEs, and what its header says.

    files: `decl_file=1` is the first in every version of DWARF. kind: DW_UT_* of DWARF 5; siblings: DIEs with
    children have DW_AT_sibling; root: further attributes of the unit DIE.
    """

    def __init__(
        self,
        *dies: Die,
        version: int = 5,
        offset_size: int = 4,
        kind: int = 1,
        files: Sequence[str] = (),
        path_form: str = "line_strp",
        siblings: bool = False,
        **root: Value,
    ) -> None:
        self.dies = list(dies)
        self.version = version
        self.offset_size = offset_size
        self.kind = kind
        self.files = files
        self.path_form = path_form
        self.siblings = siblings
        self.root = root


def write(
    units: Sequence[Unit],
    symbols: Sequence[Symbol] = (),
    sections: Sequence[Section] = (),
    *,
    machine: str = "x86_64",
    relocations: bool = True,
    rela: bool | None = None,
    compress: str = "",
) -> bytes:
    """An object file. relocations: offsets are left to the linker, as compilers do; else the file is final, as
    after linking. compress: "zlib", "zstd" or "gnu", for all debug sections."""
    debug = _Dwarf(units, machine).sections()
    mentioned = {r.symbol for s in debug for r in s.relocations}
    debug = [s for s in debug if s.data or s.name in mentioned]
    if not relocations:
        debug = [replace(with_addends(s, MACHINES[machine]), relocations=()) for s in debug]
    if compress:
        debug = [compressed(s, compress, machine) for s in debug]
    named = {s.section for s in symbols if isinstance(s.section, str)} - {s.name for s in sections}
    others = [*sections, *(Section(name, bytes(256)) for name in sorted(named))]
    return write_elf([*debug, *others], symbols, machine=machine, rela=rela, linked=not relocations)


def rules(*entries: tuple[str, ...], version: str = "1") -> Section:
    """A kABI rule section: entries are (type, target, value)."""
    fields = (field for entry in entries for field in (version, *entry))
    return Section(RULES, b"".join(field.encode("latin-1") + b"\0" for field in fields))


def exported(
    *exports: tuple[str, str, str], machine: str = "x86_64", defined: Collection[str] = ()
) -> tuple[Section, list[Symbol]]:
    """What EXPORT_SYMBOL leaves since Linux 6.5, for (name, licence, namespace), and the symbols that it refers to, but
    for those that the caller defines."""
    width = MACHINES[machine].bits // 8
    data, labels, references = b"", [], []
    for name, licence, namespace in exports:
        labels.append(Symbol(f"__export_symbol_{name}", ".export_symbol", len(data), binding=0))
        data += f"{licence}\0{namespace}\0".encode()
        data += bytes(-len(data) % width)
        references.append(Relocation(len(data), width, name))
        data += bytes(width)
    names = dict.fromkeys(name for name, *_ in exports if name not in defined)
    labels += [Symbol(name) for name in names]
    return Section(".export_symbol", data, relocations=tuple(references)), labels


_SIZES = {
    "addr": 0, "data1": 1, "data2": 2, "data4": 4, "data8": 8, "data16": 16, "flag": 1, "ref1": 1, "ref2": 2,
    "ref4": 4, "ref8": 8, "ref_sig8": 8, "strx1": 1, "strx2": 2, "strx3": 3, "strx4": 4, "addrx1": 1,
    "addrx2": 2, "addrx3": 3, "addrx4": 4,
}  # fmt: skip
_OFFSETS = {"strp": ".debug_str", "line_strp": ".debug_line_str", "ref_addr": ".debug_info"}
_SUPPLEMENTARY = frozenset({"strp_sup", "GNU_strp_alt", "GNU_ref_alt"})
_BLOCKS = {"block1": 1, "block2": 2, "block4": 4, "block": 0, "exprloc": 0}
_SECTIONS = {"stmt_list": ".debug_line", "str_offsets_base": ".debug_str_offsets"}


class _Dwarf:
    """The debug sections. DIEs are written twice: the first time to learn where each one is."""

    def __init__(self, units: Sequence[Unit], machine: str) -> None:
        self.machine = MACHINES[machine]
        self.units = units
        self.strings, self.line_strings = Pool(), Pool()
        self.indexed: list[str] = []
        self.lines = LineTables(self.machine, self.strings, self.line_strings)
        self.info = Output(".debug_info")
        self.abbrev = bytearray()
        self._unit_of: dict[Die, Unit] = {}
        self._offsets: dict[Die, int] = {}
        self._ends: dict[Die, int] = {}  # where the next sibling starts, from the unit's header
        self._starts: dict[Unit, int] = {}
        self._codes: dict[Unit, dict[tuple[object, ...], int]] = {unit: {} for unit in units}
        self._roots = {unit: self._root(unit) for unit in units}
        for unit in units:
            self._adopt(unit)

    def sections(self) -> list[Section]:
        for unit in self.units:
            self._write_unit(unit, 0)
        self.info = Output(".debug_info")
        for unit in self.units:
            at = len(self.abbrev)
            for shape, code in self._codes[unit].items():
                self.abbrev += uleb128(code) + b"".join(part for part in shape if isinstance(part, bytes))
            self.abbrev += b"\0"
            self._write_unit(unit, at)
        return [
            self.info.section(),
            Section(".debug_abbrev", bytes(self.abbrev)),
            Section(".debug_str", bytes(self.strings.data)),
            Section(".debug_line_str", bytes(self.line_strings.data)),
            self.lines.out.section(),
            self._string_offsets().section(),
        ]

    # --- units

    def _root(self, unit: Unit) -> Die:
        """The unit DIE."""
        root = die("partial_unit" if unit.kind == DW_UT_PARTIAL else "compile_unit", *unit.dies, **unit.root)
        if unit.files:
            root.attributes.append(("stmt_list", Form("sec_offset", self.lines.add(unit))))
        self._unit_of |= dict.fromkeys(_descendants([root]), unit)
        return root

    def _adopt(self, unit: Unit) -> None:
        """Put DIEs that are mentioned and stand nowhere at the end of the unit."""
        root = self._roots[unit]
        everything = list(_descendants([root]))
        for each in everything:
            for _, value in each.attributes:
                target = value.value if isinstance(value, Form) else value
                if isinstance(target, Die) and target not in self._unit_of:
                    root.children.append(target)
                    new = list(_descendants([target]))
                    self._unit_of |= dict.fromkeys(new, unit)
                    everything += new
        forms = {v.name for each in everything for _, v in each.attributes if isinstance(v, Form)}
        if any(form.startswith("strx") for form in forms):
            base = 8 if unit.offset_size == 4 else 16
            root.attributes.insert(0, ("str_offsets_base", Form("sec_offset", base)))

    def _write_unit(self, unit: Unit, abbreviations: int) -> None:
        out, order = self.info, self.machine.order
        self._starts[unit] = len(out.data)
        out.data += struct.pack(f"{order}I", 0) if unit.offset_size == 4 else struct.pack(f"{order}IQ", 0, 0)
        first = len(out.data)
        out.data += struct.pack(f"{order}H", unit.version)
        if unit.version >= 5:
            out.data += bytes([unit.kind, self.machine.bits // 8])
            out.offset(".debug_abbrev", abbreviations, unit.offset_size)
            out.data += bytes(
                {4: 8, 5: 8, 2: 8 + unit.offset_size, 6: 8 + unit.offset_size}.get(unit.kind, 0)
            )
        else:
            out.offset(".debug_abbrev", abbreviations, unit.offset_size)
            out.data.append(self.machine.bits // 8)
        self._write_die(self._roots[unit], unit)
        length = len(out.data) - first
        header = struct.pack(f"{order}I", length)
        if unit.offset_size == 8:
            header = struct.pack(f"{order}IQ", 0xFFFFFFFF, length)
        out.data[self._starts[unit] : first] = header

    def _string_offsets(self) -> Output:
        out = Output(".debug_str_offsets")
        if not self.indexed:
            return out
        size = self.units[0].offset_size
        length = 4 + size * len(self.indexed)
        order = self.machine.order
        out.data += (
            struct.pack(f"{order}I", length) if size == 4 else struct.pack(f"{order}IQ", 0xFFFFFFFF, length)
        )
        out.data += struct.pack(f"{order}HH", 5, 0)
        for text in self.indexed:
            out.offset(".debug_str", self.strings.offsets[text], size)
        return out

    # --- DIEs

    def _write_die(self, each: Die, unit: Unit) -> None:
        out = self.info
        self._offsets[each] = len(out.data)
        attributes = [
            (name, _formed(value, self._is_elsewhere(value, unit))) for name, value in each.attributes
        ]
        if unit.siblings and each.children and each is not self._roots[unit]:
            attributes.insert(0, ("sibling", Form("ref4", self._ends.get(each, 0))))
        out.data += uleb128(self._code(each, unit, attributes))
        for name, form in attributes:
            if form.indirect:
                out.data += uleb128(ENUM_DW_FORM[f"DW_FORM_{form.name}"])
            self._write_value(name, form, unit)
        if each.children:
            for child in each.children:
                self._write_die(child, unit)
            out.data.append(0)
        self._ends[each] = len(out.data) - self._starts[unit]

    def _is_elsewhere(self, value: Value, unit: Unit) -> bool:
        return isinstance(value, Die) and self._unit_of[value] is not unit

    def _code(self, each: Die, unit: Unit, attributes: list[tuple[str, Form]]) -> int:
        parts = [uleb128(ENUM_DW_TAG[f"DW_TAG_{each.tag}"]), bytes([bool(each.children)])]
        for name, form in attributes:
            number = ENUM_DW_FORM["DW_FORM_indirect" if form.indirect else f"DW_FORM_{form.name}"]
            parts.append(uleb128(ENUM_DW_AT[f"DW_AT_{name}"]) + uleb128(number))
            if form.name == "implicit_const" and isinstance(form.value, int):
                parts.append(sleb128(form.value))
        shape = (*parts, b"\0\0")
        codes = self._codes[unit]
        return codes.setdefault(shape, len(codes) + 1)

    def _write_value(self, name: str, form: Form, unit: Unit) -> None:
        out, value, kind = self.info, form.value, form.name
        if isinstance(value, Die):
            target = self._offsets.get(value, 0)
            value = target if kind == "ref_addr" else target - self._starts[self._unit_of[value]]
            value = max(value, 0)
        elif isinstance(value, str) and kind != "string":
            value = self._string(kind, value)
        if kind in _OFFSETS or kind == "sec_offset":
            assert isinstance(value, int)
            target_section = _SECTIONS.get(name, ".debug_info") if kind == "sec_offset" else _OFFSETS[kind]
            out.offset(target_section, value, unit.offset_size)
        elif kind in _SUPPLEMENTARY:
            assert isinstance(value, int)
            out.data += self._number(value, unit.offset_size)
        else:
            out.data += self._plain(kind, value)

    def _string(self, kind: str, text: str) -> int:
        if kind == "line_strp":
            return self.line_strings.add(text)
        offset = self.strings.add(text)
        if not kind.startswith("strx"):
            return offset
        if text not in self.indexed:
            self.indexed.append(text)
        return self.indexed.index(text)

    def _plain(self, kind: str, value: str | int | bytes) -> bytes:
        if isinstance(value, str):
            return value.encode("latin-1") + b"\0"
        if isinstance(value, bytes):
            width = _BLOCKS[kind]
            return (self._number(len(value), width) if width else uleb128(len(value))) + value
        if kind in ("flag_present", "implicit_const"):
            return b""
        if kind == "sdata":
            return sleb128(value)
        if kind in _SIZES:
            return self._number(value, _SIZES[kind] or self.machine.bits // 8)
        return uleb128(value, 5 if kind == "ref_udata" else 0)

    def _number(self, value: int, size: int) -> bytes:
        return (value & ((1 << 8 * size) - 1)).to_bytes(size, "little" if self.machine.little else "big")


def _formed(value: Value, elsewhere: bool) -> Form:
    if isinstance(value, Form):
        return value
    if isinstance(value, Die):
        return Form("ref_addr" if elsewhere else "ref4", value)
    if isinstance(value, bool):
        return Form("flag_present", 1) if value else Form("flag", 0)
    if isinstance(value, int):
        return Form("sdata" if value < 0 else "udata", value)
    return Form("strp" if isinstance(value, str) else "exprloc", value)


def _descendants(dies: list[Die]) -> Iterator[Die]:
    """DIEs with all that they contain."""
    for each in dies:
        yield each
        yield from _descendants(each.children)
