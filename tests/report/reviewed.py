"""A report as a merge request gets it: with commits, excuses and rules; for the emitters that list results."""

from __future__ import annotations

from dataclasses import replace

from kabicheck.model import (
    Cause,
    ChangeKind,
    Commit,
    Culprit,
    DiffLine,
    ExportChange,
    Finding,
    Hunk,
    Location,
    Report,
    RuleText,
    Severity,
    Verdict,
)
from tests.report.reports import report


def reviewed(*, name: str = "async_schedule", text: str = "unsigned int registered : 1;") -> Report:
    """`report()`, where a commit changed a type, one removed another and an export, and one cause is waived."""
    whole = report(name=name, text=text)
    first = Commit("a" * 40, "a" * 7, f"{name}: use bool", f"Ada {name}", "ada@example.org", 10**9, "1" * 40)
    second = Commit("b" * 40, "b" * 7, f"remove {text}", "Brian", "brian@example.org", 2 * 10**9, "2" * 40)
    removal = Culprit(
        Verdict.VERIFIED,
        (second,),
        hunks=(Hunk("lib/old.c", 38, 37, (DiffLine(" ", "}"), DiffLine("-", text), DiffLine("-", "gone"))),),
    )
    obj = f"kernel/{name}.o"
    removed = Cause(
        key="r",
        reference="s#removed",
        title="struct removed",
        summary="became a declaration",
        diff=(DiffLine("-", f"struct removed {{ {text} }};", 0), DiffLine("+", "struct removed;", 0)),
        exports=((obj, "third"),),
        old_location=Location("include/removed.h", 7),
        findings=(Finding("became-declared", Severity.INCOMPATIBLE, "s#removed", "became a declaration"),),
        culprits=(removal,),
    )
    waived = replace(
        removed,
        key="w",
        reference="s#waived",
        title="struct waived",
        exports=((obj, "waived"),),
        new_location=Location("/usr/include/waived.h", 1),
        old_location=Location("../waived.h", 2),
        culprits=(Culprit(Verdict.NONE, reason=f"another compiler, {name}"),),
        remedy=f"KABI_IGNORE(0, unsigned int late); (take care: {text})",
    )
    suspects = Culprit(Verdict.ONE_OF, (first, second), reason="aaaaaaa cannot be built")
    causes = {
        "k": replace(whole.comparison.causes["k"], culprits=(suspects,)),
        "f": whole.comparison.causes["f"],
        "r": removed,
        "w": waived,
    }
    changes = [
        replace(change, culprits=(removal,)) if change.name == "gone" else change
        for change in whole.comparison.changes
    ]
    changes += [
        ExportChange(
            ChangeKind.VERSION,
            "waived",
            obj,
            "vmlinux",
            "0x00000006",
            "0x00000007",
            ("w",),
            fails=False,
            severity=Severity.INCOMPATIBLE,
            excuse=f"waived until 2027-06-30: nobody uses {name}",
        )
    ]
    changes = [replace(c, causes=("k", "r")) if c.name == "third" else c for c in changes]
    rules = (
        RuleText(
            "member-type",
            Severity.BREAKING,
            f"A member has another type: {name}.\n\nIts bytes mean `{text}`.\n",
        ),
        RuleText("export-added", Severity.HARMLESS, "An export was added.\n\nNothing breaks.\n"),
    )
    return replace(
        whole,
        comparison=replace(whole.comparison, changes=tuple(changes), causes=causes),
        rules=rules,
    )
