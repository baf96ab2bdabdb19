"""`kabicheck.toml`: what a tree says of how it is to be checked, read into typed settings.

Whoever adds a setting adds a field to `Check`, its row in `_CHECK`, and an option of the same name to the
command: the command line wins over the file (kabicheck/commands/settings.py).
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAME = "kabicheck.toml"
LIMIT = 1 << 16  # bytes
MOST_JOBS = 1024


@dataclass(frozen=True, slots=True)
class Check:
    """The table [check]; the defaults are those of the command line.

    config: a file or a make target; cross_compile, llvm and kcflags as make has them; jobs: 0 for one per
    processor; stable: obey kABI rules; output: FORMAT[:FILE] each.
    """

    base: str = ""
    targets: tuple[str, ...] = ()
    config: str = "defconfig"
    fragments: tuple[Path, ...] = ()
    arch: str = ""
    cross_compile: str = ""
    llvm: str = ""
    kcflags: str = ""
    jobs: int = 0
    stable: bool = False
    output: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The kernel configurations that are files, not make targets."""
        seed = (Path(self.config),) if _is_file(self.config) else ()
        return (*seed, *self.fragments)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole file. name: as errors have it, "" where there is none; given: the keys of [check] in it."""

    name: str = ""
    check: Check = Check()
    given: frozenset[str] = frozenset()

    def located(self, folder: Path, reports: Path) -> Configuration:
        """All relative paths made absolute: those of reports from `reports`, all others from `folder`.

        Raises UsageError for a report outside of `reports`: what a tree says must not replace files elsewhere.
        """
        check = self.check
        located = replace(
            check,
            config=str(folder / check.config) if _is_file(check.config) else check.config,
            fragments=tuple(folder / path for path in check.fragments),
            cross_compile=_located_prefix(check.cross_compile, folder),
            llvm=_located_prefix(check.llvm, folder),
            output=tuple(self._located_output(output, reports) for output in check.output),
        )
        return replace(self, check=located)

    def error(self, key: str, problem: str, *, hint: str = "") -> UsageError:
        """What is wrong with a value."""
        return UsageError(f"{self.name}: check.{key}: {problem}", hint=hint)

    def _located_output(self, output: str, reports: Path) -> str:
        name, _, file = output.partition(":")
        if file in ("", "-"):
            return output
        root = Path(os.path.realpath(reports))
        path = Path(os.path.realpath(root / file))
        if not path.is_relative_to(root) or ".git" in path.relative_to(root).parts:
            raise self.error("output", f"{file} is not below {reports}", hint="-o can write anywhere")
        return f"{name}:{path}"


class _Refused(ValueError):
    """A value that is not allowed; the message says what is."""


def read_configuration(path: Path) -> Configuration:
    """The settings in a file, with its relative paths as they stand there. Raises UsageError."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: not a regular file")
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_configuration(data, str(path))


def parse_configuration(data: bytes, name: str) -> Configuration:
    """The settings in the text of a file. name: for errors. Raises UsageError."""
    if len(data) > LIMIT:
        raise UsageError(f"{name}: larger than {LIMIT >> 10} KiB, which no {NAME} is")
    try:
        tables = tomllib.loads(data.decode())
    except RecursionError as error:
        raise UsageError(f"{name}: not TOML: nested too deeply") from error
    except ValueError as error:  # what tomllib, the decoder and int() raise
        raise UsageError(f"{name}: not TOML: {error}") from error
    _refuse_unknown(tables, ("check",), name)
    table = tables.get("check", {})
    if not isinstance(table, dict):
        raise UsageError(f"{name}: check must be a table, not {_shown(table)}", hint="[check]")
    _refuse_unknown(table, tuple(_CHECK), f"{name}: [check]")
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key] = _CHECK[key](value)
        except _Refused as allowed:
            raise UsageError(f"{name}: check.{key} must be {allowed}, not {_shown(value)}") from None
    return Configuration(name, Check(**values), frozenset(values))


def _refuse_unknown(table: Mapping[str, object], known: Sequence[str], where: str) -> None:
    for key in table:
        if key in known:
            continue
        near = get_close_matches(key[:60], known, 1)
        if near:
            hint = f"did you mean {near[0]}?"
        elif key in _CHECK:
            hint = "it belongs into the table [check]"
        else:
            hint = f"known: {', '.join(known)}"
        raise UsageError(f"{where}: unknown key {_shown(key)}", hint=hint)


def _string(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise _Refused("a string without control characters")
    return value


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v and v.isprintable() for v in value):
        raise _Refused("an array of strings without control characters")
    return tuple(value)


def _paths(value: object) -> tuple[Path, ...]:
    return tuple(map(Path, _strings(value)))


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Refused("true or false")
    return value


def _jobs(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_JOBS:
        raise _Refused(f"a whole number from 0 (one per processor) to {MOST_JOBS}")
    return value


_CHECK: dict[str, Callable[[object], object]] = {
    "base": _string,
    "targets": _strings,
    "config": _string,
    "fragments": _paths,
    "arch": _string,
    "cross_compile": _string,
    "llvm": _string,
    "kcflags": _string,
    "jobs": _jobs,
    "stable": _boolean,
    "output": _strings,
}


def _is_file(config: str) -> bool:
    """Whether `config` names a file, not a make target: decided by how it looks, not by what is there."""
    return "/" in config or config.endswith(".config")


def _located_prefix(value: str, folder: Path) -> str:
    """A compiler's folder or prefix; without a slash it is looked for in PATH."""
    return f"{folder}/{value}" if "/" in value and not value.startswith("/") else value


def _shown(value: object) -> str:
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
