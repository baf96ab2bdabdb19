"""What a tree says of how its changes count: the tables [policy], [severity] and [[waiver]] of kabicheck.toml."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kabicheck import tables
from kabicheck.model import Severity
from kabicheck.policy.waivers import Waiver, parse_waivers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kabicheck.tables import Reader

IGNORE = "ignore"
GRADES = (*(str(severity) for severity in Severity), IGNORE)
TABLES = ("policy", "severity", "waiver")


@dataclass(frozen=True, slots=True)
class Policy:
    """Which changes count. The defaults are those of the command line.

    fail_on: What is this bad or worse fails.
    severities: Files of suse-kabi-tools that say which changes are tolerated.
    stablelists: Files that name the exports that can fail; all can where there is none.
    strict_waivers: Whether a waiver that is unused or expired fails.
    allow_unversioned: Whether exports pass that have no version on either side since no file holds their type.
    grades: Id of a rule → severity or IGNORE, for rules that have another grade than their own.
    waivers: Changes that somebody decided to live with.
    """

    fail_on: Severity = Severity.INCOMPATIBLE
    severities: tuple[Path, ...] = ()
    stablelists: tuple[Path, ...] = ()
    strict_waivers: bool = False
    allow_unversioned: bool = False
    grades: Mapping[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that it names."""
        return (*self.severities, *self.stablelists)

    def located(self, folder: Path) -> Policy:
        """With all paths made absolute, from `folder`."""
        return replace(
            self,
            severities=tuple(folder / path for path in self.severities),
            stablelists=tuple(folder / path for path in self.stablelists),
        )


def parse_policy(content: Mapping[str, object], name: str) -> Policy:
    """The policy in a file's tables. name: of the file, for errors. Raises UsageError.

    Whether rules of these ids exist is for who knows them to say.
    """
    values: dict[str, Any] = tables.read_table(content.get("policy", {}), _POLICY, name, "[policy]")
    grades = content.get("severity", {})
    readers = dict.fromkeys(grades, tables.one_of(GRADES)) if isinstance(grades, dict) else {}
    return Policy(
        **values,
        grades=tables.read_table(grades, readers, name, "[severity]"),
        waivers=parse_waivers(content.get("waiver", []), name),
    )


def _severity(value: object) -> Severity:
    return Severity(tables.one_of([str(severity) for severity in Severity])(value))


_POLICY: dict[str, Reader] = {
    "fail_on": _severity,
    "severities": tables.paths,
    "stablelists": tables.paths,
    "strict_waivers": tables.boolean,
    "allow_unversioned": tables.boolean,
}
