"""What an object is made from beyond the files of the source tree that its `.cmd` file lists.

Some of these are made during the build: headers under include/generated/, tables that a host program writes. What
they are made from is said by `.cmd` files, too: their own, or, of bounds.h and asm-offsets.h, that of the assembly
they are read off (kernel/.bounds.s.cmd).
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.objects.asked_files import asked_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_SOURCE = re.compile(r"^source_\S+ := (\S+)$", re.MULTILINE)
_SAVED = re.compile(r"^(?:saved)?cmd_\S+ := (.*)$", re.MULTILINE)
# Made from the configuration, makefiles and tables, whose change is never left out of account for any object.
_OF_THE_WHOLE_BUILD = re.compile(
    r"include/config/.*|include/generated/(uapi/linux/version|utsrelease|utsversion|compile|package|autoconf"
    r"|timeconst|rustc_cfg)(\.h)?|init/utsversion-tmp\.h|.*/tools/.*\.awk"
)
# Made by rules that leave no .cmd file: `filechk` in arch/x86/Makefile, a host program in lib/crc/Makefile.
_MADE_FROM = {
    "lib/crc/crc32table.h": ("lib/crc/gen_crc32table.c", "include/linux/crc32poly.h"),
    "lib/crc/crc64table.h": ("lib/crc/gen_crc64table.c",),
    "arch/x86/include/generated/asm/cpufeaturemasks.h": (
        "arch/x86/include/asm/cpufeatures.h",
        "arch/x86/tools/cpufeaturemasks.awk",
    ),
}
_WRAPPER = re.compile(rb"#include <asm-generic/[\w./-]+>\s*")


class Origins:
    """The files of the tree in `source` behind the files that the build in the folder `build` reads."""

    def __init__(self, build: Path, source: Path) -> None:
        self._build = os.path.realpath(build)
        self.source = os.path.realpath(source)
        self._behind = cache(self._find_behind)
        self._resolved = cache(self._resolve)
        self._real_folder = cache(os.path.realpath)

    def of(self, names: Iterable[str]) -> tuple[tuple[str, ...], bool]:
        """Paths in the source tree, sorted, and whether these are known to be all.

        names: as `.cmd` files give them, absolute or relative to the build folder. Files outside both folders are the
        toolchain's and left out. What sources ask for without including it is among them as they spell it.
        """
        found: set[str] = set()
        complete = True
        for name in names:
            if "\0" in name:  # which no file is called
                complete = False
                continue
            paths, known = self._behind(name)
            found |= paths
            complete = complete and known
        return tuple(sorted(found)), complete

    def unlisted(
        self, used: Iterable[str], listed: Iterable[str], depends: Collection[str]
    ) -> tuple[str, ...]:
        """The files of both folders that are used, though no list names them, sorted.

        The paths in `used` are absolute. `listed` is what `of` was given, and `depends` what it gave. In the result,
        paths of the source tree are relative to it.
        """
        names = {self._absolute(name) for name in listed}
        found = set()
        for path in used:
            in_source = self._resolved(path)
            in_build = self._absolute(path).startswith(f"{self._build}/")
            if (
                (in_source or in_build)
                and in_source.isdisjoint(depends)
                and self._absolute(path) not in names
            ):
                found.add(min(in_source, default=path))
        return tuple(sorted(found))

    def _find_behind(self, name: str) -> tuple[frozenset[str], bool]:
        found: set[str] = set()
        complete = True
        waiting, seen = [name], {name}
        while waiting:
            name = waiting.pop()
            if in_source := self._resolved(posixpath.join(self._build, name)):
                names, all_known = asked_for(posixpath.join(self._build, name))
                found |= in_source | names
                complete = complete and all_known
                continue
            path = self._absolute(name)
            if not path.startswith(f"{self._build}/"):
                continue
            made_from = self._made_from(path)
            complete = complete and made_from is not None
            waiting += [one for one in made_from or () if one not in seen]
            seen.update(made_from or ())
        return frozenset(found), complete

    def _resolve(self, path: str) -> frozenset[str]:
        """A file of the source tree by the name that it was read by, and by that of each link on the way to it."""
        prefix = f"{self.source}/"
        names: set[str] = set()
        seen: set[str] = set()
        while path not in seen:
            seen.add(path)
            folder, name = os.path.split(path)
            real = self._real_folder(folder)  # `..` behind a link leads out of what that leads to
            names |= {os.path.normpath(path), f"{real}/{name}"}
            with contextlib.suppress(OSError):  # where it is no link
                path = posixpath.join(real, str(Path(real, name).readlink()))
        return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))

    def _made_from(self, path: str) -> list[str] | None:
        """What a file of the build folder is made from; None where that is not known."""
        folder, name = os.path.split(path)
        relative = os.path.relpath(path, self._build)
        if command := _read(f"{folder}/.{name}.cmd"):
            files = self._files_of(command, path)
            if any(map(self._is_script, files)):
                return None
            return [*_SOURCE.findall(command), *listed_dependencies(command), *files]
        if name.endswith(".h") and (stem := name.removesuffix(".h")) in self._assembly:
            return [self._assembly[stem]]
        if relative in _MADE_FROM:
            return [f"{self.source}/{one}" for one in _MADE_FROM[relative]]
        shipped = f"{self.source}/{relative}_shipped"
        if os.path.exists(shipped):  # noqa: PTH110  as below
            return [shipped]
        if _OF_THE_WHOLE_BUILD.fullmatch(relative) or _is_wrapper(path):
            return []
        return None

    def _files_of(self, command: str, made: str) -> list[str]:
        """The files among the words of the command that made a file: host programs, scripts, tables."""
        match = _SAVED.search(command)
        words = set(re.split(r"[\s;()'\"<>|&=]+", match[1])) if match else set()
        paths = {self._absolute(word) for word in words if word}
        return sorted(path for path in paths - {made} if os.path.isfile(path))  # noqa: PTH113  also of names that are too long

    def _is_script(self, path: str) -> bool:
        """Whether a file is a script that may read files which nobody lists, but for those that count for all."""
        relative = os.path.relpath(path, self.source)
        return relative.endswith((".sh", ".pl", ".py")) and not relative.startswith(
            ("../", "scripts/", "tools/")
        )

    def _absolute(self, name: str) -> str:
        return os.path.normpath(name if name.startswith("/") else f"{self._build}/{name}")

    @cached_property
    def _assembly(self) -> dict[str, str]:
        """What headers are read off: "bounds" → kernel/bounds.s."""
        found = {}
        for folder, _, files in os.walk(self._build):
            for name in files:
                if name.startswith(".") and name.endswith(".s.cmd"):
                    found[name[1:-6]] = f"{folder}/{name[1:-4]}"
        return found


def listed_dependencies(command: str) -> list[str]:
    """The files of `deps_X.o := \\ …`, without the `$(wildcard include/config/…)` lines between them."""
    block = command.partition("\ndeps_")[2].partition("\n\n")[0]
    lines = (line.removesuffix("\\").strip() for line in block.splitlines()[1:])
    return [line for line in lines if line and not line.startswith("$(")]


# All of what fixdep writes of dependencies (print_deps() in scripts/basic/fixdep.c), one in each line.
_WHOLE_LIST = re.compile(
    r"^deps_(\S+) := \\\n(?:(?: +\$\(wildcard [^\n]*\)| *[^\s$]\S*) \\\n)*\n\1: \$\(deps_\1\)$", re.MULTILINE
)


def lists_all(command: str) -> bool:
    """Whether the list in a `.cmd` file is there from its first line to its last."""
    return _WHOLE_LIST.search(command) is not None


def _is_wrapper(path: str) -> bool:
    """Whether a header only includes that of asm-generic, which is listed beside it."""
    try:
        with Path(path).open("rb") as file:
            return _WRAPPER.fullmatch(file.read(256)) is not None
    except OSError:
        return False


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="surrogateescape")
    except OSError:
        return ""
