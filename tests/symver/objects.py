"""Small objects, versioned both ways: by the exact walk, and quickly where that is provably equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError
from kabicheck.symver import engine
from kabicheck.symver.grammar import MARK
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.rules import read_rules
from kabicheck.symver.symbols import State
from kabicheck.symver.texts import UNREADABLE
from tests.dwarf_writer import Die, Unit, die, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.symver.engine import Versioned
    from kabicheck.symver.symbols import Symbols
    from tests.elf_writer import Section, Symbol

INT = die("base_type", name="int", byte_size=4, encoding=5)
INT_TEXT = "base_type int byte_size(4) encoding(5)"


class Answer(NamedTuple):
    """What was found. types: as in a symtypes file; expanded: what CRCs are calculated from, not of aliases;
    proven: whether the quick way had an answer."""

    types: dict[str, str]
    versions: dict[str, int]
    expanded: dict[str, str]
    warnings: list[str]
    symbols: Symbols
    proven: bool


def version(
    *written: Die | Unit,
    names: Sequence[str] = ("v",),
    stable: bool = False,
    sections: Sequence[Section] = (),
    symbols: Sequence[Symbol] = (),
) -> Answer:
    """Version the names in an object with these DIEs, in one unit unless units are given."""
    units = [each for each in written if isinstance(each, Unit)]
    loose = [each for each in written if isinstance(each, Die)]
    content = write(units + ([Unit(*loose)] if loose else []), symbols, sections)
    return both_ways(Image("x.o", content), names, stable=stable)


def both_ways(
    image: Image, names: Sequence[str], *, stable: bool = False, kabi: Sequence[KabiRule] = ()
) -> Answer:
    """The exact walk's answer, after comparing it with the quick one's where there is one.

    Raises ObjectError where the exact walk does; then the quick way must not have an answer either.
    """
    info = DebugInfo(image)
    rules = read_rules(image) if stable else None
    if rules is not None:
        rules.add(kabi)
    used, refused = None, False
    try:
        quick = _answer(engine.quick(info, names, rules))
        used = set(rules.used) if rules is not None else None
    except (NotProven, *UNREADABLE):
        quick = None
    except ObjectError:
        quick, refused = None, True
    try:
        exact = _answer(engine.exact(info, names, rules))
    except ObjectError:
        assert quick is None, "answered quickly what the exact walk refuses"
        raise
    assert not refused, "refused what the exact walk answers"
    if quick is None:
        return exact
    assert quick.versions == exact.versions
    assert quick.types == exact.types
    assert quick.expanded == exact.expanded
    assert quick.warnings == exact.warnings
    assert used == (rules.used if rules is not None else None)
    return quick._replace(proven=True)


def _answer(found: Versioned) -> Answer:
    strings = found.strings
    types = {**strings.named, **strings.all_symbols()}
    return Answer(
        {name: types[name].replace(MARK, "") for name in sorted(types)},
        {symbol.name: symbol.crc for symbol in found.symbols if symbol.state is State.PROCESSED},
        {name: found.versions.text(name) for name in strings.symbols},
        [*found.symbols.warnings, *strings.warnings],
        found.symbols,
        proven=False,
    )
