"""A report as JSON: what `-o json` writes, and what is read back of an earlier run.

The names are those of `kabicheck.model`, whose Report and Comparison make up the outermost object; docs/json.md
describes it, report.schema.json beside this file is its JSON Schema. Properties that only save a reader work are
written, and skipped when it is read. All that is not ASCII is escaped, so that the document is safe on a terminal.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from kabicheck import __version__, model
from kabicheck.errors import ObjectError
from kabicheck.formats.bounded import read_bytes
from kabicheck.model import Cause, Comparison, Hidden, Report

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "kabicheck report"
# Raised when a reader of the former version would go wrong; new members do not raise it.
VERSION = 1
MAX_FILE_SIZE = 1 << 30

_DERIVED: Mapping[type, tuple[str, ...]] = {
    Cause: ("severity",),
    Comparison: ("compared",),
    Hidden: ("severity",),
}

# What the Report around a comparison says of it, what only the pipeline knows, and what is printed behind reports.
_LEFT_OUT: Mapping[type, frozenset[str]] = {
    Comparison: frozenset({"notes", "toolchain", "ruled", "attribution", "failed"}),
    Report: frozenset({"suggestions"}),
}


def write_report(report: Report) -> str:
    """The document. Every change, cause and unchanged export has a line of its own."""
    members = {"format": FORMAT, "version": VERSION, "kabicheck": __version__, **_plain(report)}
    members |= members.pop("comparison")
    lines = (f"{_dumped(name)}: {_spread(value)}" for name, value in members.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_report(path: Path) -> Report:
    """The report in a file. Raises ObjectError."""
    return parse_report(read_bytes(path, MAX_FILE_SIZE, "a report"), path)


def parse_report(document: str | bytes, path: Path | str) -> Report:
    """Like `read_report`, from the file's content; `path` is for error messages."""
    try:
        members = json.loads(document, parse_constant=_no_number)
        if not isinstance(members, dict) or members.get("format") != FORMAT:
            raise ObjectError(path, "not a report of kabicheck", hint="kabicheck check -o json:FILE")
        if members.get("version") != VERSION:
            raise ObjectError(
                path, f"version {members.get('version')!r:.20} of the format; this is {VERSION}"
            )
        report: Report = _reader(Report)({**members, "comparison": members})
    except (ValueError, OverflowError, RecursionError) as error:
        raise ObjectError(path, f"a damaged report: {error}") from error
    return report


# --- writing ---------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Dataclasses as dictionaries, tuples as lists, all else as it is."""
    if is_dataclass(value):
        names = _written(type(value)) + list(_DERIVED.get(type(value), ()))
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _written(kind: Any) -> list[str]:
    """The fields of a dataclass that are in the document."""
    left_out = _LEFT_OUT.get(kind, frozenset())
    return [field.name for field in fields(kind) if field.name not in left_out]


def _spread(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_dumped, value)) + "\n]"
    if isinstance(value, dict) and value:
        return "{\n" + ",\n".join(f"{_dumped(key)}: {_dumped(item)}" for key, item in value.items()) + "\n}"
    return _dumped(value)


def _dumped(value: Any) -> str:
    # JSON lets DEL stand as it is.
    return json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f")


# --- reading ---------------------------------------------------------------------------------------


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of a type out of JSON, and raises ValueError for anything else."""
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    arguments = get_args(kind)
    if isinstance(kind, UnionType):
        (present,) = (_reader(argument) for argument in arguments if argument is not type(None))
        return lambda value: None if value is None else present(value)
    if get_origin(kind) is tuple:
        return _tuple_reader(arguments)
    if get_origin(kind) is Mapping:
        item = _reader(arguments[1])
        return lambda value: {key: item(each) for key, each in _checked(value, dict).items()}
    if issubclass(kind, StrEnum):
        return lambda value: kind(_checked(value, str))
    if kind is float:
        return _read_float
    return lambda value: _checked(value, kind)


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    # The model imports what it needs for annotations alone only for type checkers.
    hints = get_type_hints(kind, localns={**vars(model), "Mapping": Mapping})
    readers = [(name, _reader(hints[name])) for name in _written(kind)]
    needed = [field.name for field in fields(kind) if field.default is field.default_factory is MISSING]

    def read(value: Any) -> Any:
        members = _checked(value, dict)
        for name in needed:
            if name not in members:
                raise ValueError(f"{kind.__name__} without '{name}'")
        return kind(**{name: reader(members[name]) for name, reader in readers if name in members})

    return read


def _tuple_reader(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    if arguments[-1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda value: tuple(map(item, _checked(value, list)))
    items = [_reader(argument) for argument in arguments]

    def read(value: Any) -> Any:
        if len(_checked(value, list)) != len(items):
            raise ValueError(f"{len(value)} values instead of {len(items)}")
        return tuple(reader(each) for reader, each in zip(items, value, strict=True))

    return read


def _checked(value: Any, kind: type) -> Any:
    """True and false are no numbers here."""
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


def _read_float(value: Any) -> float:
    if type(value) is int:
        return float(value)
    if not math.isfinite(_checked(value, float)):
        raise ValueError("a number that is none")
    number: float = value
    return number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
