"""`[[kabi]]` tables: kABI rules that stand in a file of their own, not in the source.

    [[kabi]]
    rule = "enumerator_ignore"      a rule of gendwarfksyms (scripts/gendwarfksyms/kabi.c), as its section has it:
    target = "irq_mode IRQ_POLLED"  the type's name, for enumerators with theirs behind it

    [[kabi]]
    rule = "member_replace"         what the macros of scripts/gendwarfksyms/examples/kabi.h do to members
    target = "foo u.count"          the type's name and the member's; `u.` for one of an unnamed structure in `u`
    name = "old_count"
    value = "base_type int byte_size(4) encoding(5)"

`alignment` is ours too: what KABI_USE_ARRAY keeps, the `__aligned(8)` that KABI_RESERVE_ARRAY gives to a structure.

`read_rules` and `write_rules` are each other's inverse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from kabicheck import tables
from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kabicheck.tables import Reader

LIMIT = 4 << 20  # bytes of a file of rules
MAX_VALUE = (1 << 64) - 1

DECLONLY = "declonly"
ENUMERATOR_IGNORE = "enumerator_ignore"
ENUMERATOR_VALUE = "enumerator_value"
BYTE_SIZE = "byte_size"
ALIGNMENT = "alignment"
TYPE_STRING = "type_string"
MEMBER_IGNORE = "member_ignore"
MEMBER_USE = "member_use"
MEMBER_REPLACE = "member_replace"


class _Kind(NamedTuple):
    """What a rule needs.

    member: Whether its target is a type and something in it.
    value: What its value is, None for a rule without one.
    name: Whether it has a name.
    """

    member: bool = False
    value: type | None = None
    name: bool = False


KINDS = {
    DECLONLY: _Kind(),
    ENUMERATOR_IGNORE: _Kind(member=True),
    ENUMERATOR_VALUE: _Kind(member=True, value=int),
    BYTE_SIZE: _Kind(value=int),
    ALIGNMENT: _Kind(value=int),
    TYPE_STRING: _Kind(value=str),
    MEMBER_IGNORE: _Kind(member=True),
    MEMBER_USE: _Kind(member=True, value=str),
    MEMBER_REPLACE: _Kind(member=True, value=str, name=True),
}
MEMBER_KINDS = frozenset({MEMBER_IGNORE, MEMBER_USE, MEMBER_REPLACE})

# type_parse() of scripts/gendwarfksyms/types.c: a reference in a rule's type string
REFERENCE = re.compile(r"([suet])#(?:'([^']*)('?)|([^ ]*))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class KabiRule:
    """One rule.

    rule: One of KINDS.
    target: The type's name, with that of an enumerator or a member behind it where the rule is about one.
    value: A number in decimal, or a type string; "" for rules without one.
    name: A replaced member's old name, "" for other rules.
    objects: Patterns of the objects that it is for ("lib/*.o"), all without one. A macro in a `.c` file is for one
        object, too, and a macro in a header for all that include it.
    reason: Why somebody wrote it, "" where that is not said.
    place: File and table, for errors.
    """

    rule: str
    target: str
    value: str = ""
    name: str = ""
    objects: tuple[str, ...] = ()
    reason: str = ""
    place: str = field(default="", compare=False)

    @property
    def owner(self) -> str:
        """The name of the type that the rule is about; for a type_string rule the reference or export."""
        return self.target.rpartition(" ")[0] if KINDS[self.rule].member else self.target

    @property
    def member(self) -> str:
        """The enumerator or the member's path in its type, "" for rules that are about neither."""
        return self.target.rpartition(" ")[2] if KINDS[self.rule].member else ""

    def covers(self, path: str) -> bool:
        """Whether it is for the object of that path."""
        return not self.objects or any(fnmatchcase(path, pattern) for pattern in self.objects)

    def __str__(self) -> str:
        return f"{self.place}: {self.rule} {self.target}".removeprefix(": ")


def read_rules(path: Path) -> tuple[KabiRule, ...]:
    """The rules in a file that holds nothing else. Raises UsageError."""
    content = tables.parse_tables(tables.read_bounded(path, LIMIT), str(path), LIMIT)
    tables.refuse_unknown(content, ("kabi",), str(path))
    return parse_rules(content.get("kabi", []), str(path))


def parse_rules(value: object, name: str) -> tuple[KabiRule, ...]:
    """The rules of `[[kabi]]` tables. name: of the file, for errors. Raises UsageError."""
    rules: list[KabiRule] = []
    seen: dict[tuple[object, ...], str] = {}
    for heading, table in tables.array_of_tables(value, name, "kabi"):
        rule = _rule(table, name, heading)
        key = (rule.rule, rule.target, rule.objects)
        if key in seen:
            raise UsageError(f"{name}: {heading}: the same rule, target and objects as {seen[key]}")
        seen[key] = heading
        rules.append(rule)
    return tuple(rules)


def write_rules(rules: Iterable[KabiRule]) -> str:
    """Rules as `[[kabi]]` tables."""
    return "\n".join("".join(f"{line}\n" for line in _table(rule)) for rule in rules)


def split_type(text: str) -> Iterator[tuple[str, str]]:
    """A rule's type string as text and the reference that follows it, "" behind the last text."""
    end = 0
    for match in REFERENCE.finditer(text):
        yield text[end : match.start()], match[0]
        end = match.end()
    yield text[end:], ""


# --- reading -------------------------------------------------------------------------------------------


def _rule(table: object, name: str, heading: str) -> KabiRule:
    required = ["rule", "target"]
    if isinstance(table, dict) and isinstance(table.get("rule"), str):
        kind = KINDS.get(table["rule"], _Kind())
        required += ["value"] * (kind.value is not None) + ["name"] * kind.name
    values = tables.read_table(table, _READERS, name, heading, required)
    kind = KINDS[values["rule"]]
    for key in ("value", "name"):
        if key in values and key not in required:
            raise UsageError(f"{name}: {heading}: {values['rule']} takes no {key}")
    if kind.member and not all(values["target"].rpartition(" ")[::2]):
        what = "enumerator" if values["rule"].startswith("enumerator") else "member"
        raise UsageError(
            f"{name}: {heading}: target must be the type's name and the {what}'s, \"TYPE {what.upper()}\", "
            f"not {tables.shown(values['target'])}"
        )
    if kind.value is not None:
        place = f"{name}: {heading}: value"
        values["value"] = tables.read_value(values["value"], _number if kind.value is int else _type, place)
    return replace(KabiRule(**values), place=f"{name}: {heading}")


def _number(value: object) -> str:
    return str(tables.whole(0, MAX_VALUE, "of up to 64 bits")(value))


def _type(value: object) -> str:
    text = tables.text(value)
    for match in REFERENCE.finditer(text):
        _, quoted, closing, plain = match.groups()
        if not (quoted or plain) or (quoted is not None and not closing):
            raise tables.Refused("a type string, with a whole name behind each s#, u#, e# and t#")
    return text


_READERS: dict[str, Reader] = {
    "rule": tables.one_of(tuple(KINDS)),
    "target": tables.text,
    "value": lambda value: value,
    "name": tables.text,
    "objects": tables.strings,
    "reason": tables.text,
}


# --- writing -------------------------------------------------------------------------------------------


def _table(rule: KabiRule) -> Iterator[str]:
    yield "[[kabi]]"
    yield f"rule = {_quoted(rule.rule)}"
    yield f"target = {_quoted(rule.target)}"
    if rule.name:
        yield f"name = {_quoted(rule.name)}"
    kind = KINDS[rule.rule].value
    if kind is not None:
        yield f"value = {rule.value if kind is int else _quoted(rule.value)}"
    if rule.objects:
        yield f"objects = [{', '.join(map(_quoted, rule.objects))}]"
    if rule.reason:
        yield f"reason = {_quoted(rule.reason)}"


def _quoted(text: str) -> str:
    """A basic string; what readers accept has no control characters."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
