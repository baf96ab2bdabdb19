"""The code that is generated for a DIE, for whoever changes it or wants to know what a type string was made by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import uleb128
from kabicheck.dwarf.reads import NotGenerated
from kabicheck.symver import decoders
from kabicheck.symver.decoded_unit import layout_of
from kabicheck.symver.dies import Dies
from kabicheck.symver.grammar import CONTAINERS, MODIFIERS, PREFIXES
from kabicheck.symver.scope import SCOPES, SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.symver.decoded_unit import Role

_WRITTEN_OUT = frozenset({dw.TAG_BASE, dw.TAG_ARRAY, dw.TAG_SUBROUTINE, dw.TAG_UNSPECIFIED})

# Each role with the tags of the DIEs that it is for; None for all.
ROLES: tuple[tuple[Role, Collection[int] | None], ...] = (
    (decoders.member, {dw.TAG_MEMBER}),
    (decoders.stable_member, {dw.TAG_MEMBER}),
    (decoders.parameter, {dw.TAG_FORMAL_PARAMETER}),
    (decoders.stable_parameter, {dw.TAG_FORMAL_PARAMETER}),
    (decoders.enumerator, {dw.TAG_ENUMERATOR}),
    (decoders.subrange, {dw.TAG_SUBRANGE}),
    (decoders.variant_part, {dw.TAG_VARIANT_PART}),
    (decoders.variant, {dw.TAG_VARIANT}),
    (decoders.type_text, {*PREFIXES, *MODIFIERS, *_WRITTEN_OUT}),
    (decoders.own_text, {*CONTAINERS, dw.TAG_TYPEDEF}),
    (decoders.symbol, SYMBOLS),
    (decoders.symbol_text, {*SYMBOLS, dw.TAG_SUBROUTINE, dw.TAG_POINTER}),
    (decoders.scope, SCOPES),
    (decoders.behind, None),
)

_TAGS = {code: name for name, code in vars(dw).items() if name.startswith("TAG_")}
_ATTRIBUTES = {code: name for name, code in vars(dw).items() if name.startswith("AT_")}
_FORMS = {code: name for name, code in vars(dw).items() if name.startswith("FORM_")}


def decoder_sources(info: DebugInfo, offset: int) -> str:
    """The functions that read a DIE, one for each role that DIEs of its abbreviation can have.

    offset: of the DIE, in .debug_info. Raises ObjectError where no DIE can be read there.
    """
    unit = _unit_with_die(info, offset)
    code, _ = uleb128(info.data, offset)
    shape, layout = unit.abbreviations[code], layout_of(info, unit)
    found = [f"# abbreviation {code}: {_described(shape)}\n"]
    for role, tags in ROLES:
        if tags is None or shape.tag in tags:
            try:
                found.append(role(shape, layout).source(role.__name__))
            except NotGenerated:
                found.append(f"# {role.__name__}: none; the careful reader reads such DIEs\n")
    return "\n".join(found)


def _unit_with_die(info: DebugInfo, offset: int) -> Unit:
    """The unit in which a DIE begins at an offset: all DIEs of a unit stand one behind the other."""
    reader = Dies(info).reader(offset)
    at, found = reader.unit.root, None
    while at <= offset < reader.unit.end:
        found = reader.read(at)
        if at == offset:
            break
        at = found.first if found is not None else at + 1
    if at != offset or found is None:
        raise info.error(offset, "no entry begins here")
    return reader.unit


def _described(shape: Abbreviation) -> str:
    words = [
        _TAGS.get(shape.tag, f"{shape.tag:#x}"),
        "with children" if shape.children else "without children",
    ]
    for attribute, form, constant in shape.attributes:
        value = f" {constant}" if form == dw.FORM_IMPLICIT_CONST else ""
        words.append(
            f"{_ATTRIBUTES.get(attribute, f'AT {attribute:#x}')} {_FORMS.get(form, f'form {form:#x}')}{value}"
        )
    return ", ".join(words)
