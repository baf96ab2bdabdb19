"""`[[waiver]]` tables: changes that somebody decided to live with, and until when.

[[waiver]]
reason = "agreed on with the only user of it"
symbol = "async_*"
expires = 2027-06-30
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kabicheck import tables
from kabicheck.errors import UsageError
from kabicheck.formats.severities import matches_wildcard
from kabicheck.formats.symtypes import is_reference, referenced_name
from kabicheck.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.model import Cause, Culprit, ExportChange
    from kabicheck.tables import Reader

SCOPES = ("symbol", "module", "namespace", "cause", "rule", "commit")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One table. All scopes that are given must hold.

    reason: Why somebody decided so.
    symbol: A pattern of the export's name.
    module: A pattern of its module's name.
    namespace: A pattern of its namespace.
    cause: A pattern of the type's name ("struct foo", "foo", "s#foo"), or of the export whose signature changed.
    rule: The id of a rule, which must be that of all findings.
    commit: The start of the id of the commit that is responsible, or, where that is not known, of one between the
        sides.
    expires: The last day on which it holds, None where it always does.
    place: File and table, for notes.
    """

    reason: str
    symbol: str = ""
    module: str = ""
    namespace: str = ""
    cause: str = ""
    rule: str = ""
    commit: str = ""
    expires: date | None = None
    place: str = field(default="", compare=False)

    def holds(self, today: date) -> bool:
        """Whether it has not expired."""
        return self.expires is None or today <= self.expires

    def covers(self, change: ExportChange, cause: Cause | None, commits: Collection[str]) -> bool:
        """Whether it is for a change, as far as one of its causes is the reason."""
        scopes = (
            (self.symbol, (change.name,)),
            (self.module, (change.module,)),
            (self.namespace, (change.namespace,)),
            (self.cause, _names(cause)),
        )
        if not all(
            any(matches_wildcard(name, pattern) for name in names) for pattern, names in scopes if pattern
        ):
            return False
        if self.rule:
            findings = cause.findings if cause else change.findings
            if not findings or any(finding.rule != self.rule for finding in findings):
                return False
        return not self.commit or self._names_culprit(cause.culprits if cause else change.culprits, commits)

    def _names_culprit(self, culprits: Collection[Culprit], commits: Collection[str]) -> bool:
        """Whether its commit did it all, alone or as a merge that brought it; where nothing was shown, could have."""
        if not culprits or any(culprit.verdict is Verdict.SUSPECTED for culprit in culprits):
            return any(commit.startswith(self.commit) for commit in commits)
        return all(
            any(commit.id.startswith(self.commit) for commit in (*culprit.commits, *culprit.merges))
            for culprit in culprits
        )

    def __str__(self) -> str:
        scopes = " ".join(f"{key}={value}" for key in SCOPES if (value := getattr(self, key)))
        return f"{self.place}: {scopes} ({self.reason})"


def parse_waivers(value: object, name: str) -> tuple[Waiver, ...]:
    """The waivers of `[[waiver]]` tables. name: of the file, for errors. Raises UsageError."""
    waivers = []
    for heading, table in tables.array_of_tables(value, name, "waiver"):
        values: dict[str, Any] = tables.read_table(table, _READERS, name, heading, ("reason",))
        if not values.keys() & set(SCOPES) - {"commit"}:  # a commit would waive what all others change too
            needed = ", ".join(scope for scope in SCOPES if scope != "commit")
            raise UsageError(f"{name}: {heading}: it says not for what it is", hint=f"one of {needed}")
        waivers.append(replace(Waiver(**values), place=f"{name}: {heading}"))
    return tuple(waivers)


def _names(cause: Cause | None) -> tuple[str, ...]:
    """What a cause may be called."""
    if cause is None:
        return ()
    own = referenced_name(cause.reference) if is_reference(cause.reference) else cause.reference
    return cause.title, cause.reference, own


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise tables.Refused("a day, as 2027-06-30 without quotes")
    return value


def _commit(value: object) -> str:
    text = tables.text(value)
    if not 7 <= len(text) <= 64 or any(c not in "0123456789abcdef" for c in text):
        raise tables.Refused("the id of a commit, or at least its first 7 digits")
    return text


_READERS: dict[str, Reader] = {
    "reason": tables.text,
    **dict.fromkeys(("symbol", "module", "namespace", "cause", "rule"), tables.text),
    "commit": _commit,
    "expires": _day,
}
