"""Objects of one commit, made in the build folder and collected from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.elf.exports import holds_exports
from kabicheck.elf.image import Image
from kabicheck.errors import BuildError
from kabicheck.model import ObjectSet
from kabicheck.objects.collect import listed_objects, read_exporting, read_one
from kabicheck.objects.generated import Origins
from kabicheck.objects.kernel_config import settings
from kabicheck.objects.single import make_single

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.model import BuiltObject
    from kabicheck.objects.build_folder import BuildFolder, Revision, Source
    from kabicheck.objects.build_options import Build
    from kabicheck.objects.visit import Visit
    from kabicheck.progress import Progress


@dataclass(frozen=True, slots=True)
class SingleBuild:
    """What came of making some objects by name.

    found: Object path → a set that has this object alone.
    error: Why the objects that are not in `found` could not be made; None where all are.
    """

    found: Mapping[str, ObjectSet]
    error: BuildError | None


class CommitBuild:
    """Makes objects of commits in one build folder. Its files are not copied: the next commit overwrites them."""

    def __init__(self, folder: BuildFolder, source: Source, build: Build, progress: Progress) -> None:
        self._folder = folder
        self._source = source
        self._build = build
        self._progress = progress

    def whole(self, revision: Revision, lock: int) -> ObjectSet:
        """Everything that holds exports under the targets. Raises BuildError, RepositoryError.

        `lock` is the descriptor of the worktree's lock, which make inherits.
        """
        with self._folder.visit(revision, lock) as visit:
            self._progress(f"building {visit.name}")
            self._folder.make(visit)
            found = self._collect(visit)
            if self._folder.remove_doubtful(visit, found.objects):
                self._folder.make(visit)
                found = self._collect(visit)
        return replace(found, notes=tuple(filter(None, map(_unlisted, found.objects))))

    def single(self, revision: Revision, goals: Mapping[str, str], lock: int) -> SingleBuild:
        """Objects by themselves. Raises BuildError where not even the preparation succeeds, RepositoryError.

        `goals` gives make's name for each object's path.
        """
        with self._folder.visit(revision, lock) as visit:
            self._progress(f"building {visit.name}, objects: {len(goals)}")
            rules = self._source.folder / "listing.mk"
            origins = Origins(self._folder.path, self._source.path)
            made = make_single(visit, tuple(goals.values()), self._build.goals(), rules)
            there = (path for path, goal in goals.items() if goal in made.there)
            if self._folder.remove_doubtful(
                visit, (read_one(self._folder.path, origins, path) for path in there)
            ):
                made = make_single(visit, tuple(goals.values()), self._build.goals(), rules)
        empty = self._empty_set(visit)
        found = {}
        for path, goal in goals.items():
            if goal in made.absent:
                found[path] = replace(empty, absent=(path,))
            elif goal in made.there:
                built = read_one(self._folder.path, origins, path)
                found[path] = _set_of_one(replace(empty, built=int(visit.made(path))), built)
        return SingleBuild(found, made.error)

    def _collect(self, visit: Visit) -> ObjectSet:
        """What this commit's build lists, whatever else earlier commits left in the folder."""
        listed: dict[str, str] = {}
        absent = []
        for goal in self._build.goals():
            found = listed_objects(self._folder.path, goal)
            if found is None:
                absent.append(goal)
            else:
                listed |= found
        if "./" in absent:
            raise BuildError(f"building commit {visit.what} left no built-in.a", log=self._folder.logs)
        objects = read_exporting(self._folder.path, self._source.path, listed)
        return replace(
            self._empty_set(visit),
            objects=objects,
            config=visit.config,
            built=sum(visit.made(path) for path in listed),
            absent=tuple(absent),
            without_exports=tuple(sorted(listed.keys() - {built.path for built in objects})),
        )

    def _empty_set(self, visit: Visit) -> ObjectSet:
        """What every ObjectSet of a visit has in common, its configuration aside."""
        options = settings(visit.config)
        return ObjectSet(
            (),
            genksyms=options.get("MODVERSIONS") == "y" and options.get("GENDWARFKSYMS") != "y",
            exports_trimmed=options.get("TRIM_UNUSED_KSYMS") == "y",
            source=str(self._source.path),
        )


def _set_of_one(empty: ObjectSet, built: BuiltObject) -> ObjectSet:
    """A set that has this object alone, among those without exports where it holds none."""
    note = _unlisted(built)
    noted = replace(empty, notes=(note,) if note else ())
    if holds_exports(Image(built.file)):
        return replace(noted, objects=(built,))
    known = {built.path: built.depends} if built.complete else {}
    return replace(noted, without_exports=(built.path,), made_from=known)


def _unlisted(built: BuiltObject) -> str:
    """A sentence about an object whose list is not to be relied on; "" for any other."""
    if not built.unlisted:
        return ""
    return (
        f"{built.path}: its debug information names {built.unlisted[0]}, which its list of what it is made from lacks, "
        "so that it is taken to be made from anything"
    )
