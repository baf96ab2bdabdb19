"""Module.symvers: the versions of all exports of a kernel, as modpost writes them.

    0x12345678<TAB>symbol<TAB>vmlinux<TAB>EXPORT_SYMBOL_GPL<TAB>NAMESPACE       since Linux 5.6
    0x12345678<TAB>symbol<TAB>NAMESPACE<TAB>vmlinux<TAB>EXPORT_SYMBOL_GPL       Linux 5.4 and 5.5
    0x12345678<TAB>symbol<TAB>vmlinux<TAB>EXPORT_SYMBOL_GPL                     before, and Red Hat's Module.kabi
    EXPORT_SYMBOL_GPL vmlinux 0x12345678<TAB>symbol                             Ubuntu's lists of a kernel's ABI
    NAMESPACE EXPORT_SYMBOL_GPL 0x12345678<TAB>symbol<TAB>vmlinux               the same of Linux 5.6 and later

Lines whose columns spaces separate, without a tab, are read too: suse-kabi-tools does. Ubuntu's packages turn the lines
of a Module.symvers around for their lists (debian/rules.d/2-binary-arch.mk: the last column of three comes first).
See Documentation/kbuild/modules.rst, "Module Versioning".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.errors import ObjectError
from kabicheck.formats.bounded import read_text
from kabicheck.model import Export, ObjectVersions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_FILE_SIZE = 64 * 1024 * 1024
MAX_EXPORTS = 200_000  # a kernel with all its modules has some 40,000

_VERSION = re.compile(r"0x[0-9a-fA-F]{8}")
_EXPORT = re.compile(r"EXPORT_(?:UNUSED_)?SYMBOL(?:_GPL)?(?:_FUTURE)?")
# Ubuntu's lists: licence, module, version, symbol, and with a namespace in front what is behind it here.
_TURNED = re.compile(rf"({_EXPORT.pattern})\s+(\S+)\s+({_VERSION.pattern})\s+(\S+)", re.ASCII)
_TURNED_NAMESPACE = re.compile(
    rf"(\S+)\s+({_EXPORT.pattern})\s+({_VERSION.pattern})\s+(\S+)\s+(\S+)", re.ASCII
)
FIRST_LINE = 1 << 16  # bytes; a Rust symbol's name has some hundred


def is_symvers(head: str) -> bool:
    """Whether a file that begins so is a list of versions. head: FIRST_LINE bytes of it, or all."""
    line = head.lstrip("\n").partition("\n")[0]
    return line.startswith("0x") or bool(_TURNED.fullmatch(line) or _TURNED_NAMESPACE.fullmatch(line))


def read_symvers(path: Path) -> list[ObjectVersions]:
    """The versions of each module, in the order of module names.

    The file does not say which object file an export comes from, so `path` is the module's name too. A
    version of zero means that the build had none (CONFIG_MODVERSIONS is off, or the export has no type).
    Raises ObjectError, naming file and line.
    """
    return parse_symvers(read_text(path, MAX_FILE_SIZE, "a Module.symvers"), path)


def parse_symvers(content: str, path: Path | str) -> list[ObjectVersions]:
    """Like `read_symvers`, from the file's content; `path` is for error messages."""
    modules: dict[str, dict[str, tuple[Export, int]]] = {}
    if content and not content.endswith("\n"):
        raise ObjectError(path, "cut short: the last line has no end", offset=len(content))
    if content.count("\n") > MAX_EXPORTS:
        raise ObjectError(path, f"more than {MAX_EXPORTS:,} lines, which no kernel has exports")
    for number, version, module, export in _lines(content, path):
        exports = modules.setdefault(module, {})
        if export.name in exports:
            raise ObjectError(f"{path}:{number}", f"second version of {export.name} in {module}")
        exports[export.name] = export, version
    return [_versions(module, modules[module]) for module in sorted(modules)]


def _versions(module: str, exports: dict[str, tuple[Export, int]]) -> ObjectVersions:
    return ObjectVersions(
        path=module,
        module=module,
        exports=tuple(export for export, _ in exports.values()),
        versions={name: version for name, (_, version) in exports.items() if version},
        unversioned={
            name: "Module.symvers holds no version for it"
            for name, (_, version) in exports.items()
            if not version
        },
    )


class _Line(NamedTuple):
    """The columns of a line."""

    version: str
    name: str
    module: str
    export: str
    namespace: str = ""


def _lines(content: str, path: Path | str) -> Iterator[tuple[int, int, str, Export]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line:
            continue
        columns = _columns(line)
        if columns is None:
            raise ObjectError(f"{path}:{number}", "not a Module.symvers line: four or five columns")
        version, name, module, export, namespace = columns
        if not (_VERSION.fullmatch(version) and name and module and _EXPORT.fullmatch(export)):
            raise ObjectError(
                f"{path}:{number}", "not a Module.symvers line: version, symbol, module, EXPORT_SYMBOL[_GPL]"
            )
        licence = "GPL" if export.endswith("_GPL") else ""
        yield number, int(version, 16), module, Export(name, licence, namespace)


def _columns(line: str) -> _Line | None:
    """The columns of a line of any age, None where their number is another."""
    if not line.startswith("0x"):
        if turned := _TURNED.fullmatch(line):
            export, module, version, name = turned.groups()
            return _Line(version, name, module, export)
        if turned := _TURNED_NAMESPACE.fullmatch(line):
            namespace, export, version, name, module = turned.groups()
            return _Line(version, name, module, export, namespace)
    match line.split("\t") if "\t" in line else line.split():
        case [version, name, namespace, module, export] if _EXPORT.fullmatch(export):
            return _Line(version, name, module, export, namespace)
        case [version, name, module, export, *namespace] if len(namespace) < 2:
            return _Line(version, name, module, export, *namespace)
        case _:
            return None
