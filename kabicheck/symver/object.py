"""One object file, read: its exports, their versions, the type strings behind them, and where they are declared."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import exports_rust_symbols, rust_exports
from kabicheck.errors import NoDebugInfo, NoExports, Unsupported
from kabicheck.model import Export, Location, ObjectVersions, Toolchain
from kabicheck.symver.engine import version_symbols
from kabicheck.symver.grammar import MARK
from kabicheck.symver.kabi_members import PREFIX as KABI_PREFIX
from kabicheck.symver.locations import Locations
from kabicheck.symver.names import may_mention
from kabicheck.symver.outside_rules import rules_for
from kabicheck.symver.rules import SECTION, Rules, read_rules
from kabicheck.symver.symbols import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kabicheck.formats.kabi_rules import KabiRule


class ObjectReading:
    """What one object file says. Everything is calculated on first use and kept.

    Given are the debug information to take (`info`) where it is not all of the image's, kABI rules outside the source
    (`kabi`), which need `stable`, and the object's name as such rules have it.

    symbols: in the C tool's order, with CRC, state and warnings.
    strings: type strings with marks.
    exact: why the exact walk was needed, "" where it was not.
    """

    def __init__(
        self,
        image: Image,
        names: Iterable[str],
        *,
        stable: bool,
        kabi: Sequence[KabiRule] = (),
        name: str = "",
        info: DebugInfo | None = None,
    ) -> None:
        self.image = image
        self.path = image.path
        self.info = info or DebugInfo(image)
        self.rules: Rules | None = read_rules(image) if stable else None
        wanted = list(names)
        outside = rules_for(self.info, name or image.path, wanted, kabi)
        result = version_symbols(self.info, wanted, self.rules, outside)
        self.symbols, self.strings, self._versions = result.symbols, result.strings, result.versions
        self.exact, self.order_dependent = result.exact, result.order_dependent

    @property
    def used(self) -> frozenset[KabiRule]:
        """The rules outside the source that something was found for."""
        return frozenset(self.rules.used if self.rules is not None else ())

    @property
    def ruled(self) -> bool:
        """Whether it holds kABI rules, or names that may be of `__kabi_*` members."""
        return self.image.section(SECTION) is not None or may_mention(self.info, KABI_PREFIX)

    @property
    def versions(self) -> dict[str, int]:
        """Export → CRC-32, for every export that has one."""
        return {s.name: s.crc for s in self.symbols if s.state is State.PROCESSED}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the user, without the file's name."""
        causes: dict[str, list[str]] = {}
        for export, cause in self.order_dependent.items():
            causes.setdefault(cause, []).append(export)
        by_order = (
            f"{_listed(exports)}: the version depends on the order of exports, because of {cause}"
            for cause, exports in sorted(causes.items())
        )
        return (*self.symbols.warnings, *self.strings.warnings, *by_order)

    def expanded(self) -> dict[str, str]:
        """Export → the whole string that its version is calculated from; aliases have none of their own."""
        return {name: self._versions.text(name) for name in self.strings.symbols}

    def types(self) -> dict[str, str]:
        """What a symtypes file holds: type reference or export → own type string, in the file's order."""
        merged = {**self.strings.named, **self.strings.all_symbols()}
        names = sorted(merged, key=lambda name: name.encode("latin-1"))
        return {name: merged[name].replace(MARK, "") for name in names}

    @cached_property
    def _locations(self) -> Locations:
        return Locations(self.info)

    def toolchain(self) -> Toolchain:
        """What made the first unit."""
        return self._locations.toolchain()

    def written_in_assembly(self) -> set[str]:
        """The symbols whose description comes from an assembler."""
        dies = {s.name: s.die for s in self.symbols if s.die is not None}
        return self._locations.written_in_assembly(dies)

    def locations(self, names: Iterable[str]) -> dict[str, Location]:
        """Where types and exports are declared, for those that say so; paths are as in DWARF."""
        return self._locations.of(self.dies(names))

    def members(self, names: Iterable[str]) -> dict[str, dict[str, Location]]:
        """Where members of types and parameters of exports are declared, by name (`u.a` of an unnamed type's).

        Enumerators have no place in DWARF.
        """
        return self._locations.members(self.dies(names))

    def source_tree(self, path: str) -> str:
        """What the paths of `locations` are below, "" where that does not show. path: the object's in its build."""
        return self._locations.source_tree(path)

    def dies(self, names: Iterable[str]) -> dict[str, int]:
        """Name of a type or export → the offset of the entry that describes it, for those that have one."""
        dies = {symbol.name: symbol.die for symbol in self.symbols if symbol.die is not None}
        places = {name: self.strings.dies.get(name, dies.get(name)) for name in names}
        return {name: die for name, die in places.items() if die is not None}


# Why an export has no version.
UNDESCRIBED = "the object's debug information does not describe it"
ASSEMBLY = "it is written in assembly, and only CONFIG_GENDWARFKSYMS makes kbuild add an object with its type"


def _listed(names: list[str]) -> str:
    """The first few of some names."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def read_symbols(
    path: Path | str, names: Iterable[str], *, stable: bool = False, kabi: Sequence[KabiRule] = ()
) -> ObjectReading:
    """Read an object for a list of symbols, as the C tool does. Raises ObjectError."""
    return ObjectReading(Image(path), names, stable=stable, kabi=kabi)


class ExportReading:
    """An object with all that it exports.

    Given may be kbuild's stand-in that holds an assembly object's types (`types`), and `rust/exports.o` (`exporter`)
    for an object whose symbols that one exports.

    Raises NoExports where there is nothing to version, NoDebugInfo where nothing says what the exports are, Unsupported
    for `rust/exports.o` itself.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        types: Path | None = None,
        exporter: Path | None = None,
        name: str = "",
        module: str = "",
        stable: bool = False,
        kabi: Sequence[KabiRule] = (),
    ) -> None:
        self._name = name or str(path)
        self._module = module
        image = Image(path)
        self.exports: tuple[Export, ...] = read_exports(image if exporter is None else Image(exporter))
        names = [export.name for export in self.exports]
        if exporter is not None:
            names = list(rust_exports(image))
            defined = frozenset(names)
            self.exports = tuple(export for export in self.exports if export.name in defined)
        elif exports_rust_symbols(path):
            raise Unsupported(
                path,
                "exports what other objects define, and does not know the types",
                hint="compare the folder that holds rust/ as a whole",
            )
        if not self.exports:
            raise NoExports(path, "exports nothing")
        source = image if types is None else Image(types)
        if source.debug_section("info") is None and types is None:
            raise NoDebugInfo(
                path,
                "no debug information",
                hint="build with CONFIG_DEBUG_INFO (gcc -g); stripped files cannot be versioned",
            )
        self.reading = ObjectReading(source, names, stable=stable, kabi=kabi, name=self._name)

    def versions(self) -> ObjectVersions:
        """The result as plain data.

        An assembler describes functions without their parameters: what gendwarfksyms makes of that never changes,
        whatever the prototype becomes, so it is no version here.
        """
        versions = self.reading.versions
        missing = dict.fromkeys((e.name for e in self.exports if e.name not in versions), UNDESCRIBED)
        missing |= dict.fromkeys(self.reading.written_in_assembly() & versions.keys(), ASSEMBLY)
        return ObjectVersions(
            path=self._name,
            module=self._module,
            exports=self.exports,
            versions={e.name: versions[e.name] for e in self.exports if e.name not in missing},
            unversioned={e.name: missing[e.name] for e in self.exports if e.name in missing},
            warnings=self.reading.warnings,
            toolchain=self.reading.toolchain(),
            ruled=self.reading.ruled,
        )

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string."""
        return self.reading.types()
