"""Suggestions as lines: everything in them is an object's, and names in it are anything."""

from __future__ import annotations

from kabicheck.model import Cause, Location, MacroCall, Suggestion, Suggestions
from kabicheck.report.suggestions import suggestion_lines


def cause(title: str, *exports: str) -> Cause:
    return Cause(
        key=title,
        reference=f"s#{title}",
        title=title,
        summary="member added",
        diff=(),
        exports=tuple(("lib/a.o", name) for name in exports),
        new_location=Location("include/a.h", 7),
    )


def test_a_block_for_each_cause_and_what_they_come_to() -> None:
    kept = Suggestion(
        cause("struct a", "one", "two"),
        cautions=("nobody copies it",),
        calls=(MacroCall("KABI_IGNORE(1, int b);", "in struct a, for b"), MacroCall("KABI_BYTE_SIZE(a, 8);")),
        tables='[[kabi]]\nrule = "byte_size"\n',
    )
    refused = Suggestion(cause("struct \x1b[2J", "three"), refused="it moved\n")
    lines = list(suggestion_lines(Suggestions((kept, refused), 9, changed=3, kept=2, rules=1, tables="")))
    assert lines == [
        "struct a: member added  (include/a.h:7)",
        "  2 exports change",
        "  take care: nobody copies it",
        "",
        "      KABI_IGNORE(1, int b);  /* in struct a, for b */",
        "      KABI_BYTE_SIZE(a, 8);",
        "",
        "      [[kabi]]",
        '      rule = "byte_size"',
        "",
        "struct \\x1b[2J: member added  (include/a.h:7)",
        "  1 export changes",
        "  no rule is safe: it moved",
        "",
        "2 of 3 changed exports can be kept, with 1 rule; all 9 exports were compared under these",
    ]


def test_nothing_changed() -> None:
    lines = suggestion_lines(Suggestions((), 1, changed=0, kept=0, rules=0, tables=""))
    assert list(lines) == ["nothing to suggest: 1 export compared, no version changed"]
