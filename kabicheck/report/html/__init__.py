"""One HTML file to read, search, print and share: it needs no network, and its policy allows none.

The page is template.html with page.css and page.js in it. What the report says is data, JSON in an element that is
never executed; the script puts it into the page as text only. The Content-Security-Policy names both by their hashes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from kabicheck.plain_text import LONGEST_NAME, printable
from kabicheck.report.culprit_words import culprit_words, date_words
from kabicheck.report.header import header
from kabicheck.report.results import Result, results
from kabicheck.report.words import change_words, diff_words, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.model import Commit, Culprit, ExportChange, Report

Json = dict[str, Any]


def emit(report: Report) -> str:
    """The whole document."""
    style, script = _resource("page.css"), _resource("page.js")
    return Template(_resource("template.html")).substitute(
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        title=escape(f"{printable(report.base.label, 40)} → {printable(report.head.label, 40)}"),
        verdict=escape(verdict(report)),
        outcome="failed" if report.failed else "ok",
        header="\n".join(f"<li>{escape(line)}</li>" for _, line in header(report)),
        data=_data(report),
    )


def _resource(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(report: Report) -> str:
    """JSON that no HTML parser takes for markup."""
    found = results(report)
    commits = _commits(report)
    numbers = {commit.id: number for number, commit in enumerate(commits)}
    exports: dict[int, Json] = {}
    for number, result in enumerate(found):
        for change in result.changes:
            exports.setdefault(id(change), _export(change, numbers))["results"].append(number)
    order = {key: number for number, key in enumerate(exports)}
    data = {
        "commits": [_commit(commit) for commit in commits],
        "results": [_result(result, numbers, order) for result in found],
        "exports": list(exports.values()),
    }
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _commits(report: Report) -> list[Commit]:
    """Those of the range where they are known, else those that are named; each once, the oldest first."""
    comparison = report.comparison
    culprits = [culprit for cause in comparison.causes.values() for culprit in cause.culprits]
    culprits += [culprit for change in comparison.changes for culprit in change.culprits]
    named = {commit.id: commit for culprit in culprits for commit in culprit.commits}
    chain = report.attribution.commits if report.attribution else ()
    known = {commit.id: commit for commit in chain}
    others = [commit for key, commit in named.items() if key not in known]
    return [*known.values(), *sorted(others, key=lambda commit: commit.time)]


def _commit(commit: Commit) -> Json:
    return {
        "short": printable(commit.short or commit.id, 40),
        "subject": printable(commit.subject, LONGEST_NAME),
        "author": printable(commit.author, LONGEST_NAME),
        "date": date_words(commit),
    }


def _result(result: Result, numbers: Mapping[str, int], order: Mapping[int, int]) -> Json:
    cause = result.cause
    return {
        "id": result.fingerprint,
        "title": result.title,
        "rule": result.rule,
        "severity": result.severity,
        "counts": result.counts,
        "place": f"{result.place.file}:{result.place.line}" if result.place else "",
        "facts": result.facts,
        "diff": [[line.mark, diff_words(line), line.culprit] for line in cause.diff] if cause else [],
        "path": [printable(step, LONGEST_NAME) for step in _path(result)],
        "culprits": [_culprit(culprit, numbers) for culprit in result.culprits],
        "exports": [order[id(change)] for change in result.changes],
    }


def _path(result: Result) -> tuple[str, ...]:
    """From an export to the cause; without what is between, where that was not asked for."""
    if result.cause is None:
        return ()
    return result.cause.path or (*(change.name for change in result.changes[:1]), result.cause.title)


def _culprit(culprit: Culprit, numbers: Mapping[str, int]) -> Json:
    return {
        "verdict": culprit.verdict,
        "words": culprit_words(culprit),
        "commits": [numbers[commit.id] for commit in culprit.commits],
    }


def _export(change: ExportChange, numbers: Mapping[str, int]) -> Json:
    return {
        "name": printable(change.name, LONGEST_NAME),
        "module": printable(change.module, LONGEST_NAME),
        "object": printable(change.object, LONGEST_NAME),
        "severity": change.severity,
        "words": change_words(change),
        "counts": change.fails,
        "commits": sorted({numbers[commit.id] for culprit in change.culprits for commit in culprit.commits}),
        "results": [],
    }
