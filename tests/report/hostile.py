"""Reports that somebody wrote who wants to break their readers, and very large ones; for all emitters and formats."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from kabicheck.model import (
    Attribution,
    Cause,
    ChangeKind,
    Commit,
    Comparison,
    Culprit,
    DiffLine,
    ExportChange,
    Finding,
    Hidden,
    Hunk,
    Location,
    Report,
    RuleText,
    Severity,
    Side,
    Transition,
    Verdict,
)

# What names, types, subjects and paths may hold.
NAMES = (
    "]]>",
    "<a href='x'>&amp;</details><script>alert(1)</script>",
    "\x1b[2J\x1b]8;;http://example.org\x07\x00\x7f\x9b31m",
    "\udcff\ud800\ufffe\uffff\x85\u2028",
    "a\"b'c\n::error file=x::injected\r\n##[error]injected",
    "%0A::error::injected%0D%25,a:b",
    "```\n</pre>\n# heading\n@everyone #1 !1 [a](javascript:x) `x` ~~~~ <!-- --> |",
    "\u202etxt.c\u2066\u200f\ufeff",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\x",
    "\U0001f980 ünïcödé \U000e0041",
    "x" * 100_000,
    "`" * 5_000,
    "",
)

_fragments = st.sampled_from(
    [name for name in NAMES if len(name) < 1000 and "\ud800" not in name] + ["\udc80"]
)
texts = st.one_of(_fragments, st.text(max_size=20), st.tuples(_fragments, _fragments).map("".join))
_severities = st.sampled_from(Severity)
_counts = st.integers(0, 2**63)


def _some(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=3).map(tuple)


locations = st.builds(Location, texts, st.integers(0, 10**6))
findings = st.builds(Finding, texts, _severities, texts, texts, texts)
commits = st.builds(
    Commit, texts, texts, texts, texts, texts, st.integers(-(2**40), 2**40), texts, _some(texts)
)
_lines = st.builds(DiffLine, st.sampled_from(" -+"), texts, st.none() | st.integers(0, 3))
_hunks = st.builds(Hunk, texts, st.integers(0, 10**6), st.integers(0, 10**6), _some(_lines), texts)
culprits = st.builds(
    Culprit,
    st.sampled_from(Verdict),
    _some(commits),
    _some(st.builds(Transition, texts, texts, texts, texts)),
    _some(commits),
    _some(_hunks),
    texts,
)
changes = st.builds(
    ExportChange,
    kind=st.sampled_from(ChangeKind),
    name=texts,
    object=texts,
    module=texts,
    old=texts,
    new=texts,
    causes=_some(st.sampled_from("abc")),
    fails=st.booleans(),
    findings=_some(findings),
    severity=_severities,
    namespace=texts,
    excuse=texts,
    culprits=_some(culprits),
)
causes = st.builds(
    Cause,
    key=st.sampled_from("abc"),
    reference=texts,
    title=texts,
    summary=texts,
    diff=_some(_lines),
    exports=_some(st.tuples(texts, texts)),
    old_location=st.none() | locations,
    new_location=st.none() | locations,
    findings=_some(findings),
    follows=_some(st.sampled_from("abc")),
    path=_some(texts),
    remedy=texts,
    culprits=_some(culprits),
)
hidden = st.builds(
    Hidden,
    reference=texts,
    title=texts,
    summary=texts,
    findings=_some(findings),
    by=_some(texts),
    exports=_some(st.tuples(texts, texts)),
    old_location=st.none() | locations,
    new_location=st.none() | locations,
)
_sides = st.builds(Side, texts, texts, _counts)
reports = st.builds(
    Report,
    base=_sides,
    head=_sides,
    comparison=st.builds(
        Comparison,
        _some(changes),
        _some(causes).map(lambda found: {cause.key: cause for cause in found}),
        _some(st.tuples(texts, texts, texts)),
        _some(hidden),
    ),
    commits=_counts,
    machine=texts,
    compiler=texts,
    built=_counts,
    cached=_counts,
    seconds=st.floats(0, 1e9),
    notes=_some(texts),
    failed=st.booleans(),
    verbose=st.booleans(),
    attribution=st.none()
    | st.builds(
        Attribution,
        st.sampled_from(["blame", "verify"]),
        _some(commits),
        _counts,
        _counts,
        _some(st.tuples(commits, texts)),
        st.floats(0, 1e9),
    ),
    rules=_some(st.builds(RuleText, texts, _severities, texts)),
)

# For tests over any report, which takes long to make.
slow_to_make = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)


def large(exports: int = 10_000, causes: int = 2_000, name: str = "symbol") -> Report:
    """That many exports, each with another cause's change or gone; `name` is in every name."""
    commit = Commit("1" * 40, "1" * 7, f"subject {name}", f"author {name}", "a@example.org", 1, "2" * 40)
    culprit = Culprit(Verdict.VERIFIED, (commit,))
    severities = list(Severity)
    made = {
        str(number): Cause(
            key=str(number),
            reference=f"s#{name}{number}",
            title=f"struct {name}{number}",
            summary="size changed",
            diff=tuple(DiffLine("-+ "[line % 3], f"int {name}{line};") for line in range(60)),
            exports=tuple(("lib/x.o", f"{name}{export}") for export in range(number, exports, causes)),
            new_location=Location(f"include/{name}.h", number + 1),
            findings=(Finding("size", severities[number % 3], f"s#{name}{number}", "size 1 → 2"),),
            culprits=(culprit,),
        )
        for number in range(causes)
    }
    changed = [
        ExportChange(
            ChangeKind.VERSION,
            f"{name}{number}",
            "lib/x.o",
            "vmlinux",
            "0x00000001",
            "0x00000002",
            (str(number % causes),),
            severity=severities[number % causes % 3],
        )
        for number in range(exports)
    ]
    gone = [
        ExportChange(
            ChangeKind.REMOVED, f"gone{name}{number}", "lib/y.o", "m", "0x00000003", culprits=(culprit,)
        )
        for number in range(exports // 10)
    ]
    return Report(
        Side("a"),
        Side("b"),
        Comparison(
            (*changed, *gone), made, tuple(("vmlinux", "lib/z.o", f"same{n}") for n in range(exports))
        ),
        notes=(name,) * 100,
        failed=True,
    )
