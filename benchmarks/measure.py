"""What the benchmarks have in common: which objects there are, and what a command uses."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KABICHECK = (sys.executable, "-m", "kabicheck")


class Used(NamedTuple):
    """cpu: seconds, user and system, of a command and its children; wall: seconds; peak: bytes of its largest process;
    out: what it printed."""

    cpu: float
    wall: float
    peak: int
    out: str

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s of CPU, {self.wall:.2f} s, {self.peak / 1e9:.2f} GB"


def use(*command: str, lines: Iterable[str] = (), cache: Path | None = None) -> Used:
    """Run a command that gets lines on its standard input. cache: the cache folder of kabicheck."""
    environment = os.environ | ({"KABICHECK_CACHE": str(cache)} if cache else {})
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else every start compiles kabicheck
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as out:
        given.writelines(f"{line}\n" for line in lines)
        given.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=given, stdout=out, stderr=subprocess.DEVNULL, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return Used(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss << 10, out.read())


def exporting(folder: Path) -> dict[Path, list[str]]:
    """Objects that hold exports and their types → the names of these."""
    found = {}
    for path in sorted(folder.rglob("*.o")):
        try:
            image = Image(path)
            exports = read_exports(image)
        except ObjectError:
            continue
        stand_in = path.with_name(f"{path.stem}.gendwarfksyms.o")
        if exports and image.debug_section("info") and not stand_in.exists():
            found[path] = [export.name for export in exports]
    return found
