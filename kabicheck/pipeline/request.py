"""What is asked of the driver, as plain frozen data: made of options and `kabicheck.toml`, or by another program."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kabicheck.compare.detail import BRIEF
from kabicheck.config import ATTRIBUTION, Check
from kabicheck.errors import UsageError
from kabicheck.pipeline.read_options import PLAIN
from kabicheck.policy.apply import Lists
from kabicheck.policy.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kabicheck.compare.detail import Detail
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.pipeline.read_options import ReadOptions


@dataclass(frozen=True, slots=True)
class AttributionOptions:
    """How far it is looked for who changed what.

    method: "off", "blame" (suspects from the source alone), or "verify" (builds of commits in between).
    most_builds: How many commits may be looked at to verify, None for as many as it takes.
    folded: Whether the diffs of causes leave out most of what did not change.
    """

    method: str = "verify"
    most_builds: int | None = None
    folded: bool = True


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """What is kept between runs, and what of it is used.

    fresh: Build and calculate everything anew, whatever is kept, and keep no versions.
    verify: Read every object to see whether it changed, whatever its size and times say.
    untrusted: The commits are not trusted: what building them leaves behind is used by other such runs alone.
    """

    fresh: bool = False
    verify: bool = False
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Refs:
    """What is to be compared, as it is named.

    base: The ref that the old side is found from, None for the upstream branch, origin/HEAD, main or master.
    head: The ref of the new side.
    staged: Compare what is staged, in place of head, with base or HEAD.
    by_hand: pre-commit was told to compare what is staged outside of a commit.
    amended: HEAD is replaced by what is staged, so that what is as in HEAD's parent does not count.
    itself: Compare with base itself, not with the merge base.
    same: Both sides may be one commit.
    hook: A hook waits, so that what no build reads needs none.
    from_to: base and head are those of pre-commit's options.
    remote: The remote that a new branch is pushed to, "" for none.
    """

    base: str | None = None
    head: str = "HEAD"
    staged: bool = False
    by_hand: bool = False
    amended: bool = False
    itself: bool = False
    same: bool = False
    hook: bool = False
    from_to: bool = False
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where commits and their objects come from.

    repository: The repository, or a folder in it.
    base_objects: A folder or tar archive with the output of the base's build, None where it is built.
    head_objects: The same of the head.
    commit_objects: Such a path for every commit, with `{commit}` or `{short}` in it, None where they are built.
    """

    repository: str = "."
    base_objects: Path | None = None
    head_objects: Path | None = None
    commit_objects: str | None = None

    @property
    def are_ready(self) -> bool:
        """Whether both sides are ready-made, so that no repository is needed."""
        return bool(self.base_objects and self.head_objects and not self.commit_objects)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Which changes count: a policy, with what the files say that it names.

    policy: Grades, waivers and the names of these files.
    lists: What the files say.
    """

    policy: Policy = field(default_factory=Policy)
    lists: Lists = field(default_factory=Lists)


@dataclass(frozen=True, slots=True)
class GivenOptions:
    """What a command line says of what `kabicheck.toml` can say as well, and which file counts.

    check: Key of the table [check] → value, for those that were given.
    others: The keys of other tables that were given.
    kabi: A file of kABI rules, None for none.
    file: The settings in place of the tree's, None for these.
    ignored: No settings are read at all.
    """

    check: Mapping[str, Any] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    kabi: Path | None = None
    file: Path | None = None
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What `kabicheck check` asks.

    refs: The two commits, or what is staged.
    sources: Where they and their objects come from.
    check: How commits are built, and how much may be done to find out who changed something.
    read: How objects are read. Its `stable` is to be that of `check`, as in what `settings_of` gives.
    rulebook: Which changes count.
    detail: How much is said of each cause.
    suggest: Whether kABI rules are sought as long as it takes, for the report's `suggestions`.
    """

    refs: Refs = field(default_factory=Refs)
    sources: Sources = field(default_factory=Sources)
    check: Check = field(default_factory=Check)
    read: ReadOptions = PLAIN
    rulebook: Rulebook = field(default_factory=Rulebook)
    detail: Detail = BRIEF
    suggest: bool = False

    def __post_init__(self) -> None:
        """Raises UsageError for values of `check` that there are not."""
        _require_known(self.check)
        if self.check.stable:  # what is built with kABI rules is read with them
            object.__setattr__(self, "read", replace(self.read, stable=True))


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What `kabicheck compare` asks.

    old, new: The two files or folders.
    jobs: Worker processes, 0 for one per processor.
    read: How objects are read.
    rulebook: Which changes count.
    detail: How much is said of each cause.
    """

    old: Path
    new: Path
    jobs: int = 0
    read: ReadOptions = PLAIN
    rulebook: Rulebook = field(default_factory=Rulebook)
    detail: Detail = BRIEF

    def __post_init__(self) -> None:
        """Raises UsageError for a number of processes below 0."""
        _require_number(self.jobs)


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """What `kabicheck suggest` asks.

    old, new: The two object files, or folders of them.
    jobs: Worker processes, 0 for one per processor.
    kabi: Rules from outside the source that hold already.
    """

    old: Path
    new: Path
    jobs: int = 0
    kabi: tuple[KabiRule, ...] = ()


@dataclass(frozen=True, slots=True)
class BisectRequest:
    """What `kabicheck bisect` asks.

    symbols: The exports whose changes are looked for, each once.
    refs: The good and the bad end, as base and head.
    sources, check, read: As in CheckRequest; what `check` says of the attribution does not matter.
    """

    symbols: tuple[str, ...]
    refs: Refs = field(default_factory=Refs)
    sources: Sources = field(default_factory=Sources)
    check: Check = field(default_factory=Check)
    read: ReadOptions = PLAIN

    def __post_init__(self) -> None:
        """Raises UsageError for values of `check` that there are not."""
        _require_known(self.check)
        if self.check.stable:  # what is built with kABI rules is read with them
            object.__setattr__(self, "read", replace(self.read, stable=True))


@dataclass(frozen=True, slots=True)
class BisectStepRequest:
    """What `kabicheck bisect step` asks.

    symbols: The exports that may have changed.
    good: The ref of a commit that is good, None for the one that git was told of first.
    good_version: The version that is good ("0x1234abcd"), in place of a commit; "" where a commit is.
    sources, check, read: As in CheckRequest.
    """

    symbols: tuple[str, ...]
    good: str | None = None
    good_version: str = ""
    sources: Sources = field(default_factory=Sources)
    check: Check = field(default_factory=Check)
    read: ReadOptions = PLAIN


def _require_known(check: Check) -> None:
    """Options and `kabicheck.toml` are looked at where they are read; a program may say anything."""
    _require_number(check.jobs)
    if check.max_builds is not None and check.max_builds < 0:
        raise UsageError(f"{check.max_builds} is no number of builds")
    if check.attribution not in ATTRIBUTION:
        raise UsageError(
            f"there is no attribution {check.attribution!r}", hint=f"one of {', '.join(ATTRIBUTION)}"
        )


def _require_number(jobs: int) -> None:
    if jobs < 0:
        raise UsageError(f"{jobs} is no number of processes", hint="0 for one per processor")
