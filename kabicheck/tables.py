"""TOML tables read into typed values; what is wrong is said with the file, the table, the key and what is allowed."""

from __future__ import annotations

import json
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Reader = Callable[[object], object]


# tomllib keeps every beginning of a dotted key: one of 60 KB takes 4 GB. Ours have three parts.
MOST_PARTS = 16
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DEEP = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}")


class Refused(ValueError):
    """A value that is not allowed; the message says what is."""


def read_bounded(path: Path, limit: int) -> bytes:
    """The content of a regular file, one byte more than `limit` at most. Raises UsageError."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: not a regular file")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def parse_tables(data: bytes, name: str, limit: int) -> dict[str, Any]:
    """The tables in the text of a file of at most `limit` bytes. name: for errors. Raises UsageError."""
    if len(data) > limit:
        raise UsageError(f"{name}: larger than {limit >> 10} KiB, which no such file is")
    try:
        text = data.decode()
        if found := _DEEP.search(text):
            line = text.count("\n", 0, found.start()) + 1
            raise UsageError(f"{name}: not TOML: a key of more than {MOST_PARTS} parts (at line {line})")
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(f"{name}: not TOML: nested too deeply") from error
    except ValueError as error:  # what tomllib, the decoder and int() raise
        raise UsageError(f"{name}: not TOML: {error}") from error


def read_table(
    table: object, readers: Mapping[str, Reader], name: str, heading: str, required: Sequence[str] = ()
) -> dict[str, Any]:
    """The values that a table has, each as its key's reader gives it.

    Errors name the file `name` and the table `heading` ("[check]", "[[kabi]] 3"). Raises UsageError for a key that
    is unknown or missing and for a value that its reader refuses.
    """
    bare = heading.strip("[]")
    if not isinstance(table, dict):
        raise UsageError(f"{name}: {bare} must be a table, not {shown(table)}", hint=heading)
    refuse_unknown(table, tuple(readers), f"{name}: {heading}")
    for key in required:
        if key not in table:
            raise UsageError(f"{name}: {heading}: {key} is missing")
    values: dict[str, Any] = {}
    for key, value in table.items():
        place = f"{heading}: {key}" if heading.startswith("[[") else f"{bare}.{key}"
        values[key] = read_value(value, readers[key], f"{name}: {place}")
    return values


def read_value(value: object, reader: Reader, place: str) -> Any:
    """A single value. Raises UsageError."""
    try:
        return reader(value)
    except Refused as allowed:
        raise UsageError(f"{place} must be {allowed}, not {shown(value)}") from None


def array_of_tables(value: object, name: str, key: str) -> Iterator[tuple[str, object]]:
    """The tables of `[[key]]`, each with its heading for errors, counted from 1. Raises UsageError."""
    if not isinstance(value, list):
        raise UsageError(f"{name}: {key} must be an array of tables, not {shown(value)}", hint=f"[[{key}]]")
    for number, table in enumerate(value, 1):
        yield f"[[{key}]] {number}", table


def refuse_unknown(
    table: Mapping[str, object], known: Sequence[str], where: str, elsewhere: Mapping[str, str] | None = None
) -> None:
    """Raise UsageError for a key that is none of those known. elsewhere: key → the table that it belongs into."""
    for key in table:
        if key in known:
            continue
        near = get_close_matches(key[:60], known, 1)
        if near:
            hint = f"did you mean {near[0]}?"
        elif elsewhere and key in elsewhere:
            hint = f"it belongs into the table {elsewhere[key]}"
        else:
            hint = f"known: {', '.join(known)}"
        raise UsageError(f"{where}: unknown key {shown(key)}", hint=hint)


# --- readers: a value as it is wanted, or Refused ------------------------------------------------------


def string(value: object) -> str:
    """Any one line of text."""
    if not isinstance(value, str) or not value.isprintable():
        raise Refused("a string without control characters")
    return value


def text(value: object) -> str:
    """One line that says something."""
    if isinstance(value, str) and not value.strip():
        raise Refused("a string that is not empty")
    return string(value)


def strings(value: object) -> tuple[str, ...]:
    """Several lines that say something."""
    if not isinstance(value, list) or not all(
        isinstance(v, str) and v.strip() and v.isprintable() for v in value
    ):
        raise Refused("an array of strings without control characters, none of them empty")
    return tuple(value)


def path(value: object) -> Path:
    """A file's name."""
    return Path(text(value))


def paths(value: object) -> tuple[Path, ...]:
    """Names of files."""
    return tuple(map(Path, strings(value)))


def boolean(value: object) -> bool:
    """True or false, and nothing that counts as such."""
    if not isinstance(value, bool):
        raise Refused("true or false")
    return value


def whole(least: int, most: int, words: str = "") -> Callable[[object], int]:
    """A whole number in a range; words: the range in the error's words."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(f"a whole number {words or f'from {least} to {most}'}")
        return value

    return read


def one_of(allowed: Sequence[str]) -> Callable[[object], str]:
    """One of some words."""

    def read(value: object) -> str:
        if value not in allowed:
            raise Refused(f"one of {', '.join(allowed)}")
        return str(value)

    return read


def shown(value: object) -> str:
    """A value for an error message, bounded."""
    match value:
        case bool():
            return str(value).lower()
        case int() if abs(value) < 1 << 63:
            return str(value)
        case str():
            return json.dumps(value if len(value) <= 60 else value[:60] + "…", ensure_ascii=False)
        case list():
            return "this array"
        case dict():
            return "a table"
        case _:
            return f"this {type(value).__name__}"
