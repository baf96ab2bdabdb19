"""What identifies compilers and linkers: what they say of themselves, and which files they and their parts are.

A version's text is not enough: a compiler that was built anew, or updated in place, calls itself as it did. gcc's
driver is small and runs others (cc1, as), and clang is little more than libraries.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.objects.make_environment import clean_environment, counted_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Programs that stand in front of compilers under their names, and find the real one behind themselves on PATH.
_IN_FRONT = ("ccache", "distcc", "icecc")
# Files up to this size are identified by their content, larger ones by path, size and time: to read gcc's cc1 (30 MB)
# or LLVM's library (130 MB) would take longer than some checks.
_READ = 4 << 20
_PARTS = ("cc1", "as")
_LIBRARY = re.compile(r"(?:=> |^\s*)(/\S+) \(0x", re.MULTILINE)
_SETTINGS = re.compile(r"^Configuration file: (.+)$", re.MULTILINE)  # clang's


def identify(compilers: Iterable[str], others: Iterable[str]) -> str:
    """A digest of programs, by name or path, and of what they see of the environment; absent ones count as absent.

    The compilers, of C, run other programs and are asked which.
    """
    digest = hashlib.sha256(repr(counted_variables()).encode())
    files: list[str] = []
    for tool in dict.fromkeys(compilers):
        said = _said(tool, "--version")
        digest.update(repr((tool, said)).encode())
        files += [*_program(tool), *_parts(tool), *_SETTINGS.findall(said)]
    for tool in dict.fromkeys(others):
        found = _program(tool)
        choosing = any(
            Path(file).resolve().name == "rustup" for file in found
        )  # which of the compilers it has
        digest.update(repr((tool, _said(tool, "--version") if choosing else len(found))).encode())
        files += found
    for file in sorted({os.path.realpath(file) for file in (*files, *_libraries(files))}):
        digest.update(repr(_described(file)).encode())
    return digest.hexdigest()


def _program(tool: str) -> list[str]:
    """Where a program is, and before it what stands in front of it on PATH; nothing where it is not there."""
    found = []
    for folder in os.get_exec_path() if "/" not in tool else [None]:
        if file := shutil.which(tool, path=folder):
            found.append(file)
            if Path(file).resolve().name not in _IN_FRONT:
                break
    return found


def _parts(compiler: str) -> Iterator[str]:
    """What gcc's driver runs, and reads to know how; clang has neither."""
    for part in _PARTS:
        if found := shutil.which(_said(compiler, f"-print-prog-name={part}").strip()):
            yield found
    specs = _said(compiler, "-print-file-name=specs").strip()
    if specs.startswith("/"):
        yield specs


def _said(*command: str) -> str:
    """What a program answers; where it cannot (as rustup without a toolchain), that it cannot."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=clean_environment(), check=False
        )
    except OSError as error:
        return str(error.strerror)
    return done.stdout or done.stderr


def _libraries(files: list[str]) -> list[str]:
    """The libraries that programs are loaded with; scripts and static programs have none."""
    return _LIBRARY.findall(_said("ldd", *files))


def _described(file: str) -> str:
    try:
        status = Path(file).stat()
        if status.st_size > _READ:
            return f"{file} {status.st_size} {status.st_mtime_ns}"
        return f"{file} {hashlib.sha256(Path(file).read_bytes()).hexdigest()}"
    except OSError as error:
        return f"{file} {error.strerror}"
