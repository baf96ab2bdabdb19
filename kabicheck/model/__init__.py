"""Plain data that the layers hand to each other. Nothing here computes.

history        what history says, and who changed what          vcs, attribute
objects        the files of one side, and what they export      objects, symver
changes        what differs between two sides, and why          compare
reports        what an emitter is given                         pipeline
suggestions    kABI rules that keep versions as they were       pipeline
descriptions   all that is known of one export                  pipeline
"""

from kabicheck.model.changes import (
    Cause,
    ChangeKind,
    Comparison,
    ExportChange,
    Finding,
    Hidden,
    Severity,
    worst,
)
from kabicheck.model.descriptions import ExportDescription
from kabicheck.model.history import (
    Attribution,
    Commit,
    Culprit,
    DiffLine,
    Hunk,
    Step,
    Touch,
    Transition,
    Verdict,
)
from kabicheck.model.objects import (
    BuiltObject,
    DescribedObject,
    DescribedSide,
    Export,
    LinkedUnit,
    Location,
    ObjectSet,
    ObjectVersions,
    RecordedObject,
    Toolchain,
    WithoutPlaces,
)
from kabicheck.model.reports import (
    BisectPlan,
    BisectResult,
    Report,
    RuleText,
    Side,
)
from kabicheck.model.suggestions import MacroCall, Suggestion, Suggestions

__all__ = [
    "Attribution",
    "BisectPlan",
    "BisectResult",
    "BuiltObject",
    "Cause",
    "ChangeKind",
    "Commit",
    "Comparison",
    "Culprit",
    "DescribedObject",
    "DescribedSide",
    "DiffLine",
    "Export",
    "ExportChange",
    "ExportDescription",
    "Finding",
    "Hidden",
    "Hunk",
    "LinkedUnit",
    "Location",
    "MacroCall",
    "ObjectSet",
    "ObjectVersions",
    "RecordedObject",
    "Report",
    "RuleText",
    "Severity",
    "Side",
    "Step",
    "Suggestion",
    "Suggestions",
    "Toolchain",
    "Touch",
    "Transition",
    "Verdict",
    "WithoutPlaces",
    "worst",
]
