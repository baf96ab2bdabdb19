"""`kabicheck check` on the kernel, and its report as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from tests.kernel.series import FRAGMENT, TARGETS
from tests.oracle.gendwarfksyms import kabicheck

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.clean import Versions
    from tests.kernel.linux import Checkout

Export = tuple[str, str]  # (object, name)

_CAUSE = re.compile(r"(\S[^:\n]*): [^\n]*?(?: +(\S+:\d+))?\n((?:  [^\n]*\n)+)  (\d+) exports? changes?: ")


@dataclass(frozen=True, slots=True)
class Change:
    """kind: added, removed, version or licence; old, new: versions, 0 for none; fails: whether it counts."""

    kind: str
    old: int = 0
    new: int = 0
    fails: bool = True


@dataclass(frozen=True, slots=True)
class Cause:
    """What the text report says of a cause. place: file:line; exports: how many it says it explains."""

    place: str | None
    exports: int
    diff: list[str]


@dataclass(frozen=True, slots=True)
class Check:
    """One run. text: the text report; errors: standard error; junit: the file, not there after an error."""

    status: int
    text: str
    errors: str
    junit: Path

    def document(self) -> etree._Element:
        return etree.parse(self.junit).getroot()

    @property
    def exports(self) -> list[Export]:
        """All exports that the JUnit file has a test case for, as they stand there."""
        return [_export(case) for case in self.document().iter("testcase")]

    @property
    def changes(self) -> dict[Export, Change]:
        """Export → what happened to it, for all that is not reported as unchanged."""
        return {_export(case): _change(case) for case in self.document().iter("testcase") if len(case)}

    @property
    def compiled(self) -> int:
        """How many objects the compiler had to make, by the report's second line."""
        found = re.search(
            r"^\S.* objects \((?:([\d,]+) compiled|[\d,]+ from cache)\)", self.text, re.MULTILINE
        )
        assert found, self.text
        return int((found[1] or "0").replace(",", ""))

    @property
    def causes(self) -> dict[str, Cause]:
        """Title → cause, in the report's order."""
        blocks = (_CAUSE.match(block) for block in self.text.split("\n\n"))
        return {block[1]: Cause(block[2], int(block[4]), block[3].splitlines()) for block in blocks if block}


def check(checkout: Checkout, base: str, head: str, junit: Path, *more: str) -> Check:
    """Run the command as a user would, on all targets. more: options."""
    options = [
        *more,
        "--config",
        "tinyconfig",
        "--fragment",
        str(FRAGMENT),
        "-o",
        "text",
        "-o",
        f"junit:{junit}",
    ]
    commits = ["-C", str(checkout.path), "--base", base, "--head", head]
    status, text, errors = kabicheck(["check", *commits, *options, *TARGETS])
    return Check(status, text, errors, junit)


def applied(versions: Versions, changes: dict[Export, Change]) -> Versions:
    """The versions after these changes, each of which must have started from what is there."""
    result = dict(versions)
    for export, change in changes.items():
        if change.kind == "licence":
            continue
        assert result.pop(export, 0) == change.old, export
        if change.new:
            result[export] = change.new
    return result


def _export(case: etree._Element) -> Export:
    """The class name is the module, a dot, and the object file without its suffix."""
    return f"{case.get('classname', '').partition('.')[2]}.o", case.get("name", "")


def _change(case: etree._Element) -> Change:
    """What a test case says: a failure, or for what does not count a sentence on its standard output."""
    [result] = case
    assert result.tag in ("failure", "system-out"), etree.tostring(case)
    words = result.get("message") or result.text or ""
    crcs = [int(crc, 16) for crc in re.findall(r"0x[0-9a-f]{8}", words)]
    fails = result.tag == "failure"
    if words.startswith("added"):
        return Change("added", new=crcs[0], fails=fails)
    if words.startswith("removed"):
        return Change("removed", old=crcs[0], fails=fails)
    if crcs:
        old, new = crcs
        return Change("version", old, new, fails)
    return Change("licence", fails=fails)
