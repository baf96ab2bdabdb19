"""The quick way under kABI rules (kabi.c), but for type strings, which `TypeStrings.overrides` puts in.

Rules are about named types, so they are applied where a named type's own string is made. What they leave out is not
read and so not reached, as in the walk.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kabicheck.dwarf import constants as dw
from kabicheck.formats.kabi_rules import (
    ALIGNMENT,
    BYTE_SIZE,
    DECLONLY,
    ENUMERATOR_IGNORE,
    ENUMERATOR_VALUE,
    MEMBER_IGNORE,
    split_type,
)
from kabicheck.symver.decoders import Made
from kabicheck.symver.grammar import ATTRIBUTES, CONTAINERS, MARK, MODIFIERS, PARAMETER
from kabicheck.symver.kabi_members import location
from kabicheck.symver.names import checked_name
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.rules import as_bytes
from kabicheck.symver.stable import StableTexts, old_name
from kabicheck.symver.types import MAX_TEXT

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.symver.decoders import Decoder
    from kabicheck.symver.rules import Rules

_SIZE = re.compile(r" byte_size\([0-9]+\)")


class RuledTexts(StableTexts):
    """The types of one unit as `--stable` has them under rules."""

    def __init__(self, *arguments: Any, rules: Rules, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._rules = rules
        self._ruled = _ruled(rules)
        self._resized = {target for kind, target in rules.values if kind == BYTE_SIZE}
        self._enumeration = ""  # whose enumerators are read
        self._members_ruled: frozenset[int] = frozenset()  # the members with rules of the type that is read
        self._all_members = self.decoded.bindings["members"]
        self._all_enumerators = self.decoded.bindings["enumerators"]
        self.decoded.bindings["members"] = self._list_members
        self.decoded.bindings["enumerators"] = self._list_enumerators
        plain = self._owns
        self._owns = Made(lambda code: self._make_own(code, plain[code]))

    def _make_type(self, code: int, plain: Decoder) -> Decoder:
        tag = self.decoded.shape(code).tag
        if self._resized and tag == dw.TAG_BASE:
            return lambda position, offset: self._base(plain(position, offset))
        if self._resized and tag in MODIFIERS and tag != dw.TAG_TYPEDEF:
            return lambda position, offset: self._modifier(plain(position, offset))
        return super()._make_type(code, plain)

    def _make_own(self, code: int, plain: Decoder) -> Decoder:
        ruled = self._ruled
        return lambda position, name: (
            self._own_ruled(code, plain, position, name) if name in ruled else plain(position, name)
        )

    def _own_ruled(self, code: int, plain: Decoder, position: int, name: str) -> str:
        """A named type's own string where a rule may be about it. name: " NAME" with its scopes."""
        tag, fqn = self.decoded.shape(code).tag, name[1:]
        if tag == dw.TAG_TYPEDEF and fqn in self._rules.members:
            raise NotProven("a rule for a member of an unnamed structure")
        if tag in CONTAINERS:
            die = self._die_before(code, position)
            if not self.reader.flag(die, dw.AT_DECLARATION):
                if self._rules.is_declonly(fqn):
                    return f"{CONTAINERS[tag]}{name} {{ }}"
                self._members_ruled = self._enter(die, fqn)
            self._enumeration = fqn if tag == dw.TAG_ENUMERATION else ""
        text: str = plain(position, name)
        self._enumeration, self._members_ruled = "", frozenset()
        head, brace, sizes = text.rpartition("}")
        sizes = self._sized(sizes, fqn)
        return f"{head}{brace}{self._aligned(sizes, fqn) if tag in CONTAINERS else sizes}"

    def _die_before(self, code: int, position: int) -> Die:
        """The DIE whose own fields begin at position."""
        at = position - max(1, -(-code.bit_length() // 7))
        die = self.reader.read(self.unit.start + at)
        if die is None or self.decoded.code(at) != (code, position):
            raise NotProven("an abbreviation's code that is longer than it needs to be")
        return die

    # --- sizes -------------------------------------------------------------------------------------

    def _sized(self, sizes: str, fqn: str) -> str:
        """process_byte_size_attr. sizes: all from the size on, if there is one."""
        if not (size := _SIZE.match(sizes)):
            return sizes
        value = self._rules.byte_size(fqn)
        return sizes if value is None else f" byte_size({value}){sizes[size.end() :]}"

    def _aligned(self, sizes: str, fqn: str) -> str:
        """The size, and the alignment that a rule outside the source says."""
        value = self._rules.alignment(fqn)
        size = _SIZE.match(sizes)
        return sizes if value is None or size is None else f"{size[0]} alignment({value})"

    def _base(self, text: str) -> str:
        sizes = list(_SIZE.finditer(text))
        if len(sizes) != 1:
            if sizes:
                raise NotProven("a base type's name that looks like a size")
            return text
        at = sizes[0].start()
        return text[:at] + self._sized(text[at:], text[:at].removeprefix("base_type").removeprefix(" "))

    def _modifier(self, text: str) -> str:
        name = text.partition(" {")[0].partition(" ")[2]
        if name in self._resized:
            raise NotProven("the size of a pointer with a name")  # as Rust has them
        return text

    # --- enumerators -------------------------------------------------------------------------------

    def _list_enumerators(self, position: int) -> list[str]:
        items: list[str] = self._all_enumerators(position)
        if not (self._enumeration and items):
            return items
        # Where all are ignored, the line breaks around them stay (types.c: __type_expand).
        return [text for item in items if (text := self._enumerator(item))] or [""]

    def _enumerator(self, text: str) -> str:
        """process_enumerator_type: nothing for one that is ignored."""
        name = text.removeprefix("enumerator").removeprefix(" ").partition(" = ")[0]
        if " " in name:
            raise NotProven("an enumerator's name with spaces")
        if self._rules.is_enumerator_ignored(self._enumeration, name):
            return ""
        value = self._rules.enumerator_value(self._enumeration, name)
        return text if value is None else f"enumerator {name} = {value}"

    # --- members, which only rules outside the source are about --------------------------------------

    def _enter(self, die: Die, fqn: str) -> frozenset[int]:
        """See `KabiMembers.enter`. What is defined in a .c file has no members."""
        file = self.reader.number(die, dw.AT_DECL_FILE)
        if fqn not in self._rules.members or (file is not None and self._private[file]):
            return frozenset()
        found = self._kabi.enter(die, fqn)
        if not found <= {child.offset for child in self.reader.children(die)}:
            raise NotProven("a rule for a member of an unnamed structure")
        return frozenset(found)

    def _list_members(self, position: int) -> list[str]:
        if not self._members_ruled:
            every: list[str] = self._all_members(position)
            return every
        found: list[str] = []
        while self.data[position]:
            at = self.unit.start + position
            code, position = self.decoded.code(position)
            die = self.reader.read(at) if at in self._members_ruled else None
            rule = self._kabi.outside(die) if die is not None else None
            if die is None or rule is None:
                position = self._members[code](position, found.append)
                continue
            if rule.rule != MEMBER_IGNORE:
                found.append(self._placeholder(die, rule))
            position = self.outline.behind(code, position)
            if sum(map(len, found)) > MAX_TEXT:
                raise NotProven("long members")
        return self._without_marks(found)

    def _placeholder(self, die: Die, rule: KabiRule) -> str:
        """What the union of KABI_USE or KABI_REPLACE makes of a member: the type that was there before."""
        if dw.AT_TYPE not in die.attributes or MARK in rule.value or PARAMETER in rule.value:
            raise NotProven("a rule for a member that can have none")
        text = "member "
        for words, reference in split_type(as_bytes(rule.value)):
            inner = self._kabi.named(die, reference) if reference else None
            text += words
            if inner is not None:
                if rule.name and not self.is_plain(inner):
                    raise NotProven("a placeholder that may forget a name")
                text += self[inner.offset - self.unit.start]
            elif reference:
                text += f"{MARK}{reference}{MARK}"  # which may have a type_string rule
        if rule.name:
            text += f"{old_name(die.offset)} {checked_name(as_bytes(rule.name))}"
        accessibility = self.reader.number(die, dw.AT_ACCESSIBILITY)
        if accessibility is not None:
            text += f" {ATTRIBUTES[dw.AT_ACCESSIBILITY]}({accessibility})"
        return text + location(self.reader, die)


def _ruled(rules: Rules) -> frozenset[str]:
    """The names, each with a space before it, of the types whose own strings rules may be about."""
    names = set(rules.members)
    for kind, target in rules.values:
        if kind in (DECLONLY, BYTE_SIZE, ALIGNMENT):
            names.add(target)
        elif kind in (ENUMERATOR_IGNORE, ENUMERATOR_VALUE):
            words = target.split(" ")
            names.update(" ".join(words[:n]) for n in range(1, len(words)))
    return frozenset(f" {name}" for name in names if name)
