"""What `kabicheck explain SYMBOL --in FILE` prints of an export."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from kabicheck.plain_text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportDescription


def description_lines(description: ExportDescription) -> Iterator[str]:
    """All that one object says of its export. The lines are not made printable."""
    yield description.name
    yield f"  version   {description.version}"
    yield f"  exported  by {description.object}{_how(description)}"
    if description.type is None:
        yield "  type      not known here"
        return
    if place := description.declared:
        yield f"  declared  {place.file}:{place.line}"
    heading = "  source    "
    for line in description.source:
        yield heading + line
        heading = " " * len(heading)
    yield f"  type      {description.type}"
    yield from _reached(description)


def _how(description: ExportDescription) -> str:
    module = f", in {description.module}" if description.module else ""
    export = description.export
    if export is None:
        return module
    macro = f"EXPORT_SYMBOL_{export.licence}" if export.licence else "EXPORT_SYMBOL"
    namespace = f", namespace {export.namespace}" if export.namespace else ""
    return f"{module}: {macro}{namespace}"


def _reached(description: ExportDescription) -> Iterator[str]:
    """The types that the export's version depends on."""
    number = description.reached
    if not number:
        yield "  reaches   no named type"
        return
    unnamed = number - len(description.nearest)
    more = f", … (+{unnamed:,})" if unnamed else ""
    listed = f"{counted(number, 'type')}: {', '.join(description.nearest)}{more}"
    yield from textwrap.wrap(
        listed, 100, initial_indent="  reaches   ", subsequent_indent=" " * 12, break_long_words=False
    )
