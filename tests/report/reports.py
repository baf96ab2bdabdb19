"""Reports for the emitters' tests."""

from __future__ import annotations

from kabicheck.model import (
    Attribution,
    Cause,
    ChangeKind,
    Commit,
    Comparison,
    Culprit,
    DiffLine,
    ExportChange,
    Finding,
    Hidden,
    Hunk,
    Location,
    Report,
    Severity,
    Side,
    Transition,
    Verdict,
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
        findings=(
            Finding(
                "member-type",
                Severity.BREAKING,
                f"s#{name}",
                "registered: unsigned int → bool",
                f"look at {text}",
            ),
        ),
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
    hidden = Hidden(
        reference="s#opaque",
        title=f"struct opaque_{name}",
        summary="member added, size 8 → 16",
        findings=(Finding("size", Severity.BREAKING, "s#opaque", "size 8 → 16"),),
        by=(f"declonly opaque_{name}",),
        exports=((obj, "same"),),
        new_location=Location(f"include/{name}.h", 30),
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
        comparison=Comparison(
            (*versions, *others), {"k": cause, "f": follower}, (("vmlinux", obj, "same"),), (hidden,)
        ),
        commits=4,
        machine="x86_64",
        compiler="gcc 14.2.0",
        built=43,
        cached=31,
        seconds=1.94,
        notes=(f"a note about {name}",),
        failed=True,
    )


def commit(number: int, subject: str, author: str = "Ada L") -> Commit:
    """A commit of the 20th to 29th of November 2026."""
    name = f"{number}a1b2c3d" * 5
    return Commit(name, name[:7], subject, author, "ada@example.org", 1795132800 + 86400 * number, name)


def attributed(*, subject: str = "async: use bool", author: str = "Ada L") -> Report:
    """Two commits on one declaration, and every verdict once; `subject` and `author` are the first commit's."""
    first = commit(1, subject, author)
    second = commit(2, "async: count the entries of each domain, which is what the scheduler asks for")
    merge = commit(3, "Merge branch 'async'")
    unbuildable = commit(4, "treewide: break the build")
    suspect = commit(5, "klist: reorder")
    obj = "kernel/async.o"
    exports = tuple((obj, name) for name in ("async_schedule_node_domain", "async_synchronize_full_domain"))
    versions = ("0x00000001", "0x00000002", "0x00000003")

    def transitions(old: int, new: int) -> tuple[Transition, ...]:
        return tuple(Transition(*export, versions[old], versions[new]) for export in exports)

    source = (
        DiffLine(" ", "struct async_domain {"),
        DiffLine(" ", "\tstruct list_head pending;"),
        DiffLine("-", "\tunsigned int registered : 1;"),
        DiffLine("+", "\tbool registered;"),
        DiffLine(" ", "};"),
    )
    grown = (DiffLine(" ", source[3].text), DiffLine("+", "\tunsigned long entries;"), DiffLine(" ", "};"))
    by_first = Culprit(
        Verdict.VERIFIED,
        (first,),
        transitions(0, 1),
        (merge,),
        (Hunk("include/linux/async.h", 14, 14, source, "include/async.h"),),
    )
    by_second = Culprit(
        Verdict.VERIFIED, (second,), transitions(1, 2), hunks=(Hunk("include/linux/async.h", 16, 16, grown),)
    )
    one_of = Culprit(
        Verdict.ONE_OF,
        (unbuildable, suspect),
        reason=f"{unbuildable.short} cannot be built: lib/klist.o: Error 1",
    )
    suspected = Culprit(Verdict.SUSPECTED, (suspect,), reason="it changed these lines, nothing was built")
    nobody = Culprit(Verdict.NONE, reason="CONFIG_SMP differs between the two sides")

    def cause(
        key: str, name: str, diff: tuple[DiffLine, ...], culprits: tuple[Culprit, ...], number: int
    ) -> tuple[Cause, list[ExportChange]]:
        changed = exports if number == 0 else ((f"lib/{name}.o", f"{name}_add"),)
        found = (Finding("member-type", Severity.BREAKING, f"s#{name}", ""),)
        places = Location(f"include/linux/{name}.h", 16), Location(f"include/linux/{name}.h", 17)
        changes = [
            ExportChange(ChangeKind.VERSION, export, path, "vmlinux", versions[0], versions[2], (key,))
            for path, export in changed
        ]
        summary = "member type changed"
        return (
            Cause(
                key, f"s#{name}", f"struct {name}", summary, diff, changed, *places, found, culprits=culprits
            ),
            changes,
        )

    made = [
        cause(
            "a",
            "async_domain",
            (
                DiffLine(" ", "struct async_domain {"),
                DiffLine(" ", "        struct list_head pending;    /*  0 16 */"),
                DiffLine("-", "        unsigned int registered : 1; /* 16  4 */", 0),
                DiffLine("+", "        bool registered;             /* 16  1 */", 0),
                DiffLine("+", "        unsigned long entries;       /* 24  8 */", 1),
                DiffLine("-", "};                                   /* size 24 */", 1),
                DiffLine("+", "};                                   /* size 32 */", 1),
            ),
            (by_first, by_second),
            0,
        ),
        cause("b", "klist", (DiffLine("-", "int a;", 0), DiffLine("+", "long a;", 0)), (one_of,), 1),
        cause("c", "kref", (DiffLine("-", "int b;", 0), DiffLine("+", "long b;", 0)), (suspected,), 2),
        cause("d", "mutex", (DiffLine("+", "int owner;", 0),), (nobody,), 3),
    ]
    others = [
        ExportChange(ChangeKind.REMOVED, "gone", obj, "vmlinux", "0x00000003", culprits=(by_second,)),
        ExportChange(ChangeKind.REMOVED, "gone_too", obj, "vmlinux", "0x00000004", culprits=(by_second,)),
        ExportChange(ChangeKind.ADDED, "fresh", obj, "vmlinux", "", "0x00000004", culprits=(suspected,)),
        ExportChange(ChangeKind.LICENCE, "licensed", obj, "vmlinux", "", "GPL", culprits=(by_second,)),
        ExportChange(ChangeKind.NAMESPACE, "spaced", obj, "vmlinux", "", "ASYNC", culprits=(by_second,)),
        ExportChange(ChangeKind.VERSION, "no_types", obj, "vmlinux", "0x1", "0x2", culprits=(one_of,)),
    ]
    causes = {each.key: each for each, _ in made}
    changes = [change for _, changes in made for change in changes]
    commits = (first, second, merge, unbuildable, suspect)
    return Report(
        base=Side("3f2c1d0", "merge base of main and HEAD", 37),
        head=Side("9b1e77a", "", 37),
        comparison=Comparison((*changes, *others), causes, ()),
        commits=len(commits),
        machine="x86_64",
        compiler="gcc 14.2.0",
        seconds=1.94,
        failed=True,
        attribution=Attribution("verify", commits, 2, 7, ((unbuildable, "lib/klist.o: Error 1"),), 3.14),
    )
