"""Turn generated programs into object files."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.oracle.gendwarfksyms import Missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.oracle.programs import Program

# Debian's package of each compiler, for the reason of a skip.
PACKAGES = {
    "gcc": "gcc",
    "g++": "g++",
    "clang": "clang",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf",
    "s390x-linux-gnu-gcc": "gcc-s390x-linux-gnu",
}


class DoesNotCompile(Exception):
    """The compiler refused the program."""


def require(compiler: str) -> None:
    """Raise Missing, with the package that has it, where a compiler is not installed."""
    if shutil.which(compiler) is None:
        raise Missing(f"{compiler} is not installed (Debian's package {PACKAGES[compiler]})")


def compile_source(
    source: str, output: Path, *, compiler: str = "gcc", options: Sequence[str] = ("-g",), language: str = "c"
) -> Path:
    """Compile one unit. Raises DoesNotCompile with the compiler's words."""
    done = subprocess.run(
        [compiler, "-w", *options, "-c", "-x", language, "-", "-o", str(output)],
        input=source,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise DoesNotCompile(done.stderr)
    return output


def compile_program(
    program: Program, folder: Path, *, compiler: str = "gcc", options: Sequence[str] = ("-g",)
) -> Path:
    """Compile all units of a program into one relocatable object."""
    parts = [
        compile_source(
            source, folder / f"unit{number}.o", compiler=compiler, options=[*options, program.optimise]
        )
        for number, source in enumerate(program.sources())
    ]
    if len(parts) == 1:
        return parts[0]
    linker = compiler.removesuffix("gcc") + "ld" if compiler.endswith("gcc") else "ld"
    whole = folder / "whole.o"
    done = subprocess.run(
        [linker, "-r", "--allow-multiple-definition", "-o", whole, *parts],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DoesNotCompile(done.stderr)
    return whole
