"""Module.symvers: the versions of all exports of a kernel, as modpost writes them.

    0x12345678<TAB>symbol<TAB>vmlinux<TAB>EXPORT_SYMBOL_GPL<TAB>NAMESPACE       since Linux 5.6
    0x12345678<TAB>symbol<TAB>NAMESPACE<TAB>vmlinux<TAB>EXPORT_SYMBOL_GPL       Linux 5.4 and 5.5
    0x12345678<TAB>symbol<TAB>vmlinux<TAB>EXPORT_SYMBOL_GPL                     before, and Red Hat's Module.kabi

Lines whose columns spaces separate, without a tab, are read too: suse-kabi-tools does.
See Documentation/kbuild/modules.rst, "Module Versioning".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.formats.text import read_text
from kabicheck.model import Export, ObjectVersions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_FILE_SIZE = 64 * 1024 * 1024

_VERSION = re.compile(r"0x[0-9a-fA-F]{8}")
_EXPORT = re.compile(r"EXPORT_(?:UNUSED_)?SYMBOL(?:_GPL)?(?:_FUTURE)?")


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


def _lines(content: str, path: Path | str) -> Iterator[tuple[int, int, str, Export]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line:
            continue
        match line.split("\t") if "\t" in line else line.split():
            case [version, name, namespace, module, export] if _EXPORT.fullmatch(export):
                pass
            case [version, name, module, export, namespace]:
                pass
            case [version, name, module, export]:
                namespace = ""
            case _:
                raise ObjectError(f"{path}:{number}", "not a Module.symvers line: four or five columns")
        if not (_VERSION.fullmatch(version) and name and module and _EXPORT.fullmatch(export)):
            raise ObjectError(
                f"{path}:{number}", "not a Module.symvers line: version, symbol, module, EXPORT_SYMBOL[_GPL]"
            )
        licence = "GPL" if export.endswith("_GPL") else ""
        yield number, int(version, 16), module, Export(name, licence, namespace)
