"""What an object says of exports whose types it does not hold."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from kabicheck.symver.object import ASSEMBLY, ExportReading

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
\t.text
\t.globl f
\t.type f, %function
f:
\tnop
\t.size f, .-f
\t.section ".export_symbol", "a"
__export_symbol_f:
\t.asciz ""
\t.asciz ""
\t.balign 8
\t.quad f
"""


def _object(folder: Path, name: str, language: str, source: str) -> Path:
    path = folder / name
    command = ["gcc", "-g", "-c", "-x", language, "-o", str(path), "-"]
    subprocess.run(command, input=source, text=True, check=True)
    return path


def test_an_assembler_s_description_is_no_version(tmp_path: Path) -> None:
    versions = ExportReading(_object(tmp_path, "f.o", "assembler", SOURCE)).versions()
    assert not versions.versions
    assert versions.unversioned == {"f": ASSEMBLY}


def test_the_stand_in_of_kbuild_gives_one(tmp_path: Path) -> None:
    path = _object(tmp_path, "f.o", "assembler", SOURCE)
    versions = {}
    for parameter in ("int", "long"):
        stand_in = _object(tmp_path, f"{parameter}.o", "c", f"void f({parameter} x) {{}}")
        versions[parameter] = ExportReading(path, types=stand_in).versions().versions["f"]
    assert versions["int"] != versions["long"]
