"""All that is known of one exported symbol, as an emitter is given it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kabicheck.model.objects import Export, Location


@dataclass(frozen=True, slots=True)
class ExportDescription:
    """An export, as one object describes it.

    name: The symbol's.
    object: The path of the object, or that of the input where the object has none.
    module: The module that holds it; "" where that is not known.
    export: Licence and namespace; None where these are not known.
    version: "0x1234abcd", or why there is none.
    type: Its type string; None where types are not known.
    declared: Where it is declared; None where that is not known.
    source: Its declaration in words of its language, line by line.
    reached: How many named types its version depends on.
    nearest: The first of these as a report calls them, the nearest to the export first.
    """

    name: str
    object: str
    module: str
    export: Export | None
    version: str
    type: str | None = None
    declared: Location | None = None
    source: tuple[str, ...] = ()
    reached: int = 0
    nearest: tuple[str, ...] = ()
