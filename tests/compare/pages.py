"""The pages of docs/rules/, from the rules and the reports of their fixture pairs."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from kabicheck.compare.rules.table import RULES, mirror
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

_INDENTED = re.compile(r"(?:^    .*\n|^\n(?=    ))+", re.MULTILINE)


def page(rule_id: str, report: Iterable[str]) -> str:
    """The whole page. report: the lines of the fixture pair's report."""
    rule = RULES[rule_id]
    swapped = mirror(rule_id)
    facts = f"Severity: **{rule.severity}**: {rule.severity.meaning}."
    if swapped != rule_id:
        facts += f" Where the sides are swapped it is [{swapped}]({swapped}.md)."
    text = _INDENTED.sub(lambda block: _fenced(block[0]), rule.page)
    says = "".join(f"{line}\n" for line in report)
    return f"# {rule_id}\n\n{text}\n{facts}\n\nWhat all rules find in this example:\n\n```text\n{says}```\n"


def index() -> str:
    """The list of all pages."""
    rows = "".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.page.partition(chr(10))[0]} |\n"
        for rule in RULES.values()
    )
    return (
        "# Rules\n\n"
        "What kabicheck can say of a difference. `kabicheck explain RULE` prints these pages in the terminal.\n\n"
        f"{''.join(f'- *{grade}*: {grade.meaning}.{chr(10)}' for grade in Severity)}\n"
        "Where two fit it is the graver. A type or an export is as bad as the worst that is found in it.\n\n"
        f"| rule | severity | what it means |\n|---|---|---|\n{rows}"
    )


def _fenced(block: str) -> str:
    code = textwrap.dedent(block.strip("\n"))
    language = "c" if re.search(r"[;{]$", code, re.MULTILINE) else "text"
    return f"\n```{language}\n{code}\n```\n"
