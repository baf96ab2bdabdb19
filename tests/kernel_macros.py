"""The kernel's own macros, scripts/gendwarfksyms/examples/kabi.h, and putting calls of them into a header."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from tests.lacking import skip_or_fail
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import compile_source, require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# As `kabicheck suggest` prints them: KABI_IGNORE(0, int n);  /* in struct s, for n */
PRINTED = re.compile(r"^ +(KABI_\w+\(.*\);)(?: +/\* in (?:struct )?\w+, for (.*) \*/)?$", re.MULTILINE)
# Warnings are errors in the kernel; what is exported here has no prototypes.
OPTIONS = ("-g", "-gdwarf-5", "-O0", "-std=gnu11", "-fms-extensions", "-Wall", "-Werror", "-Wno-unused")
NAMES_OF_OPTIONS = {"clang": ("-Wno-microsoft-anon-tag",)}


def compilers() -> list[str]:
    """Those of gcc and clang that there are."""
    return [name for name in ("gcc", "clang") if shutil.which(name)]


def printed(out: str) -> list[tuple[str, tuple[str, ...]]]:
    """The calls in the output of `kabicheck suggest`, each with the members that it stands in for."""
    return [
        (call, tuple(members.split(" and ")) if members else ()) for call, members in PRINTED.findall(out)
    ]


def with_macros(header: str, calls: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """A header in which calls have taken the places of the members that they are for; others stand at its end."""
    placed: list[str] = []
    for call, members in calls:
        if not members:
            header += f"\n{call}"
        for number, member in enumerate(members):
            start, end = _declaration(header, member.rpartition(".")[2])
            header = f"{header[:start]} /* {len(placed)} */;{header[end:]}"
            placed.append(call if not number else "")
    for number, call in enumerate(placed):
        header = header.replace(f"/* {number} */;", call)
    return header


def _declaration(header: str, member: str) -> tuple[int, int]:
    """Where a member's declaration begins, and where it ends behind its semicolon; the first one of that name."""
    found = re.search(rf"\b{re.escape(member)}\b\s*[;\[():]", header)
    assert found, f"{member} is not in {header}"
    start, depth = found.start(), 0
    while depth or header[start - 1] not in ";{":
        start -= 1
        depth += {"}": 1, "{": -1}.get(header[start], 0)
    return start, header.index(";", found.start()) + 1


def kernel_object(header: str, code: str, out: Path, compiler: str) -> Path:
    """Compile a header, in which types are public, below the kernel's macros, with gcc or clang."""
    require(compiler)
    folder = gendwarfksyms.find().parent / "examples"
    if not folder.is_dir():
        skip_or_fail(f"{folder}: no examples beside gendwarfksyms")
    out.parent.mkdir(parents=True, exist_ok=True)
    (out.parent / "api.h").write_text(f'#include "{folder / "kabi.h"}"\n{header}\n')
    options = (*OPTIONS, *NAMES_OF_OPTIONS.get(compiler, ()), f"-I{out.parent}")
    return compile_source(f'#include "api.h"\n{code}\n', out, compiler=compiler, options=options)


def versions(obj: Path, exports: tuple[str, ...]) -> Iterator[str]:
    """The kernel's gendwarfksyms' own versions under --stable."""
    answer = gendwarfksyms.real(obj, exports, stable=True)
    assert not answer.refused, answer.refused
    return iter(answer.symvers)
