"""What a kernel build needs of the host, and how a build's output says that it is not there."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from kabicheck.errors import BuildError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

# Debian's package names; other distributions' are near enough to be found by them.
TOOL_PACKAGES = {
    "make": "make",
    "gcc": "gcc",
    "clang": "clang",
    "ld": "binutils",
    "ld.lld": "lld",
    "flex": "flex",
    "bison": "bison",
    "bc": "bc",
    "perl": "perl",
    "python3": "python3",
    "pahole": "dwarves",
    "cpio": "cpio",
    "xz": "xz-utils",
    "zstd": "zstd",
    "rustc": "rustc",
    "bindgen": "bindgen",
    "openssl": "openssl",
    "awk": "gawk",
}
HEADER_PACKAGES = {
    "dwarf.h": "libdw-dev",
    "elfutils/": "libdw-dev",
    "libelf.h": "libelf-dev",
    "gelf.h": "libelf-dev",
    "openssl/": "libssl-dev",
    "zlib.h": "zlib1g-dev",
    "gmp.h": "libgmp-dev",
    "mpc.h": "libmpc-dev",
    "gcc-plugin.h": "gcc-plugin-dev",
    "stdio.h": "libc6-dev",
    "stdlib.h": "libc6-dev",
    "sys/types.h": "libc6-dev",
}

TAKEN = "set KABICHECK_CACHE to a folder whose path has only letters, digits and @!+,=~^._-"

_MISSING_HEADER = re.compile(r"fatal error: '?([\w./+-]+)'?(?::| file) ?[Nn]o(?:t found| such file)")
_MISSING_TOOL = re.compile(
    r"(?:^|[\s:])(?:\S*/)?(?P<tool>[\w.+-]+): (?:command )?not found"
    r"|make\S*: (?:\S*/)?(?P<make>[\w.+-]+): No such file or directory"
)


# In the path of a folder to build in, the kernel's Makefile refuses blanks and colons; `%` is a pattern to make, `#`
# and `$` are cut off; the other ones mean something to the shell that is handed the path bare. Any alphabet is taken.
_NOT_TAKEN = re.compile(r"(?![\w@!+,=~^./-])[\x00-\x7f]")


def untaken(folder: Path) -> str:
    """The characters of a folder's path that kbuild cannot take, as they are shown to people; "" where it takes all."""
    return " ".join(map(repr, dict.fromkeys(_NOT_TAKEN.findall(str(folder)))))


def require_buildable(folder: Path) -> None:
    """Raise UsageError for a folder below which no kernel can be built, since kbuild does not take its path."""
    if found := untaken(folder):
        raise UsageError(
            f"{folder}: no kernel can be built there, since make does not take {found} in a path", hint=TAKEN
        )


def require_tools(*tools: str) -> None:
    """Raise BuildError for the first program that is not on PATH."""
    for tool in tools:
        if shutil.which(tool) is None:
            package = package_of_tool(tool)
            raise BuildError(
                f"{tool} is not on this host", hint=f"install the package {package}" if package else ""
            )


def missing_requirement(output: str) -> str:
    """What the build's output says that the host lacks, with its package; "" when it is something else."""
    for match in _MISSING_HEADER.finditer(output):
        if package := package_of_header(match[1]):
            return f"the host has no {match[1]}: install the package {package}"
    for match in _MISSING_TOOL.finditer(output):
        tool = match["tool"] or match["make"]
        if package := package_of_tool(tool):
            return f"the host has no {tool}: install the package {package}"
    return ""


def package_of_header(header: str) -> str:
    """The package of a header of the host's, "" where that is not known."""
    for start, package in HEADER_PACKAGES.items():
        if header == start or (start.endswith("/") and header.startswith(start)):
            return package
    return ""


def package_of_tool(tool: str) -> str:
    """The package of a program, "" where that is not known; of a cross compiler by what it is for."""
    if package := TOOL_PACKAGES.get(tool):
        return package
    if tool.endswith(("-gcc", "-ld")):
        triplet, _, kind = tool.rpartition("-")
        return f"{'gcc' if kind == 'gcc' else 'binutils'}-{triplet.replace('_', '-')}"
    return ""
