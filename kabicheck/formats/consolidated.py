"""Type strings of many objects: a folder of symtypes files, or one file in suse-kabi-tools' consolidated format.

The format is that of `ksymtypes consolidate` (suse-kabi-tools(5)): a section for each symtypes file, which leaves out
the types that were last written with the same text; who reads it walks the references of what a section holds.

    /* lib/a.symtypes */
    s#foo struct foo { int m ; }
    u##bar                                     u#bar union bar { UNKNOWN }, in this section alone
    baz void baz ( s#foo a1 , u#bar * a2 )

The format before that one has each variant of a type once, and then the files:

    s#foo@0 struct foo { int m ; }
    s#foo@1 struct foo { UNKNOWN }
    baz void baz ( s#foo a1 )
    F#lib/a.symtypes s#foo@0 baz
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kabicheck.errors import ObjectError
from kabicheck.formats.bounded import read_text
from kabicheck.formats.folder import walk
from kabicheck.formats.symtypes import (
    CUT_SHORT,
    REFERENCE_SUFFIX,
    SUFFIX,
    is_reference,
    read_overrides,
    read_symtypes,
    record,
    references,
)
from kabicheck.packed import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# That of a whole distribution kernel has some 100 MB.
MAX_FILE_SIZE = 1 << 30

_FILE = "F#"
_UNKNOWN = re.compile(r"([teus])##(\S+)")
_KEYWORDS = {"t": "typedef", "e": "enum", "s": "struct", "u": "union"}
_VARIANT = re.compile(r"(\S+)@[0-9]{1,9}")


class Corpus(Protocol):
    """The symtypes files of one side."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Where they are below the root of this side, sorted."""

    def types(self, path: str) -> Mapping[str, str]:
        """Name → type string of one of these files. Raises ObjectError."""

    def overrides(self, path: str) -> frozenset[str]:
        """Names in one of these files whose changes do not count. Raises ObjectError."""


class SymtypesFolder:
    """The symtypes files below a folder, or, where there are none, its reference files (.symref).

    Links to folders are not followed. Packed files count under their plain names. Paths are a character per byte, as
    all text of these files is.
    """

    def __init__(self, root: Path) -> None:
        all_files = [Path(parent, name) for parent, _, names in walk(root) for name in names]
        files = [file for file in all_files if plain_name(file.name).endswith(SUFFIX)]
        files = files or [file for file in all_files if plain_name(file.name).endswith(REFERENCE_SUFFIX)]
        self._files: dict[str, Path] = {}
        for file in sorted(files):
            path = plain_name(os.fsencode(file.relative_to(root)).decode("latin-1"))
            if path in self._files:
                raise ObjectError(file, f"is there twice: {self._files[path].name} is the same file")
            self._files[path] = file
        self.paths = tuple(sorted(self._files))

    def types(self, path: str) -> Mapping[str, str]:
        """Name → type string of one file. Raises ObjectError."""
        file = self._files[path]
        if not file.is_file():
            raise ObjectError(file, "is not a regular file")
        return read_symtypes(file)

    def overrides(self, path: str) -> frozenset[str]:
        """Names whose changes do not count. Raises ObjectError."""
        file = self._files[path]
        return read_overrides(file) if path.endswith(REFERENCE_SUFFIX) else frozenset()


class Consolidated:
    """A consolidated file. Its size in memory is that of the file: a section's types are put together when asked for.

    Raises ObjectError, naming file and line.
    """

    def __init__(self, content: str, path: Path | str) -> None:
        self._path = path
        self._sections: dict[str, int] = {}
        # What each section says itself; and of each type the texts that later sections may mean, with their sections.
        self._said: list[dict[str, str]] = []
        self._history: dict[str, list[tuple[int, str]]] = {}
        if content and not content.endswith("\n"):
            raise ObjectError(path, CUT_SHORT, offset=len(content))
        lines = content.split("\n")
        if is_consolidated(lines[0]):
            self._read_sections(lines)
        else:
            self._read_variants(lines)
        self.paths = tuple(sorted(self._sections))

    def types(self, path: str) -> Mapping[str, str]:
        """Name → type string of one section, with all that it refers to. Raises ObjectError."""
        section = self._sections[path]
        types = dict(self._said[section])
        waiting = list(types.values())
        while waiting:
            for name in references(waiting.pop()):
                if name not in types:
                    types[name] = self._last(name, section)
                    waiting.append(types[name])
        return types

    def overrides(self, _path: str) -> frozenset[str]:
        """None: this format has no word for them."""
        return frozenset()

    def _last(self, name: str, section: int) -> str:
        """The text that a type had last, as this section sees it."""
        history = self._history.get(name, ())
        at = bisect_right(history, section, key=lambda entry: entry[0])
        if not at:
            path = next(path for path, number in self._sections.items() if number == section)
            raise ObjectError(self._path, f"{path} refers to {name}, which is not known there")
        return history[at - 1][1]

    def _open(self, path: str, number: int) -> dict[str, str]:
        if path in self._sections:
            raise self._error(number, f"second section of {path}")
        self._sections[path] = len(self._said)
        self._said.append({})
        return self._said[-1]

    def _read_sections(self, lines: list[str]) -> None:
        said: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if is_consolidated(line):
                said = self._open(line[3:-3], number)
                continue
            if not line:
                continue
            unknown = _expand(line)
            name, text = unknown or record(line)
            if not name:
                raise self._error(number, "not a line of a consolidated symtypes file")
            if name in said:
                raise self._error(number, f"second definition of {name}")
            said[name] = text
            if not unknown:
                self._history.setdefault(name, []).append((len(self._said) - 1, text))

    def _read_variants(self, lines: list[str]) -> None:
        known: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if line.startswith(_FILE):
                continue
            name, text = record(line)
            if not name and line:
                raise self._error(number, "not a line of a consolidated symtypes file")
            if name in known:
                raise self._error(number, f"second definition of {name}")
            known[name] = text
        # A type of which there is one variant only is not listed by the files that have it.
        self._history = {name: [(0, text)] for name, text in known.items() if not _VARIANT.fullmatch(name)}
        lost = {name for name in known if name and not is_reference(name)}
        for number, line in enumerate(lines, 1):
            if not line.startswith(_FILE):
                continue
            path, *names = line.removeprefix(_FILE).split(" ")
            said = self._open(path, number)
            lost.difference_update(names)
            for name in filter(None, names):
                variant = _VARIANT.fullmatch(name)
                unknown = _expand(name)
                if unknown:
                    said[unknown[0]] = unknown[1]
                elif name in known:
                    said[variant[1] if variant else name] = known[name]
                else:
                    raise self._error(number, f"{name} is not known")
        if lost:
            raise ObjectError(self._path, f"damaged: no file is named that exports {min(lost)}")

    def _error(self, number: int, problem: str) -> ObjectError:
        return ObjectError(f"{self._path}:{number}", problem)


def read_consolidated(path: Path) -> Consolidated:
    """Read a consolidated file of either format. Raises ObjectError."""
    return Consolidated(read_text(path, MAX_FILE_SIZE, "a consolidated symtypes file"), path)


def is_consolidated(line: str) -> bool:
    """Whether a line opens a section, as the first line of a consolidated file does."""
    return line.startswith("/* ") and line.endswith(" */") and len(line) > len("/*  */")


def consolidate(corpus: Corpus) -> Iterator[str]:
    """The lines of a consolidated file, as `ksymtypes consolidate` writes them. Raises ObjectError.

    One thing differs: an export that two files have with the same text is written in both sections, since nothing
    refers to it.
    """
    active: dict[str, str] = {}
    for index, path in enumerate(corpus.paths):
        if "\n" in path:
            raise ObjectError(repr(path), "a file's name with a line break cannot be written down")
        if index:
            yield "\n"
        yield f"/* {path} */\n"
        for name, text in _sorted(corpus.types(path).items()):
            if text == _unknown(name):
                yield f"{name[0]}##{name[2:]}\n"
            elif active.get(name) != text or not is_reference(name):
                active[name] = text
                yield f"{name} {text}\n"


def _sorted(records: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Types first, then exports, by name."""
    return sorted(records, key=lambda item: (not is_reference(item[0]), item[0]))


def _unknown(name: str) -> str:
    """What genksyms writes of a type that is declared only; "" where there is no such thing."""
    keyword = _KEYWORDS.get(name[0]) if is_reference(name) else None
    return f"{keyword} {name[2:]} {{ UNKNOWN }}" if keyword else ""


def _expand(word: str) -> tuple[str, str] | None:
    """`s##foo` → `s#foo` and its text."""
    match = _UNKNOWN.fullmatch(word)
    if match is None:
        return None
    name = f"{match[1]}#{match[2]}"
    return name, _unknown(name)
