"""What `kabicheck suggest` prints, and `kabicheck check --suggest` behind its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.plain_text import counted, printable
from kabicheck.report.words import cause_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import Suggestion, Suggestions

LONGEST_RULE = 20_000  # characters of a line of a rule, which is of use only whole


def suggestion_lines(suggestions: Suggestions) -> Iterator[str]:
    """A block for each cause, and what all of them come to."""
    for each in suggestions.each:
        where = each.cause.new_location or each.cause.old_location
        yield cause_words(each.cause) + (f"  ({printable(where.file)}:{where.line})" if where else "")
        number = len(each.cause.exports)
        yield f"  {counted(number, 'export')} change{'s' * (number == 1)}"
        yield from (f"  {line}".rstrip() for line in _block(each))
        yield ""
    compared = counted(suggestions.compared, "export")
    if not suggestions.changed:
        yield f"nothing to suggest: {compared} compared, no version changed"
        return
    yield (
        f"{suggestions.kept:,} of {counted(suggestions.changed, 'changed export')} can be kept, "
        f"with {counted(suggestions.rules, 'rule')}; all {compared} were compared under these"
    )


def _block(suggestion: Suggestion) -> Iterator[str]:
    """Why no rule is safe, or what has to hold, the rules as C, and the rules as tables."""
    if suggestion.refused:
        yield f"no rule is safe: {printable(suggestion.refused)}"
        return
    for caution in suggestion.cautions:
        yield f"take care: {printable(caution)}"
    if suggestion.calls is not None:
        yield ""
        width = max(len(call.call) for call in suggestion.calls)
        for call in suggestion.calls:
            place = f"  /* {call.place} */" if call.place else ""
            yield printable(f"    {call.call:<{width if place else 0}}{place}", LONGEST_RULE)
    yield ""
    for line in suggestion.tables.splitlines():
        yield printable(f"    {line}", LONGEST_RULE)
