"""Reports for the emitters' tests."""

from __future__ import annotations

from kabicheck.model import (
    Cause,
    ChangeKind,
    Comparison,
    DiffLine,
    ExportChange,
    Finding,
    Location,
    Report,
    Severity,
    Side,
)

EMPTY = Report(Side("a"), Side("b"), Comparison((), {}, ()))


def report(*, name: str = "async_schedule", text: str = "unsigned int registered : 1;") -> Report:
    """One of everything; `name` and `text` stand where names and types of an input file do."""
    obj = f"kernel/{name}.o"
    cause = Cause(
        key="k",
        reference=f"s#{name}",
        title=f"struct {name}",
        summary="member type changed",
        diff=(DiffLine(" ", f"struct {name} {{"), DiffLine("-", text), DiffLine("+", "bool registered;")),
        exports=((obj, name), (obj, "second"), (obj, "third"), (obj, "fourth")),
        new_location=Location(f"include/{name}.h", 24),
        findings=(Finding("member-type", Severity.BREAKING, f"s#{name}", "registered: unsigned int → bool"),),
        path=(f"{name}()", f"struct {name}"),
    )
    follower = Cause(
        key="f",
        reference="s#outer",
        title="struct outer",
        summary="size 24 → 32",
        diff=(DiffLine("-", "}; /* size 24 */"), DiffLine("+", "}; /* size 32 */")),
        exports=cause.exports[:1],
        findings=(Finding("size", Severity.BREAKING, "s#outer", "size 24 → 32"),),
        follows=("k",),
    )
    versions = [
        ExportChange(
            ChangeKind.VERSION,
            export,
            obj,
            "vmlinux",
            "0x00000001",
            "0x00000002",
            ("k", "f") if export == name else ("k",),
        )
        for _, export in cause.exports
    ]
    others = [
        ExportChange(ChangeKind.VERSION, "no_types", obj, "vmlinux", "0x00000001", "0x00000002"),
        ExportChange(ChangeKind.REMOVED, "gone", obj, "vmlinux", "0x00000003", ""),
        ExportChange(
            ChangeKind.ADDED,
            "fresh",
            obj,
            "vmlinux",
            "",
            "0x00000004",
            fails=False,
            findings=(Finding("export-added", Severity.HARMLESS, "fresh", "version 0x00000004"),),
            severity=Severity.HARMLESS,
        ),
        ExportChange(ChangeKind.LICENCE, "licensed", obj, "vmlinux", "", "GPL"),
        ExportChange(ChangeKind.NAMESPACE, "spaced", obj, "vmlinux", "", name),
        ExportChange(ChangeKind.MODULE, "walked", obj, name, "vmlinux", name),
        ExportChange(ChangeKind.UNVERSIONED, "unknown", obj, "vmlinux", "0x00000005", "no type"),
    ]
    return Report(
        base=Side("3f2c1d0", "merge base of main and HEAD", 37),
        head=Side("9b1e77a", "", 37),
        comparison=Comparison((*versions, *others), {"k": cause, "f": follower}, (("vmlinux", obj, "same"),)),
        commits=4,
        machine="x86_64",
        compiler="gcc 14.2.0",
        built=43,
        cached=31,
        seconds=1.94,
        notes=(f"a note about {name}",),
        failed=True,
    )
