"""What a tree's build will ask of the host, found out before it is built: programs, headers, options."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.objects.host import package_of_header, package_of_tool
from kabicheck.objects.kernel_config import FORCED, differences, merged, read_config, settings
from kabicheck.objects.make_environment import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kabicheck.objects.build_options import Build
    from kabicheck.objects.kernel_config import Setting


@dataclass(frozen=True, slots=True)
class Need:
    """A program or a header that a build needs.

    name: The program, or the header as it is included.
    reason: What needs it: a file of the tree, an option, or every build.
    present: Whether it is there.
    required: Whether it is known to be needed; False where only the build will show it.
    package: Debian's name of what has it, empty where that is not known.
    version: The first line of what a program says of itself, empty for a header.
    """

    name: str
    reason: str
    present: bool
    required: bool = True
    package: str = ""
    version: str = ""


# Program or header → the file of a tree whose build runs or includes it.
_BY_FILE = {
    "flex": "scripts/kconfig/lexer.l",
    "bison": "scripts/kconfig/parser.y",
    "bc": "kernel/time/timeconst.bc",
    "perl": "lib/build_OID_registry",
    "gelf.h": "tools/objtool/elf.c",
    "dwarf.h": "scripts/gendwarfksyms/gendwarfksyms.c",
    "elfutils/libdw.h": "scripts/gendwarfksyms/gendwarfksyms.c",
    "zlib.h": "scripts/gendwarfksyms/gendwarfksyms.c",
}
# The same, where an option decides that only a complete configuration has.
_BY_FILE_PERHAPS = {"openssl/opensslv.h": "certs/extract-cert.c"}
# The same → the option that asks for it. Without a configuration to look at, those do not count.
_BY_OPTION = {
    "openssl/opensslv.h": "SYSTEM_TRUSTED_KEYRING",
    "openssl": "MODULE_SIG",
    "pahole": "DEBUG_INFO_BTF",
    "rustc": "RUST",
    "bindgen": "RUST",
    "cpio": "IKHEADERS",
}


def needs(source: Path | None, config: Mapping[str, str], build: Build) -> Iterator[Need]:
    """What the build of a tree needs, or of any kernel where `source` is None.

    `config` is option → value, and empty where the configuration is not known.
    """
    host = build.compiler if build.llvm else "gcc"  # HOSTCC
    for tool in dict.fromkeys(("make", host, build.compiler, build.linker)):
        yield _tool(tool, "every build")
    reasons = {"stdio.h": "programs that the build runs"}
    reasons |= {name: file for name, file in _BY_FILE.items() if source is None or (source / file).exists()}
    reasons |= {
        name: f"CONFIG_{option}" for name, option in _BY_OPTION.items() if config.get(option, "n") != "n"
    }
    for name, reason in reasons.items():
        yield _header(name, reason, host) if name.endswith(".h") else _tool(name, reason)
    for name, file in _BY_FILE_PERHAPS.items():
        if name not in reasons and (source is None or (source / file).exists()):
            yield replace(_header(name, file, host), required=False)


def config_settings(path: Path) -> dict[str, str]:
    """Option → value of a configuration file. Raises UsageError."""
    return settings(read_config(path).decode(errors="replace"))


def switched(path: Path) -> tuple[Setting, ...]:
    """The options that builds of ours switch, of those that a configuration file sets otherwise."""
    config = read_config(path).decode(errors="replace")
    said = settings(config)
    return tuple(each for each in differences(config, merged(config, [FORCED])) if each.name in said)


def _tool(tool: str, reason: str) -> Need:
    if shutil.which(tool) is None:
        return Need(tool, reason, present=False, package=package_of_tool(tool))
    if "/" in tool:  # it may lie in the tree, which is not trusted before somebody builds it
        return Need(tool, reason, present=True)
    done = _run([tool, "--version"])
    return Need(tool, reason, present=True, version=done.stdout.partition("\n")[0].strip())


def _header(header: str, reason: str, compiler: str) -> Need:
    """Whether the host's compiler finds a header; without one it is not found either."""
    if "/" in compiler:
        compiler = "cc"
    found = _run([compiler, "-E", "-x", "c", "-"], f"#include <{header}>\n").returncode == 0
    return Need(header, reason, present=found, package=package_of_header(header))


def _run(command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, input=text, env=clean_environment(), capture_output=True, text=True, check=False
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))
