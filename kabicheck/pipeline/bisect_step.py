"""Whether the commit that is checked out has changed some exports: one step of a bisection that git does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import BuildError, FetchError
from kabicheck.pipeline.attribution.commit_tester import CommitTester, good_commit
from kabicheck.pipeline.attribution.observer import CommitObserver
from kabicheck.pipeline.sides import fetch_of
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    from kabicheck.model import Commit
    from kabicheck.pipeline.attribution.commit_tester import StepAnswer
    from kabicheck.pipeline.request import BisectStepRequest
    from kabicheck.pipeline.session import Session


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step of a bisection shows.

    commit: The one that is checked out.
    answers: What it makes of each symbol; none where it cannot be tested.
    problem: Why it cannot be tested, "" where it can.
    """

    commit: Commit
    answers: tuple[StepAnswer, ...] = ()
    problem: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it was tested, and nothing changed that counts."""
        return not self.problem and all(answer.is_good for answer in self.answers)


def tested(request: BisectStepRequest, session: Session) -> StepResult:
    """Build the commit that is checked out, and hold it against what is good.

    Raises KabicheckError for all that is no matter of this commit: what is good is not known, or cannot be built.
    """
    repository = Repository.discover(request.sources.repository)
    fetch = fetch_of(request.sources, request.check, repository, session)
    tester = CommitTester(fetch, CommitObserver(fetch, session.reader, request.read), request.symbols)
    good = {} if request.good_version else tester.good(good_commit(repository, request.good))
    head = repository.commit("HEAD")
    try:
        if request.good_version:
            answers = tester.against_version(head, request.good_version)
        else:
            answers = tester.against_good(head, good)
    except (BuildError, FetchError) as error:
        return StepResult(head, problem=str(error))
    return StepResult(head, tuple(answers))
