"""What a rule is."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from kabicheck.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Subject = TypeVar("_Subject")
_LINK = re.compile(r"\[([\w-]+)\]\(\1\.md\)")


@dataclass(frozen=True, slots=True)
class Rule(Generic[_Subject]):
    """A check over pairs of declarations (`Pair`) or over changes of exports (`ExportChange`).

    check: gives the detail of each finding.
    severity: how bad its findings are, where nothing else is configured.
    one: the words of a summary for one finding; without them the details themselves are the words.
    many: those for several findings, behind their number; without them the number is not said.
    mirror: the id of the rule that holds when the sides are swapped; "" where that is this one.
    milder_than: the id of the rule that says the same where a condition of this one does not hold; "" for none.
    said_by: the ids of the rules beside which a summary does not repeat this one.
    care: what readers have to look at themselves, or what tells that of a subject; "" for nothing.
    looks_around: whether what it finds depends on `Pair.around`, so that it is asked anew in every object.
    """

    check: Callable[[_Subject], Iterable[str]]
    severity: Severity
    one: str = ""
    many: str = ""
    mirror: str = ""
    milder_than: str = ""
    said_by: frozenset[str] = frozenset()
    care: str | Callable[[_Subject], str] = ""
    looks_around: bool = False

    @property
    def id(self) -> str:
        """The name of its file: `member-added`."""
        return self.check.__module__.rpartition(".")[2].replace("_", "-")

    @property
    def page(self) -> str:
        """What it means, why it matters, an example before and after, the remedy: Markdown without a title."""
        return sys.modules[self.check.__module__].__doc__ or ""

    @property
    def text(self) -> str:
        """The page without its links to other pages, for places from where they lead nowhere."""
        return _LINK.sub(r"\1", self.page)

    def findings(self, subject: str, of: _Subject) -> Iterator[Finding]:
        """Run the check. subject: for the findings."""
        for detail in self.check(of):
            care = self.care if isinstance(self.care, str) else self.care(of)
            yield Finding(self.id, self.severity, subject, detail, care)

    def summary(self, details: list[str]) -> str:
        """A summary's words for at least one finding."""
        if not self.one:
            return ", ".join(details)
        return f"{len(details)} {self.many}" if self.many and len(details) > 1 else self.one
