"""How two commits become a report: each stage takes what the one before it made, and returns it with more."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.pipeline.amended import excused
from kabicheck.pipeline.attribution.culprit_search import with_culprits
from kabicheck.pipeline.attribution.observer import CommitObserver
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.remedies import ObjectsUnderRules
from kabicheck.pipeline.request import AttributionOptions
from kabicheck.pipeline.sides import gather
from kabicheck.pipeline.staged import gather_amended, gather_staged
from kabicheck.pipeline.stages import remedied, reported
from kabicheck.pipeline.suggestions import suggest
from kabicheck.pipeline.verdict import judged

if TYPE_CHECKING:
    from kabicheck.model import Comparison, Report, Suggestions
    from kabicheck.pipeline.attribution.observer import Fetch
    from kabicheck.pipeline.request import CheckRequest
    from kabicheck.pipeline.session import Session
    from kabicheck.pipeline.sides import Sides


def run(request: CheckRequest, session: Session) -> Report:
    """Build both sides, compare them, say why they differ and who changed that, and what of it counts.

    Raises KabicheckError.
    """
    sides, fetch = _sides(request, session)
    started = time.perf_counter()
    comparison = _compared(request, session, sides)
    seconds = time.perf_counter() - started
    comparison = _remedied(comparison, request, session, sides)
    suggestions = _suggested(request, session, sides) if request.suggest else None
    comparison = _with_culprits(comparison, request, session, sides, fetch)
    comparison = _judged(comparison, request, session, sides)
    report = reported(sides.base, sides.head, comparison, request.detail, sides.notes)
    return replace(_with_cost(report, sides, seconds), suggestions=suggestions)


def _sides(request: CheckRequest, session: Session) -> tuple[Sides, Fetch | None]:
    choose = gather_staged if request.refs.staged else gather
    return choose(request.refs, request.sources, request.check, session)


def _compared(request: CheckRequest, session: Session, sides: Sides, *, hidden: bool = True) -> Comparison:
    """hidden: whether to look for what kABI rules keep out of versions, too."""
    session.progress(f"comparing {len(sides.new.objects)} objects")
    return compare_builds(
        sides.old,
        sides.new,
        request.read,
        session.reader,
        jobs=request.check.jobs,
        detail=request.detail,
        look_behind=hidden,
    )


def _remedied(comparison: Comparison, request: CheckRequest, session: Session, sides: Sides) -> Comparison:
    jobs, reader = request.check.jobs, session.reader
    return remedied(comparison, sides.old, sides.new, request.read, reader, jobs=jobs)


def _suggested(request: CheckRequest, session: Session, sides: Sides) -> Suggestions:
    """The kABI rules that keep the versions, for which any time is taken."""
    jobs, rules = request.check.jobs, request.read.kabi
    return suggest(ObjectsUnderRules(sides.old, sides.new, jobs, rules=rules, reader=session.reader))


def _with_culprits(
    comparison: Comparison, request: CheckRequest, session: Session, sides: Sides, fetch: Fetch | None
) -> Comparison:
    if sides.unattributed:  # it is in no commit that could be named
        return comparison
    observer = CommitObserver(fetch, session.reader, request.read) if fetch else None
    check, folded = request.check, not request.detail.verbose
    options = AttributionOptions(check.attribution, check.max_builds, folded=folded)
    return with_culprits(comparison, sides, observer, options, session.progress)


def _judged(comparison: Comparison, request: CheckRequest, session: Session, sides: Sides) -> Comparison:
    """Under the policy; of what is staged where HEAD is amended, what HEAD's parent has as well is excused."""
    verdict = judged(comparison, request.rulebook, sides.commit_ids)
    if not (verdict.failed and request.refs.staged and request.refs.amended):
        return verdict
    parent = gather_amended(request.refs, request.sources, request.check, session)
    if parent is None:
        return verdict
    since_parent = judged(_compared(request, session, parent, hidden=False), request.rulebook)
    return judged(excused(comparison, verdict, since_parent, parent.base.label), request.rulebook)


def _with_cost(report: Report, sides: Sides, seconds: float) -> Report:
    """The report with how much was looked at for it. seconds: Of wall time, that comparing took."""
    compiled = sides.old.built + sides.new.built
    objects = len(sides.old.objects) + len(sides.new.objects)
    return replace(
        report,
        commits=len(sides.commit_ids),
        built=compiled,
        cached=objects if not compiled else 0,
        seconds=seconds,
    )
