"""kabicheck for other programs: what the commands do, with plain data in place of options and printing.

    from kabicheck.api import CheckRequest, Refs, Sources, check, open_session

    with open_session() as session:
        report = check(CheckRequest(refs=Refs(base="v6.18"), sources=Sources("linux")), session)

Requests are values that only say what is asked; `Report` is the data that every report is written from. Whatever goes
wrong is an error of `kabicheck.errors`, whose base is KabicheckError. Nothing is printed, and no file of the user's is
written; builds are kept in the cache folder, as those of the commands are.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kabicheck.compare.detail import Detail
from kabicheck.config import Check
from kabicheck.model import BisectResult, Report
from kabicheck.pipeline import session as _session
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.pipeline.request import (
    BisectRequest,
    CacheOptions,
    CheckRequest,
    CompareRequest,
    GivenOptions,
    Refs,
    Rulebook,
    Sources,
)
from kabicheck.pipeline.session import Session
from kabicheck.pipeline.settings import Settings, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.pipeline.attribution.bisection import Bisection
    from kabicheck.progress import Warn

__all__ = [
    "BisectRequest",
    "BisectResult",
    "CacheOptions",
    "Check",
    "CheckRequest",
    "CompareRequest",
    "Detail",
    "GivenOptions",
    "ReadOptions",
    "Refs",
    "Report",
    "Rulebook",
    "Session",
    "Settings",
    "Sources",
    "begin_bisect",
    "bisect",
    "check",
    "compare",
    "open_session",
    "rulebook_of",
    "settings_of",
]


def _ignored(_sentence: str) -> None:
    """The sentence is for nobody."""


@contextmanager
def open_session(
    cache: CacheOptions | None = None, warn: Warn = _ignored, *, builds: bool = True
) -> Iterator[Session]:
    """What several requests may share, as long as the block runs: kept builds and kept versions.

    cache: How what is kept is used, None for all of it.
    warn: Is given a sentence where kept versions cannot be used; all is calculated anew then.
    builds: Whether commits are built. `compare` builds none, and so needs no folder to keep builds in.
    Raises KabicheckError where the cache folder cannot be used.
    """
    with _session.open_session(cache or CacheOptions(), warn, builds=builds) as session:
        yield session


def rulebook_of(settings: Settings) -> Rulebook:
    """Which changes count, as the settings' `kabicheck.toml` says, with what the lists say that it names.

    Raises UsageError for a rule that there is not, and ObjectError for a list that cannot be read.
    """
    from kabicheck.pipeline.rulebook import read_rulebook, require_known_rules

    require_known_rules(settings.configuration)
    return read_rulebook(settings.configuration.policy)


def check(request: CheckRequest, session: Session) -> Report:
    """Compare two commits, or a commit and what is staged: which versions differ, why, and who changed them.

    Builds both commits where nobody did before, and commits in between where that shows who changed something. Raises
    KabicheckError for whatever could not be looked at.
    """
    from kabicheck.pipeline import check as pipeline

    return pipeline.run(request, session)


def compare(request: CompareRequest, session: Session) -> Report:
    """Compare two files or folders, whatever of what `kabicheck compare` takes they are. Raises KabicheckError."""
    from kabicheck.pipeline import compare as pipeline

    return pipeline.run(request, session)


def bisect(request: BisectRequest, session: Session) -> BisectResult:
    """Find the commits that changed some exports: both ends first, then as few commits in between as can be.

    Raises KabicheckError; UsageError for a symbol that neither end exports.
    """
    from kabicheck.pipeline import bisect as pipeline

    return pipeline.run(request, session)


def begin_bisect(request: BisectRequest, session: Session) -> Bisection:
    """The first part of `bisect`: build both ends, and compare what exports the symbols there.

    The `plan` of what it returns says how much is left to do, and its `result` does that. Raises KabicheckError.
    """
    from kabicheck.pipeline import bisect as pipeline

    return pipeline.begun(request, session)
