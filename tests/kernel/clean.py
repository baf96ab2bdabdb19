"""What kabicheck is held against: a build by plain make in a folder of its own, and the versions that it says."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.objects.make_environment import clean_environment
from tests.kernel.series import FRAGMENT, TARGETS

if TYPE_CHECKING:
    from pathlib import Path

# On their own words, not kabicheck's: what Documentation/kbuild/gendwarfksyms.rst asks for.
VERSIONS = """\
CONFIG_MODULES=y
CONFIG_MODVERSIONS=y
CONFIG_DEBUG_KERNEL=y
CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y
CONFIG_GENDWARFKSYMS=y
"""

# (object, export) → version.
Versions = dict[tuple[str, str], int]

_SYMVER = re.compile(r"^#SYMVER (\S+) (0x[0-9a-f]{8})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CleanBuild:
    """config: the text of `.config`; versions: of every export of the targets, from their `#SYMVER` lines."""

    config: str
    versions: Versions


def clean_build(source: Path, build: Path) -> CleanBuild:
    """Configure and make the targets of the source as it stands, from nothing."""
    assert not build.exists()

    def make(*goals: str) -> None:
        command = ["make", "-C", str(source), f"O={build}", f"-j{os.cpu_count()}", "ARCH=x86_64", *goals]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_environment())
        assert done.returncode == 0, done.stderr[-2000:]

    make("tinyconfig")
    config = build / ".config"
    config.write_text(config.read_text() + FRAGMENT.read_text() + VERSIONS)
    make("olddefconfig")
    make(*TARGETS)
    versions: Versions = {}
    for target in TARGETS:
        for command in (build / target).rglob(".*.o.cmd"):
            name = command.name.removeprefix(".").removesuffix(".cmd")
            path = (command.parent / name).relative_to(build).as_posix()
            versions |= {(path, export): int(crc, 16) for export, crc in _SYMVER.findall(command.read_text())}
    return CleanBuild(config.read_text(), versions)
