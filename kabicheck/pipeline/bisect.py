"""Which commits changed some exports, over any range: both ends first, then as few commits in between as can be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.pipeline.attribution.bisection import Bisection
from kabicheck.pipeline.sides import gather

if TYPE_CHECKING:
    from kabicheck.model import BisectResult
    from kabicheck.pipeline.request import BisectRequest
    from kabicheck.pipeline.session import Session


def run(request: BisectRequest, session: Session) -> BisectResult:
    """Build both ends, and look at commits in between until each change is explained. Raises KabicheckError."""
    return begun(request, session).result()


def begun(request: BisectRequest, session: Session) -> Bisection:
    """Build both ends and compare what exports the symbols there.

    What follows is its `plan`, and done for its `result`. Raises KabicheckError.
    """
    if request.sources.are_ready:
        raise UsageError(
            "both ends are ready-made, so that no commits are known in between",
            hint="objects of each commit can be given instead of builds",
        )
    refs = replace(request.refs, hook=False)  # both ends are built, whatever differs
    sides, fetch = gather(refs, request.sources, request.check, session)
    assert fetch, "it is None for ready-made ends alone, and where a hook waits"
    return Bisection(request, session, sides, fetch)
