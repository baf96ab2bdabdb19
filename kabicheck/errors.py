"""What can go wrong, as a tree.

    KabicheckError                  2   every error that a user may see: one line, no traceback
    ├── UsageError                  2   the command line or the configuration asks for something impossible
    ├── ObjectError                 2   an input file is not what it should be: names the file and the offset
    │   ├── NotElf                      not an ELF file, or one that is cut short
    │   ├── NoDebugInfo                 an ELF file without DWARF
    │   ├── NoExports                   nothing is exported, so there is nothing to version
    │   └── Unsupported                 a file that we understand enough to know that we would answer wrongly
    ├── RepositoryError             2   git: no repository, unknown ref, missing objects; says the command that helps
    │   └── NotAFolder                  a tree that no folder can hold
    ├── BuildError                  2   a commit does not build, or the host lacks a tool; names the log
    ├── FetchError                  2   ready-made objects cannot be read or are not safe to unpack
    ├── Incomparable                2   both sides are there, but a comparison would be meaningless
    └── Circumstance                2   the operating system refuses: no room, no permission, a folder that is gone

Status 1 is for findings alone and is no exception.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# How much is quoted of a line that a compiler wrote, in characters.
LONGEST_QUOTE = 300

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_CANNOT_TELL = 2


class KabicheckError(Exception):
    """One line for the user, and the exit status that goes with it.

    `hint` is a second sentence: what to do about it, with the command where there is one.
    """

    status = EXIT_CANNOT_TELL

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes hand errors back; by default an exception is remade from its message alone.
        return _remade, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def _remade(kind: type[KabicheckError], args: tuple[object, ...], state: dict[str, object]) -> KabicheckError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UsageError(KabicheckError):
    """The command line or the configuration asks for something impossible."""


class ObjectError(KabicheckError):
    """An input file is not what it should be.

    `offset` is the byte in the file (or in `section`, where that is given) at which reading stopped.
    """

    def __init__(
        self, path: Path | str, problem: str, *, section: str = "", offset: int | None = None, hint: str = ""
    ) -> None:
        where = section
        if offset is not None:
            where = f"{section}+{offset:#x}" if section else f"offset {offset:#x}"
        super().__init__(f"{path}: {problem}" + (f" at {where}" if where else ""), hint=hint)
        self.path = str(path)
        self.problem = problem

    def about(self, name: str) -> ObjectError:
        """The same error by another name of the file."""
        self.message = self.message.replace(self.path, name, 1)
        self.args = (self.message,)
        self.path = name
        return self


class NotElf(ObjectError):
    """Not an ELF file, or one that is cut short."""


class NoDebugInfo(ObjectError):
    """An ELF file without DWARF."""


class NoExports(ObjectError):
    """Nothing is exported, so there is nothing to version."""


class Unsupported(ObjectError):
    """A file that we understand enough to know that we would answer wrongly."""


class RepositoryError(KabicheckError):
    """git: no repository, unknown ref, missing objects."""


class NotAFolder(RepositoryError):
    """A tree that no folder can hold: a name that is too long or leads out, a link to nowhere."""


class BuildError(KabicheckError):
    """A commit does not build, or the host lacks a tool.

    `log` is the build's whole output; `lines` are the compiler's own error lines.
    """

    def __init__(
        self, message: str, *, hint: str = "", log: Path | None = None, lines: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.log = log
        self.lines = lines

    @property
    def sentence(self) -> str:
        """It all in one line, for a report that goes on without this build: with the first of the compiler's lines."""
        line = self.lines[0].strip() if self.lines else ""
        return f"{self}: {line[:LONGEST_QUOTE]}" if line else str(self)


class FetchError(KabicheckError):
    """Ready-made objects cannot be read or are not safe to unpack."""


class Incomparable(KabicheckError):
    """Both sides are there, but a comparison would be meaningless."""


class Circumstance(KabicheckError):
    """What the operating system refuses: no room, no permission, a folder that is gone."""

    def __init__(self, error: OSError) -> None:
        reason = error.strerror or str(error) or type(error).__name__
        name = error.filename
        if name is None and error.errno == errno.ENOENT:
            message, hint = "the current folder is not there any more", "cd to one that is"
        else:
            what = name.decode(errors="surrogateescape") if isinstance(name, bytes) else name
            message = f"the system refuses a file: {reason}" if what is None else f"{what}: {reason}"
            hint = _HINTS.get(error.errno or 0, "")
        super().__init__(message, hint=hint)


_ELSEWHERE = "or set KABICHECK_CACHE to another folder"
_NOT_OURS = (
    "change its owner or its mode; if it is in the cache folder, KABICHECK_CACHE can name another folder"
)
_DAMAGED = f"if it is in the cache folder, remove it: what is there is made anew; {_ELSEWHERE}"
_HINTS = {
    errno.ENOSPC: f"make room, {_ELSEWHERE}",
    errno.EDQUOT: f"the quota is used up: make room, {_ELSEWHERE}",
    errno.EFBIG: "ulimit -f, or the file system, forbids files of this size",
    errno.EMFILE: "ulimit -n forbids so many open files; -j takes fewer",
    errno.ENFILE: "the system has too many open files",
    errno.ENOMEM: "too little memory; -j takes less",
    errno.EACCES: _NOT_OURS,
    errno.EPERM: _NOT_OURS,
    errno.EROFS: "it cannot be written there; set KABICHECK_CACHE to another folder",
    errno.EIO: "the disk does not answer",
    errno.EEXIST: _DAMAGED,
    errno.EISDIR: _DAMAGED,
    errno.ENOTDIR: _DAMAGED,
    errno.ELOOP: _DAMAGED,
}
CIRCUMSTANCES = frozenset(_HINTS)  # error numbers that are never a bug of ours
