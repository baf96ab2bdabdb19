"""kABI severity rules of suse-kabi-tools (suse-kabi-tools(5)): which changes are tolerated, the first match decides.

    lib/important*  FAIL    # a module: there is a `/` in it, or it is vmlinux
    TEST_NS         PASS    # a namespace: no lower-case letter in it
    *not_stable*    PASS    # an export

Patterns have `*`, `?`, `[a-z]` and `[^a-z]`. What no rule matches is not tolerated.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.formats.bounded import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIMIT = 16 << 20  # bytes


class Subject(StrEnum):
    """What a pattern is about."""

    MODULE = "module"
    NAMESPACE = "namespace"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """One line.

    pattern: What the rule is for, as its look says: a module, a namespace or an export.
    tolerates: Whether a change may be (PASS) or not (FAIL).
    place: File and line.
    """

    pattern: str
    tolerates: bool
    place: str = ""

    @property
    def subject(self) -> Subject:
        """As suse-kabi-tools tells from the pattern's look."""
        if "/" in self.pattern or self.pattern == "vmlinux":
            return Subject.MODULE
        return Subject.NAMESPACE if self.pattern == self.pattern.upper() else Subject.EXPORT

    def matches(self, name: str, module: str, namespace: str) -> bool:
        """Whether it decides about an export of the old side. namespace: "" for none, which no pattern matches."""
        match self.subject:
            case Subject.MODULE:
                return matches_wildcard(module, self.pattern)
            case Subject.NAMESPACE:
                return bool(namespace) and matches_wildcard(namespace, self.pattern)
            case _:
                return matches_wildcard(name, self.pattern)

    def __str__(self) -> str:
        return f"{self.place}: {self.pattern} {'PASS' if self.tolerates else 'FAIL'}"


def read_severities(path: Path, name: str = "") -> tuple[SeverityRule, ...]:
    """The rules of a file. name: what reports call it. Raises ObjectError, and UsageError that names file and line."""
    return parse_severities(read_text(path, LIMIT, "a file of severity rules"), name or str(path))


def parse_severities(content: str, name: str) -> tuple[SeverityRule, ...]:
    """The rules in a file's content. name: for errors."""
    rules = []
    for number, line in enumerate(content.split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        place = f"{name}:{number}"
        if len(words) == 1:
            raise UsageError(
                f"{place}: the rule does not specify a verdict", hint="PATTERN PASS or PATTERN FAIL"
            )
        if words[1] not in {"PASS", "FAIL"}:
            raise UsageError(f"{place}: invalid verdict '{words[1]}', must be either PASS or FAIL")
        if len(words) > 2:
            raise UsageError(f"{place}: unexpected string '{words[2]}' found after the verdict")
        rules.append(SeverityRule(words[0], words[1] == "PASS", place))
    return tuple(rules)


def first_match(
    rules: Iterable[SeverityRule], name: str, module: str, namespace: str = ""
) -> SeverityRule | None:
    """The rule that decides about an export."""
    return next((rule for rule in rules if rule.matches(name, module, namespace)), None)


def matches_wildcard(text: str, pattern: str) -> bool:
    """Whether a whole text matches a pattern of the shell."""
    return _compiled(pattern).fullmatch(text) is not None


_PART = re.compile(r"\*+|\?|\[(\^?)(\]?[^\]]*)\]|.", re.DOTALL)


@lru_cache(1 << 16)  # every rule of a file is asked about every change
def _compiled(pattern: str) -> re.Pattern[str]:
    def translate(part: re.Match[str]) -> str:
        match part[0][0]:
            case "?":
                return "."
            case "[" if part[2] is not None:
                return f"[{part[1]}{_range(part[2])}]"
        return re.escape(part[0])

    pieces = [""]  # what stands between the stars
    for part in _PART.finditer(pattern):
        if part[0][0] == "*":
            pieces.append("")
        else:
            pieces[-1] += translate(part)
    first, *others = pieces
    # The first place of a piece is as good as any later one: without going back, as fnmatch does it too, many stars
    # cannot take forever.
    rest = "".join(f"(?>.*?{piece})" for piece in others[:-1]) + "".join(
        f".*{piece}" for piece in others[-1:]
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `--` may mean more in a later Python
            return re.compile(first + rest, re.DOTALL)
    except re.error:  # a range that ends before it begins
        return re.compile(re.escape(pattern))


def _range(inside: str) -> str:
    return re.sub(r"([\\\[\]&~|^])", r"\\\1", inside)
