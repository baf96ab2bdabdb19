"""How two sets of object files become suggestions of kABI rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.pipeline.inputs import InputKind, read_input
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.pipeline.remedies import ObjectsUnderRules
from kabicheck.pipeline.suggestions import suggest

if TYPE_CHECKING:
    from kabicheck.index.index import Index
    from kabicheck.model import Suggestions
    from kabicheck.pipeline.request import SuggestRequest
    from kabicheck.progress import Progress


def run(request: SuggestRequest, index: Index | None, progress: Progress) -> Suggestions:
    """Recognise both sides, compare them as with --stable, and look for rules as long as it takes.

    index: What is known of objects that were read before, None to use nothing of that.
    Raises UsageError for what is no object file and no folder of them, KabicheckError for what cannot be read.
    """
    old, new = read_input(request.old, progress), read_input(request.new, progress)
    for path, side in ((request.old, old), (request.new, new)):
        if side.kind not in (InputKind.OBJECT, InputKind.OBJECTS):
            raise UsageError(f"{path} is {side.kind}, and rules are applied to object files")
    reader = ObjectReader(index)
    return suggest(
        ObjectsUnderRules(old.objects, new.objects, request.jobs, rules=request.kabi, reader=reader)
    )
