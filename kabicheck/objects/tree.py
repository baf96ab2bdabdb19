"""What a kernel's source tree says of itself: its configuration, its architecture, and what it keeps stable.

Distributions keep such files in their trees, each at a place of its own. Only these places are looked at, since a
kernel has a hundred thousand files.
"""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import KabicheckError, UsageError
from kabicheck.formats.severities import read_severities
from kabicheck.formats.stablelist import read_stablelist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Placeholders: {machine} as `uname -m` has it, {arch} a folder of arch/.
CONFIG_TARGETS = (
    "arch/{arch}/configs/gki_defconfig",  # Android
    "arch/{arch}/configs/openeuler_defconfig",
    "arch/{arch}/configs/anolis_defconfig",
    "arch/{arch}/configs/deepin_*_desktop_defconfig",
)
CONFIG_FILES = (
    "*/configs/kernel-*-{machine}.config",  # Red Hat, as its dist-configs target leaves them
    ".config",  # the last build in the tree
)
STABLELISTS = (
    "*/kabi/Module.kabi_{machine}",  # Red Hat, OpenCloudOS, UOS
    "*/kabi/**/kabi_stablelist_{machine}",  # Red Hat
    "android/abi_gki_{machine}",  # Android, to 6.6
    "gki/{machine}/symbols/base",  # Android, since
)
SEVERITIES = ("kabi/severities",)  # SUSE

_MACHINES = {"arm64": "aarch64", "powerpc": "ppc64le", "s390": "s390x", "riscv": "riscv64"}
_SOURCES = {"x86_64": "x86", "i386": "x86", "sparc64": "sparc", "parisc64": "parisc"}
# The first line that Kconfig writes: "# Linux/arm64 7.3.4 Kernel Configuration", with make's ARCH.
_ARCHITECTURE = re.compile(rb"^# Linux/(\w+) ", re.MULTILINE)
_HEAD = 4096  # bytes of a configuration in which that line must be


@dataclass(frozen=True, slots=True)
class Tree:
    """What stands out in a tree. Paths are relative to it.

    config: A configuration file or a target of make, "" where none stands out.
    arch: make's ARCH where it is not the host's, else "".
    stablelists: Lists of what the tree keeps stable.
    severities: Severity rules, as suse-kabi-tools has them.
    problems: A sentence for each file at such a place that cannot be read.
    """

    config: str = ""
    arch: str = ""
    stablelists: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def look_over(source: Path) -> Tree:
    """What stands out in a kernel's tree. Raises UsageError where there is none."""
    if not (source / "Makefile").is_file() or not (source / "Kconfig").is_file():
        raise UsageError(
            f"{source}: not a kernel's source tree, which has a Makefile and a Kconfig", hint="give -C DIR"
        )
    problems: list[str] = []
    config, arch = _configuration(source)
    stablelists = _readable(source, STABLELISTS, arch, read_stablelist, problems)
    severities = _readable(source, SEVERITIES, arch, read_severities, problems)
    return Tree(config, "" if arch == host_arch() else arch, stablelists, severities, tuple(problems))


def host_arch() -> str:
    """make's ARCH of this machine."""
    machine = platform.machine()
    return next((arch for arch, name in _MACHINES.items() if name == machine), machine)


def config_file(source: Path, config: str, arch: str) -> Path | None:
    """The file behind a configuration of `kabicheck.toml`, a target's too; None where it is made by rules."""
    if (source / config).is_file():
        return source / config
    folder = source / "arch" / _SOURCES.get(arch, arch) / "configs"
    names = (f"{arch}_defconfig", config) if config == "defconfig" else (config,)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _configuration(source: Path) -> tuple[str, str]:
    """The configuration that stands out, and its architecture: the host's where it does not say."""
    host = host_arch()
    for arch in dict.fromkeys((host, "arm64", "x86_64")):
        found = _matches(source, CONFIG_TARGETS, arch)
        if len(found) == 1:
            return found[0].rpartition("/")[2], arch
    for name in _matches(source, CONFIG_FILES, host):
        with (source / name).open("rb") as file:
            said = _ARCHITECTURE.search(file.read(_HEAD))
        arch = said[1].decode() if said else host
        return name, host if arch == _SOURCES.get(host) else arch
    return "", host


def _readable(
    source: Path, places: tuple[str, ...], arch: str, read: Callable[[Path], object], problems: list[str]
) -> tuple[str, ...]:
    """The files at these places that their reader accepts."""
    names = []
    for name in _matches(source, places, arch):
        try:
            read(source / name)
        except KabicheckError as error:
            problems.append(str(error))
        else:
            names.append(name)
    return tuple(names)


def _matches(source: Path, places: tuple[str, ...], arch: str) -> list[str]:
    return list(dict.fromkeys(_search(source, places, arch)))


def _search(source: Path, places: tuple[str, ...], arch: str) -> Iterator[str]:
    machine = _MACHINES.get(arch, arch)
    for place in places:
        pattern = place.format(machine=machine, arch=_SOURCES.get(arch, arch))
        for path in sorted(source.glob(pattern)):
            name = str(path.relative_to(source))
            if path.is_file() and name.isprintable():
                yield name
