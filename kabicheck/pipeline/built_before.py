"""All objects of a commit from those of another one that was built before: only what differs is built."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, splitext
from typing import TYPE_CHECKING

from kabicheck.attribute.depends import Reach, farthest, touches
from kabicheck.attribute.question import Observation
from kabicheck.cache import cache_folder
from kabicheck.errors import BuildError, KabicheckError
from kabicheck.objects.single_sets import RUST

if TYPE_CHECKING:
    from kabicheck.config import Check
    from kabicheck.model import Commit, ObjectSet, Step
    from kabicheck.objects.incremental import IncrementalBuild
    from kabicheck.objects.kbuild import Kbuild
    from kabicheck.pipeline.session import Session
    from kabicheck.vcs.repository import Repository

# So many commits back a build is looked for that a base can be put together from: for a commit that somebody waits
# for, and for a job, which would otherwise build all.
NEAR = 32
FAR = 1000


@dataclass(frozen=True, slots=True)
class BuiltBefore:
    """All objects of commits, with as little building as can be.

    repository: Where the commits are.
    kbuild: What builds them.
    command: The command line that builds one as a whole, for an error's hint.
    """

    repository: Repository
    kbuild: Kbuild
    command: str = "kabicheck build"

    def at(self, commit: Commit) -> IncrementalBuild:
        """Those of a commit: known, or its nearest known ancestor's with what differs, or built as a whole.

        Raises BuildError where nothing was ever built: that would take a commit too long.
        """
        if known := self.kbuild.known(commit):
            return known
        if near := self.near(commit):
            return near
        if not self.kbuild.began:
            raise BuildError(
                f"{commit.short} was never built with this configuration, so that nothing is known to compare with",
                hint=f"once, `{self.command}` makes that build, which takes as long as any of a kernel from nothing "
                f"and up to some GiB in {cache_folder()}; after that a commit waits for what it touches only",
            )
        self.kbuild.objects(commit)
        built = self.kbuild.known(commit)
        assert built is not None, "it was kept a moment ago"
        return built

    def near(self, commit: Commit, most: int = NEAR, *, trusted: bool = False) -> IncrementalBuild | None:
        """Those of a commit from the nearest known one of `most` ancestors, None where that takes a whole build.

        trusted: only what was built without --untrusted is known.
        """
        history = self.repository.history()
        for ancestor in self.repository.ancestors(commit, most):
            if known := self.kbuild.known(ancestor, trusted=trusted):
                paths = reached_objects(history.step(ancestor, commit), known.objects)
                return self.kbuild.incremental(known, commit, paths) if paths is not None else None
        return None

    def lists(self, step: Step) -> bool:
        """Whether the nearest known build has an object that is made from a file called as one that a step touches.

        Asked of files that no build should read, which sources may include all the same. Without a known build nobody
        says so, and none is made for it.
        """
        read = {basename(path) for touch in step.touched for path in (touch.path, touch.old_path)}
        for commit in (step.parent, *self.repository.ancestors(step.parent, NEAR)):
            if known := self.kbuild.known(commit):
                return any(
                    not read.isdisjoint(map(basename, built.depends)) for built in known.objects.objects
                )
        return False


def is_unread(check: Check, repository: Repository, step: Step, session: Session) -> bool:
    """Whether no build reads what a step touches: by what it is called, and by what is known of builds."""
    if farthest(step) is not Reach.NOTHING:
        return False
    try:
        kbuild = session.kbuild(check, repository)
    except KabicheckError:  # without a compiler, or where none can build, nothing is known of builds
        return True
    return not BuiltBefore(repository, kbuild).lists(step)


def reached_objects(step: Step, old: ObjectSet) -> list[str] | None:
    """The objects whose exports a step can change; None where only a whole build tells.

    That is so of makefiles, of what else reaches further than compilers say that they read, and of Rust, whose exports
    are in one object for all. Of objects without exports it is not kept what they are made from: they count where their
    own source is touched.
    """
    if farthest(step) not in (Reach.NOTHING, Reach.LISTED):
        return None
    reached = [
        built.path
        for built in old.objects
        if touches(step, built.path, Observation({}, frozenset(built.depends), complete=built.complete))
    ]
    if any(path.startswith(RUST) for path in reached):
        return None
    sources = {splitext(path)[0] for touch in step.touched for path in (touch.path, touch.old_path)}
    return sorted([*reached, *(path for path in old.without_exports if splitext(path)[0] in sources)])
