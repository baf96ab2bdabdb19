"""Which commits changed some exports, over any range: both ends first, then as few commits in between as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.pipeline.attribution.bisection import Bisection
from kabicheck.pipeline.sides import gather

if TYPE_CHECKING:
    from kabicheck.pipeline.request import BisectRequest
    from kabicheck.pipeline.session import Session


def begun(request: BisectRequest, session: Session) -> Bisection:
    """Build both ends and compare what exports the symbols there.

    What follows is its `plan`, and done by its `answered`. Raises KabicheckError.
    """
    sides, fetch = gather(request.refs, request.sources, request.check, session)
    assert fetch, "objects of commits are never both ready-made here"
    return Bisection(
        request.symbols, sides, request.read, fetch, jobs=request.check.jobs, index=session.index
    )
