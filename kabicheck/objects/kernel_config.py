"""The kernel's configuration, `.config`: where it starts, what we force on, how two of them differ.

kabicheck's own configuration, `kabicheck.toml`, is in `kabicheck/config.py`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SETTING = re.compile(r"^(?:CONFIG_(\w+)=(.*)|# CONFIG_(\w+) is not set)$", re.MULTILINE)
_TARGET = re.compile(r"[\w.+/-]*config")

# What versions from debug information need (kernel/module/Kconfig, lib/Kconfig.debug): a tree that does not
# have an option ignores it. CONFIG_DEBUG_INFO itself could be chosen until Linux 5.17. LOCALVERSION_AUTO
# would put the commit into generated headers.
FORCED = """\
CONFIG_MODULES=y
# CONFIG_COMPILE_TEST is not set
CONFIG_MODVERSIONS=y
# CONFIG_GENKSYMS is not set
CONFIG_GENDWARFKSYMS=y
CONFIG_DEBUG_KERNEL=y
CONFIG_DEBUG_INFO=y
# CONFIG_DEBUG_INFO_NONE is not set
# CONFIG_DEBUG_INFO_REDUCED is not set
# CONFIG_DEBUG_INFO_SPLIT is not set
CONFIG_LTO_NONE=y
# CONFIG_LTO_CLANG_FULL is not set
# CONFIG_LTO_CLANG_THIN is not set
# CONFIG_LTO_CLANG_THIN_DIST is not set
# CONFIG_LOCALVERSION_AUTO is not set
"""
# For a seed that did not choose a format itself.
FORMATS = ("DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT", "DEBUG_INFO_DWARF5", "DEBUG_INFO_DWARF4")


@dataclass(frozen=True, slots=True)
class Seed:
    """Where every commit's configuration starts.

    file: A `.config`; None where a target of make writes one.
    target: That target ("defconfig"); of no meaning beside a file.
    fragments: Files of options that are laid over it, each over those before.
    """

    file: Path | None = None
    target: str = "defconfig"
    fragments: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.file is None and not _TARGET.fullmatch(self.target):
            raise UsageError(f"{self.target}: not a configuration target", hint="as defconfig or tinyconfig")

    @property
    def digest(self) -> str:
        """A hash of everything that the seed says, contents of files included."""
        parts = [b"file" if self.file else self.target.encode(), *map(read_config, self.files)]
        return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

    @property
    def files(self) -> tuple[Path, ...]:
        """The configuration file, where there is one, and the fragments."""
        return (*((self.file,) if self.file else ()), *self.fragments)


@dataclass(frozen=True, slots=True)
class Setting:
    """An option whose value differs between two configurations.

    name: The option, without CONFIG_.
    old: Its value as written in the old one, "n" where that has it not.
    new: The same of the new one.
    """

    name: str
    old: str
    new: str


def read_config(path: Path) -> bytes:
    """A configuration file of the user's. Raises UsageError."""
    try:
        if path.exists() and not path.is_file():
            # A pipe would be empty when it is read for the second commit.
            raise UsageError(f"{path}: not a regular file", hint="give the path of a kernel configuration")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", hint="give the path of a kernel configuration"
        ) from error


def either_checks_calls(*configs: str) -> bool | None:
    """Whether one of the kernels checks the prototype of what it calls indirectly (arch/Kconfig: kCFI).

    None where that is not known: a configuration is "", and no other one says so.
    """
    checks = [
        any(settings(config).get(option) == "y" for option in ("CFI", "CFI_CLANG")) if config else None
        for config in configs
    ]
    return True if True in checks else None if None in checks else False


def settings(config: str) -> dict[str, str]:
    """Option (without CONFIG_) → value as written; options that are off are "n"."""
    return {match[1] or match[3]: match[2] if match[1] else "n" for match in _SETTING.finditer(config)}


def differences(old: str, new: str) -> tuple[Setting, ...]:
    """The options whose values differ, by name."""
    old_settings, new_settings = settings(old), settings(new)
    pairs = (
        (name, old_settings.get(name, "n"), new_settings.get(name, "n"))
        for name in sorted(old_settings.keys() | new_settings.keys())
    )
    return tuple(Setting(*pair) for pair in pairs if pair[1] != pair[2])


def merged(base: str, overlays: Iterable[str]) -> str:
    """The configuration with overlays laid over it, each stronger than those before."""
    chosen = settings(base)
    for overlay in overlays:
        chosen |= settings(overlay)
    return "".join(
        f"# CONFIG_{name} is not set\n" if value == "n" else f"CONFIG_{name}={value}\n"
        for name, value in chosen.items()
    )


def forced(config: str) -> str:
    """The configuration with debug information and symbol versions on, for `olddefconfig` to complete."""
    chosen = settings(config)
    keeps_format = any(chosen.get(name) == "y" for name in FORMATS)
    return merged(config, (FORCED, "" if keeps_format else f"CONFIG_{FORMATS[0]}=y\n"))
