"""kABI rules: what a distribution maps to something else before a version is calculated (kabi.c)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.formats.kabi_rules import (
    ALIGNMENT,
    BYTE_SIZE,
    DECLONLY,
    ENUMERATOR_IGNORE,
    ENUMERATOR_VALUE,
    MAX_VALUE,
    MEMBER_KINDS,
    TYPE_STRING,
)
from kabicheck.formats.symtypes import is_reference, referenced_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.elf.image import Image
    from kabicheck.formats.kabi_rules import KabiRule

SECTION = ".discard.gendwarfksyms.kabi_rules"
VERSION = "1"
MIN_ENTRY_SIZE = 2 + 2 + 1 + 1  # four strings, of which version and type are not empty
KINDS = frozenset({DECLONLY, ENUMERATOR_IGNORE, ENUMERATOR_VALUE, BYTE_SIZE, TYPE_STRING})

# What strtoul takes whole, in base 10; nothing at all is 0.
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?)([0-9]+)\Z", re.ASCII)


class Rules:
    """The rules that hold for one object: (type of rule, target) → value.

    `--stable` without any rule still obeys `__kabi_*` members, so "no rules" and "not stable" differ: the
    latter is None wherever rules are handed over.

    members: type's name → path of a member → the rule outside the source that hides or replaces it.
    used: the rules outside the source that something was found for.
    """

    def __init__(self, path: str, values: Mapping[tuple[str, str], str] | None = None) -> None:
        self.path = path
        self.values = dict(values or {})
        self.members: dict[str, dict[str, KabiRule]] = {}
        self.used: set[KabiRule] = set()
        self._outside: dict[tuple[str, str], KabiRule] = {}

    def __bool__(self) -> bool:
        return bool(self.values or self.members)

    def add(self, rules: Iterable[KabiRule]) -> None:
        """Add rules from outside the source, behind those of the object: of two for one target the last counts."""
        for rule in rules:
            if rule.rule in MEMBER_KINDS:
                self.members.setdefault(as_bytes(rule.owner), {})[as_bytes(rule.member)] = rule
            else:
                key = rule.rule, as_bytes(rule.target)
                self.values[key], self._outside[key] = as_bytes(rule.value), rule

    def about(self, name: str) -> tuple[str, ...]:
        """The rules for a type reference or an export in words, `declonly clk`; outside ones that did something."""
        fqn = referenced_name(name) if is_reference(name) else name
        own = [
            f"{kind} {target}"
            for kind, target in self.values
            if (target == name if kind == TYPE_STRING else fqn in {target, target.rpartition(" ")[0]})
            if (kind, target) not in self._outside or self._outside[kind, target] in self.used
        ]
        members = self.members.get(fqn, {}).values()
        return (*own, *(f"{rule.rule} {rule.target}" for rule in members if rule in self.used))

    def is_declonly(self, fqn: str) -> bool:
        """Whether a type counts as declared only (kabi_is_declonly)."""
        return bool(fqn) and self._value(DECLONLY, fqn) is not None

    def is_enumerator_ignored(self, fqn: str | None, field: str) -> bool:
        """kabi_is_enumerator_ignored: the target is "ENUM ENUMERATOR"."""
        return bool(fqn and field) and self._value(ENUMERATOR_IGNORE, f"{fqn} {field}") is not None

    def enumerator_value(self, fqn: str | None, field: str) -> int | None:
        """The value that stands in for an enumerator's own (kabi_get_enumerator_value)."""
        return self._number(ENUMERATOR_VALUE, f"{fqn} {field}") if fqn and field else None

    def byte_size(self, fqn: str | None) -> int | None:
        """The size that stands in for a type's own (kabi_get_byte_size)."""
        return self._number(BYTE_SIZE, fqn) if fqn else None

    def alignment(self, fqn: str | None) -> int | None:
        """The alignment that a structure or union is to say; only rules outside the source say one."""
        return self._number(ALIGNMENT, fqn) if fqn else None

    def type_string(self, name: str) -> str | None:
        """The type string that stands in for a type reference's or an export's own (kabi_get_type_string)."""
        return self._value(TYPE_STRING, name) if name else None

    def _value(self, kind: str, target: str) -> str | None:
        key = kind, target
        if key in self._outside:
            self.used.add(self._outside[key])
        return self.values.get(key)

    def _number(self, kind: str, target: str) -> int | None:
        value = self._value(kind, target)
        if value is None:
            return None
        match = _NUMBER.match(value)
        if value and (match is None or int(match[2]) > MAX_VALUE):
            raise ObjectError(self.path, f"invalid unsigned value '{value}'", section=SECTION)
        if match is None:
            return 0
        return (-int(match[2]) if match[1] == "-" else int(match[2])) & MAX_VALUE


def as_bytes(text: str) -> str:
    """Text from a file as names of the debug information are held here: a character for each byte."""
    return text.encode().decode("latin-1")


def read_rules(image: Image) -> Rules:
    """The rules of an object's rule section. Raises ObjectError where the C tool gives up (kabi_read_rules)."""
    section = image.section(SECTION)
    if section is None:
        return Rules(image.path)
    data = image.contents(section)

    def error(problem: str, at: int) -> ObjectError:
        return ObjectError(image.path, problem, section=SECTION, offset=at)

    if len(data) < MIN_ENTRY_SIZE:
        raise error(f"kABI rule section too small: {len(data)} bytes", 0)
    if data[-1] != 0:
        raise error("kABI rules are not null-terminated", len(data) - 1)
    values: dict[tuple[str, str], str] = {}
    at = 0
    while len(data) - at > MIN_ENTRY_SIZE:
        start, fields = at, list[str]()
        for _ in range(4):
            if at >= len(data):
                raise error("unexpected end of kABI rules", start)
            end = data.index(b"\0", at)
            fields.append(data[at:end].decode("latin-1"))
            at = end + 1
            if len(fields) == 1 and fields[0] != VERSION:
                raise error(f"unsupported kABI rule version: '{fields[0]}'", start)
            if len(fields) == 2 and fields[1] not in KINDS:
                raise error(f"unsupported kABI rule type: '{fields[1]}'", start)
        # The C tool adds rules at the head of a hash chain: of two for one target the last is found.
        values[fields[1], fields[2]] = fields[3]
    return Rules(image.path, values)
