"""genksyms' type strings, which are the words of C without sizes and offsets: shown as C, and what differs in them.

    struct node { s#node * next ; t#u32 flags : 3 ; int ( * visit ) ( s#foo * , ... ) ; }

becomes

    struct node {
            struct node *next;
            u32 flags : 3;
            int (*visit)(struct foo *, ...);
    };

Nothing is said of a layout that the text does not tell: any difference but a definition that came into sight or went
out of it counts as one of the layout.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate
from kabicheck.compare.lines import Line
from kabicheck.compare.render import spell_reference
from kabicheck.formats.symtypes import is_c, is_reference, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNKNOWN = ["{", "UNKNOWN", "}"]
# What genksyms says instead of the value of an enumerator that it did not see.
ENUM_CONSTANT = ["enum", "constant"]
_KEYWORDS = ("struct", "union", "enum")
_LONGEST = 100
_NO_SPACE_BEFORE = frozenset({",", ";", ")", "]", "[", "..."})
_NO_SPACE_AFTER = frozenset({"(", "[", "*"})


def c_lines(text: str) -> list[Line]:
    """A type string of genksyms as lines of C."""
    lines: list[Line] = []
    depth = 0
    pending: list[str] = []
    # Whether each open block is an enumeration, whose commas end lines.
    blocks: list[bool] = []
    nested = 0

    def flush(end: str = "") -> None:
        if pending:
            lines.extend(_wrapped(depth, pending, end))
            pending.clear()

    found = [spell_reference(word) if is_reference(word) else word for word in words(text)]
    for word in found:
        if word == "{":
            is_enum = "enum" in pending
            pending.append("{")
            flush()
            blocks.append(is_enum)
            depth += 1
        elif word == "}":
            flush("," if blocks and blocks[-1] else "")
            depth = max(depth - 1, 0)
            if blocks:
                blocks.pop()
            pending.append("}")
        elif word == ";":
            pending.append(";")
            flush()
        elif word == "," and not nested and blocks and blocks[-1]:
            flush(",")
        else:
            nested += (word in "([") - (word in ")]")
            pending.append(word)
    flush("" if pending[-1:] == [";"] else ";")
    return lines


def is_c_function(name: str, text: str) -> bool:
    """Whether genksyms' type string of an export is that of a function: `int name ( … )`."""
    return is_c(text) and f" {name} (" in text


def is_enumerator(name: str) -> bool:
    """Whether a name is genksyms' reference of an enumerator: `E#BLUE`."""
    return name.startswith("E#")


def c_difference(old: str, new: str, name: str = "") -> str:
    """What differs between two type strings of genksyms, in a few words; "" where one of them is no such string.

    name: the type reference or export that they belong to, where it is known. An enumeration whose enumerators count on
    from an expression gives each of them a string, `E#BLUE ( 5 ) + 1` (add_symbol() of scripts/genksyms/genksyms.c).
    """
    if not (is_c(old) and is_c(new)):
        return ""
    if is_enumerator(name):
        return "enumerator value changed"
    kind, new_kind = _kind(old), _kind(new)
    if not kind or kind != new_kind:
        return "" if kind or new_kind else _of_signatures(old, new, name)
    old_members, new_members = Counter(_members(old)), Counter(_members(new))
    removed, added = (old_members - new_members).total(), (new_members - old_members).total()
    changed = min(removed, added)
    noun = "enumerator" if kind == "enum" else "member"
    phrases = (
        _counted(changed, noun, "changed"),
        _counted(added - changed, noun, "added"),
        _counted(removed - changed, noun, "removed"),
    )
    return ", ".join(filter(None, phrases)) or f"order of {noun}s changed"


def hidden(old: str, new: str) -> tuple[Aggregate, Aggregate] | None:
    """The declarations of two strings of which one says of its type only that there is one; else None."""
    unknown = [words(text)[-3:] == UNKNOWN and words(text)[:2] != ENUM_CONSTANT for text in (old, new)]
    if not (is_c(old) and is_c(new)) or unknown[0] == unknown[1]:
        return None
    first, second = (
        Aggregate(_kind(text), "", (), None if less else 0)
        for text, less in zip((old, new), unknown, strict=True)
    )
    return first, second


def _of_signatures(old: str, new: str, name: str) -> str:
    old_words, new_words = words(old), words(new)
    if old_words[:1] == new_words[:1] == ["typedef"]:
        return "type changed"
    if name and not (is_reference(name) or is_c_function(name, old) or is_c_function(name, new)):
        return "variable type changed"
    if "(" not in old_words or "(" not in new_words:
        return ""
    result = old_words[: old_words.index("(")] != new_words[: new_words.index("(")]
    parameters = old_words[old_words.index("(") :] != new_words[new_words.index("(") :]
    return ", ".join(["return type changed"] * result + ["parameters changed"] * parameters)


def _kind(text: str) -> str:
    """struct, union or enum, of a string that defines one; else ""."""
    first = words(text)[:3]
    return first[0] if first[:1] and first[0] in _KEYWORDS and "{" in first[1:] else ""


def _members(text: str) -> Iterator[str]:
    """The lines of a definition that are members or enumerators, or the parameters of one."""
    for line in c_lines(text)[1:-1]:
        if not line.text.endswith(("{", "(")) and line.text not in {"};", ");"}:
            yield line.code


def _counted(count: int, noun: str, verb: str) -> str:
    if not count:
        return ""
    return f"{noun} {verb}" if count == 1 else f"{count} {noun}s {verb}"


def _wrapped(depth: int, found: Sequence[str], end: str) -> Iterator[Line]:
    """One line, or where that is too long one for each parameter."""
    whole = f"{_spelled(found)}{end}"
    start, stop = _parameters(found)
    if len(whole) <= _LONGEST or start == stop:
        yield Line(depth, whole)
        return
    yield Line(depth, _spelled(found[:start]))
    nested, parameter = 0, []
    for word in found[start:stop]:
        nested += (word == "(") - (word == ")")
        parameter.append(word)
        if word == "," and not nested:
            yield Line(depth + 1, _spelled(parameter))
            parameter = []
    yield Line(depth + 1, _spelled(parameter))
    yield Line(depth, f"{_spelled(found[stop:])}{end}")


def _parameters(found: Sequence[str]) -> tuple[int, int]:
    """Where the words within the last pair of outer parentheses begin and end."""
    nested = start = stop = 0
    for place, word in enumerate(found):
        if word == "(":
            start = start if nested else place + 1
            nested += 1
        elif word == ")":
            nested -= 1
            stop = stop if nested else place
    return (start, stop) if start <= stop else (0, 0)


def _spelled(found: Sequence[str]) -> str:
    """Words with spaces where C has them."""
    text = ""
    for place, word in enumerate(found):
        previous = found[place - 1] if place else ""
        # `int (*f)(int)`, `void f(int)`: a list of parameters follows a name or a parenthesis without a space.
        opens_list = word == "(" and found[place + 1 : place + 2] != ["*"] and previous not in {"", "="}
        close = word in _NO_SPACE_BEFORE - {"..."} or previous in _NO_SPACE_AFTER or opens_list
        text += word if close or not text else f" {word}"
    return text
