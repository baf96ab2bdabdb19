"""Object files, each read once for each way to read it, and remembered within a bound of memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.cache import digest_of
from kabicheck.pipeline.read_options import PLAIN, ReadOptions
from kabicheck.pipeline.reading import files_of, find_versions, keep_versions, open_places, read_object

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.index.index import Index
    from kabicheck.model import BuiltObject, Location, ObjectSet, ObjectVersions
    from kabicheck.symver.locations import Locations
    from kabicheck.symver.object import ExportReading

# The type strings that are remembered may take so many bytes; an object of the kernel has 0.2 MB on average.
MOST_BYTES = 128 << 20
# So many objects keep what they were decoded from as well, which takes about ten times as much: both sides of a pair,
# each with and without rules.
MOST_OPEN = 4
# What a string and its place in a dictionary take beside its characters, in bytes.
_EACH_STRING = 150


class ObjectReader:
    """Reads objects for everything that a process wants to know of them.

    An object is decoded at most once for each way to read it, as long as no more than MOST_BYTES of type strings are
    remembered; beyond that, those that were asked for longest ago are forgotten, and decoded again when somebody asks.
    Versions are never forgotten: there are as many as the sides have exports. Only those under rules from outside the
    source are, since a search for remedies reads every object under many sets of these, each once.
    """

    def __init__(self, index: Index | None = None, most_bytes: int = MOST_BYTES) -> None:
        """index: Knows the versions of objects that were read before, and is told those of the others; may be None."""
        self._index = index
        self._most_bytes = most_bytes
        self._versions: dict[Hashable, ObjectVersions] = {}
        # The key of an object by its files → its key by their content.
        self._contents: dict[Hashable, Hashable] = {}
        # By content. What was asked for last is last.
        self._decoded: OrderedDict[Hashable, DecodedObject] = OrderedDict()
        self._open: OrderedDict[Hashable, None] = OrderedDict()

    def object(self, built: BuiltObject, options: ReadOptions = PLAIN, source: str = "") -> ReadObject:
        """An object, which is read when something is asked of it.

        source: The source tree that its debug information names, where the object does not say another; "" where that
            is not known.
        """
        return ReadObject(self, built, options, source)

    def side(self, objects: ObjectSet, options: ReadOptions = PLAIN) -> ObjectsOfSide:
        """All objects of a side, which are read when something is asked of them."""
        return ObjectsOfSide(self, objects, options)

    def known_versions(self, built: BuiltObject, options: ReadOptions = PLAIN) -> ObjectVersions | None:
        """The versions of an object that need no decoding, None where it has to be decoded for them."""
        key = self._key(built, options)
        if key not in self._versions:
            known = find_versions(self._index, built, options)
            if known is None:
                return None
            self._versions[key] = known
        return _named(self._versions[key], built)

    def learn(self, built: BuiltObject, options: ReadOptions, versions: ObjectVersions) -> None:
        """Remember the versions of an object, which another process may have decoded; not those under outside rules."""
        if not options.kabi and self.known_versions(built, options) is None:
            self._versions[self._key(built, options)] = versions
            keep_versions(self._index, built, versions, options)

    def versions(self, built: BuiltObject, options: ReadOptions = PLAIN) -> ObjectVersions:
        """The versions of an object's exports. Raises ObjectError."""
        known = self.known_versions(built, options)
        if known is None:
            versions = self.decoded(built, options).versions
            self.learn(built, options, versions)
            known = _named(versions, built)
        return known

    def used(self, built: BuiltObject, options: ReadOptions) -> frozenset[KabiRule]:
        """The rules outside the source that something was found for. Raises ObjectError, UsageError."""
        return self.decoded(built, options).used if options.kabi else frozenset()

    def drop(self, built: BuiltObject, options: ReadOptions = PLAIN) -> None:
        """Keep no more of an object than its versions, unless somebody asked for its types already."""
        # The content of what was not decoded is not read for that.
        key = self._contents.get(self._key(built, options))
        if key in self._decoded and not self._decoded[key].size:
            del self._decoded[key]
            self._open.pop(key, None)

    def decoded(self, built: BuiltObject, options: ReadOptions = PLAIN) -> DecodedObject:
        """All that an object says. Raises ObjectError, and UsageError for rules that make no sense in it."""
        key = self._content_of(built, options)
        decoded = self._decoded.get(key)
        if decoded is None:
            decoded = self._decoded[key] = DecodedObject(built, options)
            self.learn(built, options, decoded.versions)
        else:
            decoded.moved_to(built)
        self._decoded.move_to_end(key)
        self._open[key] = None
        self._open.move_to_end(key)
        if len(self._open) > MOST_OPEN:
            self._close(self._open.popitem(last=False)[0])
        return decoded

    def _content_of(self, built: BuiltObject, options: ReadOptions) -> Hashable:
        """Where an object is among those that were decoded: files of equal content say the same."""
        key = self._key(built, options)
        if key not in self._contents:
            self._contents[key] = _content_key(built, options) or key
        return self._contents[key]

    def _close(self, key: Hashable) -> None:
        """Drop what an object was decoded from, and what is too much."""
        if key in self._decoded:
            self._decoded[key].close()
        size = sum(each.size for each in self._decoded.values())
        while size > self._most_bytes and len(self._decoded) > MOST_OPEN:
            size -= self._decoded.popitem(last=False)[1].size

    def _key(self, built: BuiltObject, options: ReadOptions) -> Hashable:
        """What is remembered is the same with and without --stable for an object that holds no rules of either kind."""
        key = _key(built, options)
        if options.kabi or built.unit or key in self._versions:
            return key
        other_key = _key(built, ReadOptions(not options.stable))
        other = self._versions.get(other_key)
        return key if other is None or other.ruled else other_key


class DecodedObject:
    """All that one object says, whatever path and module it has on a side.

    Once it is closed, versions, types and rules are still there; places are read from the file again, without decoding
    types.

    versions: Each export's version.
    used: The rules outside the source that something was found for.
    size: About how many bytes its type strings take, 0 until somebody asks for them.
    """

    def __init__(self, built: BuiltObject, options: ReadOptions) -> None:
        """Raises ObjectError, UsageError."""
        from kabicheck.symver.linked_unit import NoReading

        reading = read_object(built, options)
        self.versions = reading.versions()
        self.used: frozenset[KabiRule] = frozenset()
        self.size = 0
        self._built = built
        self._reading: ExportReading | None = reading
        self._rules = None
        self._dies: Mapping[str, int] = {}
        self._is_empty = isinstance(reading, NoReading)  # which holds nothing that would have to be dropped
        if not self._is_empty:
            self._rules = reading.reading.rules
            self.used = reading.reading.used

    def rules_for(self, name: str) -> Sequence[str]:
        """The kABI rules for a type reference or an export, in words; those outside the source only where they did
        something.
        """
        return () if self._rules is None else self._rules.about(name)

    @cached_property
    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string."""
        assert self._reading is not None, "types are made before an object is closed"
        types = self._reading.types()
        self.size = sum(map(len, types.values())) + _EACH_STRING * len(types)
        return types

    def locations(self, names: Collection[str]) -> Mapping[str, Location]:
        """Where types and exports are declared; paths are as in DWARF."""
        if self._reading is not None:
            return self._reading.reading.locations(names)
        return self._places.of(self._dies_of(names)) if self._dies else {}

    def member_locations(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]:
        """Where the members of types and the parameters of exports are declared, in the same way."""
        if self._reading is not None:
            return self._reading.reading.members(names)
        return self._places.members(self._dies_of(names)) if self._dies else {}

    def source_tree(self, path: str) -> str:
        """What the paths of places are below, "" where that does not show. path: The object's in its build."""
        if self._reading is not None:
            return self._reading.reading.source_tree(path)
        return self._places.source_tree(path)

    def moved_to(self, built: BuiltObject) -> None:
        """Read places from another file of the same content: the one that was decoded may be another by now."""
        self._built = built

    def close(self) -> None:
        """Drop what the object was decoded from."""
        if self._reading is None:
            vars(self).pop("_places", None)
        elif not self._is_empty:
            self._dies = self._reading.reading.dies(self.types)
            self._reading = None

    @cached_property
    def _places(self) -> Locations:
        return open_places(self._built)

    def _dies_of(self, names: Collection[str]) -> dict[str, int]:
        return {name: self._dies[name] for name in names if name in self._dies}


class ReadObject:
    """An object on one side, as a DescribedObject. It is read when there is something to read."""

    is_typed = True

    def __init__(
        self, reader: ObjectReader, built: BuiltObject, options: ReadOptions = PLAIN, source: str = ""
    ) -> None:
        """source: As in `ObjectReader.object`."""
        self._reader = reader
        self._built = built
        self._options = options
        self._source = built.source or source

    @property
    def _decoded(self) -> DecodedObject:
        return self._reader.decoded(self._built, self._options)

    @cached_property
    def versions(self) -> ObjectVersions:
        """Each export's version. Raises ObjectError."""
        return self._reader.versions(self._built, self._options)

    @property
    def used(self) -> frozenset[KabiRule]:
        """The rules outside the source that something was found for. Raises ObjectError."""
        return self._reader.used(self._built, self._options)

    def drop(self) -> None:
        """Let no more of it be remembered than its versions, unless somebody asked for its types already."""
        self._reader.drop(self._built, self._options)

    def rules_for(self, name: str) -> Sequence[str]:
        """The kABI rules for a type reference or an export, in words; those outside the source only where they did
        something. Raises ObjectError.
        """
        return self._decoded.rules_for(name)

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string. Raises ObjectError."""
        return self._decoded.types

    def locations(self, names: Collection[str]) -> Mapping[str, Location]:
        """Where declarations are, relative to the source tree; nowhere for what kbuild pipes into the compiler.

        That is the stand-in of an assembly object, which holds a pointer of each export's type and no declaration.
        Raises ObjectError.
        """
        return self._inside_tree(self._decoded.locations(names))

    def member_locations(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]:
        """Where the members of types and the parameters of exports are, in the same way; enumerators have no place."""
        found = self._decoded.member_locations(names)
        return {name: self._inside_tree(places) for name, places in found.items()}

    @cached_property
    def _tree(self) -> str:
        """What paths are shown relative to: what is known of a build of ours, else what the object says.

        Of a linked file, the source is what the sources of its units have in common, which may be less than the tree.
        """
        known = self._source if self._built.unit is None else ""
        return known or self._decoded.source_tree(self._built.path) or self._source

    def _inside_tree(self, places: Mapping[str, Location]) -> dict[str, Location]:
        return {
            name: replace(where, file=_inside(where.file, self._tree))
            for name, where in places.items()
            if not where.file.endswith("<stdin>")
        }


class ObjectsOfSide:
    """The objects of one side by their paths, as a DescribedSide.

    An object that was named alone has no path, and stands for whatever is asked for.
    """

    def __init__(self, reader: ObjectReader, objects: ObjectSet, options: ReadOptions = PLAIN) -> None:
        self._reader = reader
        self._built = {built.path: built for built in objects.objects}
        self._source = objects.source
        self._options = options

    def get(self, path: str) -> ReadObject | None:
        """An object, None where this side has none of that path, as of an export that moved."""
        built = self._built.get(path) or self._built.get("")
        return self._reader.object(built, self._options, self._source) if built else None


def _named(versions: ObjectVersions, built: BuiltObject) -> ObjectVersions:
    """An object's versions, called as the object is on its side; a linked file's unit is never called as the file."""
    path = built.path if built.unit else built.path or str(built.file)
    return replace(versions, path=path, module=built.module)


def _content_key(built: BuiltObject, options: ReadOptions) -> Hashable:
    """What decides all that an object says, None of a unit of a linked file, which may be too large to be read whole.

    Taking the digest of a file takes less than a hundredth of the time that decoding it does.
    """
    if built.unit:
        return None
    try:
        digests = tuple(digest_of(file) for file in files_of(built))
    except OSError:  # which is said when it is read
        return None
    # The name of rust/exports.o makes the difference whether it is read at all.
    return (digests, built.file.name == "exports.o", _how(built, options))


def _key(built: BuiltObject, options: ReadOptions) -> Hashable:
    """The same without reading a file: which files they are, and how they are read."""
    files: list[tuple[str | int, ...]] = []
    for file in files_of(built):
        try:
            status = file.stat()
        except OSError:  # which is said when it is read
            files.append((str(file),))
        else:
            files.append((str(file), status.st_ino, status.st_size, status.st_mtime_ns))
    unit = (built.unit.number, built.unit.exports) if built.unit else None
    return (*files, unit, _how(built, options))


def _how(built: BuiltObject, options: ReadOptions) -> Hashable:
    """What each file is for, and the options. Rules outside the source may be for objects of some paths alone."""
    return (built.types is None, built.exporter is None, built.path if options.kabi else "", options)


def _inside(file: str, tree: str) -> str:
    folder = tree.rstrip("/")
    return file.removeprefix(f"{folder}/") if folder else file
