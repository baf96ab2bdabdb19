"""`kabicheck explain`: rules, symbols, and why a symbol's version differs."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.compare.rules.table import RULES
from kabicheck.model import Comparison, Report, Side
from kabicheck.pipeline.last_report import KEPT, keep_report, last_report
from tests.compare.fixture_pairs import compile_side

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = Path(__file__).parents[1] / "symver" / "data" / "shapes"


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command; its status, what it printed, and its errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        return main(["explain", *map(str, arguments)]), *capsys.readouterr()

    return run


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule(rule_id: str, explain: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = explain(rule_id)
    assert (status, err) == (0, "")
    assert out.startswith(f"{rule_id} · {RULES[rule_id].severity}\n\n")
    assert "Remedy: " in out
    assert "](" not in out, "links are for the pages"


def test_all_rules_are_listed(explain: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = explain()
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(RULES)


def test_the_mirror_is_named(explain: Callable[..., tuple[int, str, str]]) -> None:
    assert explain("member-added")[1].endswith("Where the sides are swapped it is member-removed.\n")


def test_a_symbol(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    built = compile_side("member_added", "old", tmp_path)
    status, out, err = explain("device_find", "--in", built)
    assert (status, err) == (0, "")
    first, version, exported, declared, source, kind, *reaches = out.splitlines()
    assert (first, version) == ("device_find", "  version   0xe286a7d4")
    assert exported == f"  exported  by {built}, in vmlinux: EXPORT_SYMBOL"
    assert declared == "  declared  /src/api.h:34"
    assert source == "  source    struct device *device_find(const char *name);"
    assert kind.startswith("  type      subprogram ( formal_parameter ")
    assert reaches == ["  reaches   3 types: struct device, struct device_ops, struct state"]


def test_in_every_object_of_a_folder(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    for side in ("old", "new"):
        compile_side("member_added", side, tmp_path)
    (tmp_path / "member_added" / "new" / "none.txt").write_text("no object")
    status, out, _ = explain("device_find", "--in", tmp_path / "member_added")
    assert status == 0
    assert [line for line in out.splitlines() if "exported" in line] == [
        "  exported  by new/object.o, in vmlinux: EXPORT_SYMBOL",
        "  exported  by old/object.o, in vmlinux: EXPORT_SYMBOL",
    ]


def test_what_is_recorded(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = explain("area", "--in", f"{SHAPES}.symtypes")
    assert status == 0
    assert f"  exported  by {SHAPES}.symtypes\n" in out, "which licence is not recorded"
    symvers = tmp_path / "Module.symvers"
    symvers.write_text("0x00000001\tf\tvmlinux\tEXPORT_SYMBOL_GPL\tNS\n")
    assert explain("f", "--in", symvers)[1] == (
        "f\n  version   0x00000001\n"
        f"  exported  by {symvers}, in vmlinux: EXPORT_SYMBOL_GPL, namespace NS\n"
        "  type      not known here\n"
    )


def test_why_a_symbol_differs(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    old, new = (compile_side("member_added", side, tmp_path) for side in ("old", "new"))
    status, out, err = explain("device_find", old, new)
    assert (status, err) == (0, "")
    assert "struct state: member added, size 32 → 40" in out
    assert "  reached by device_find() → struct device → struct state\n" in out
    assert "  1 export changes: device_find 0xe286a7d4 → 0x1bdd6038\n" in out
    assert "device_register" not in out
    assert out.endswith("FAILED: 1 export changed by 1 cause\n")
    assert explain("device_find", old, old)[1].endswith("OK: 1 export compared, none changed\n")


def test_an_export_that_came(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    old, new = (compile_side("signature", side, tmp_path) for side in ("old", "new"))
    assert explain("fresh", old, new)[1].endswith("OK: 1 export added\n")
    assert explain("fresh", new, old)[1].endswith("FAILED: 1 export removed\n")


def test_the_last_report(
    tmp_path: Path, explain: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the work tree, from whichever folder of it, and of no other one."""
    old, new = (compile_side("member_added", side, tmp_path) for side in ("old", "new"))
    tree = tmp_path / "tree"
    (tree / "lib").mkdir(parents=True)
    (tree / ".git").write_text("gitdir: elsewhere\n")
    monkeypatch.chdir(tree)
    assert main(["compare", str(old), str(new)]) == 1
    monkeypatch.chdir(tree / "lib")
    status, out, err = explain("device_find")
    assert (status, err) == (0, "")
    assert out.startswith(f"base {old} → head {new} · ")
    assert "\nnote: this is of the last report, less than a minute ago\n" in out
    assert "struct state: member added, size 32 → 40" in out
    assert "device_register" not in out
    assert out.endswith("FAILED: 1 export changed by 1 cause\n")
    status, out, err = explain("device_fnd")
    assert (status, out) == (2, "")
    assert f"(less than a minute ago, {old} → {new}): device_fnd (did you mean device_find?)" in err
    assert explain("member-added")[0] == 0, "rules are explained whatever was reported"

    assert main(["compare", str(old), str(old)]) == 0
    assert explain("device_find")[1].endswith("OK: 1 export compared, none changed\n")
    elsewhere = explain("device_find", "-C", tmp_path)
    assert elsewhere[0] == 2
    assert "no such rule: device_find" in elsewhere[2]
    assert explain("device_find", "-C", tree)[0] == 0


def test_a_last_report_that_is_no_use(
    tmp_path: Path, explain: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = compile_side("member_added", "old", tmp_path)
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    main(["compare", "--no-cache", str(built), str(built)])
    assert not (tmp_path / "cache" / "reports").exists()
    main(["compare", str(built), str(built)])
    [kept] = (tmp_path / "cache" / "reports").iterdir()
    os.utime(kept, (time.time() - 7200, time.time() - 7200))
    assert "last report, 2 hours ago\n" in explain("device_find")[1]
    for damaged in (kept.read_bytes()[:-20], b"", b"no gzip", gzip.compress(b"[]")):
        kept.write_bytes(damaged)
        status, out, err = explain("device_find")
        assert (status, out) == (2, "")
        assert err.startswith(f"kabicheck: error: {kept}")
        assert len(err.splitlines()) == 1


def test_what_is_said_of_other_objects_is_left_out(
    tmp_path: Path, explain: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    unchanged = (("vmlinux", "lib/a.o", "mine"), ("vmlinux", "lib/b.o", "other"))
    notes = ("lib/a.o: mine: a", "lib/b.o: other: b", "the sides differ: c")
    keep_report(Report(Side("old"), Side("new"), Comparison((), {}, unchanged), notes=notes), pytest.fail)
    said = [line for line in explain("mine")[1].splitlines() if line.startswith("note: ")]
    assert said[1:] == ["note: lib/a.o: mine: a", "note: the sides differ: c"]


def test_the_newest_reports_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    folders = [tmp_path / str(number) for number in range(KEPT + 2)]
    report = Report(Side("a"), Side("b"), Comparison((), {}, ()))
    for number, folder in enumerate(folders):
        folder.mkdir()
        keep_report(report, pytest.fail, folder)
        newest = max((tmp_path / "cache" / "reports").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    assert [last_report(folder) is None for folder in folders] == [True] * 2 + [False] * KEPT


def test_a_report_that_cannot_be_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = compile_side("member_added", "old", tmp_path)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "reports").write_text("no folder")
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    assert main(["compare", str(built), str(built)]) == 0
    assert capsys.readouterr().err.startswith("kabicheck: warning: explain will not know this report: ")


def test_mistakes(
    tmp_path: Path, explain: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    built = compile_side("member_added", "old", tmp_path)
    for arguments, words in (
        (
            ("member-aded",),
            "no such rule: member-aded (did you mean member-added; a symbol needs --in FILE, ",
        ),
        (("\x1b[2J",), "no such rule: \\x1b[2J (`kabicheck explain` lists the rules"),
        (("device_fnd", "--in", built), f"device_fnd is not exported by {built} (did you mean device_find?)"),
        (("device_fnd", built, built), f"device_fnd is not exported by {built}, {built} (did you mean"),
        (
            ("xyz", "--in", built),
            f"xyz is not exported by {built} (of 2 exported symbols none has a similar name)",
        ),
        (("device_find", built), "give two sides, OLD and NEW, or --in FILE"),
        (("device_find", built, built, "--in", built), "give two sides, OLD and NEW, or --in FILE"),
        (("--in", built), "which symbol?"),
        (("f", "--in", tmp_path / "missing"), "cannot be read"),
    ):
        status, out, err = explain(*arguments)
        assert (status, out) == (2, "")
        assert words in err
        assert len(err.splitlines()) == 1


def test_whatever_the_terminal_can_show() -> None:
    """`·` and `→` are not in every encoding, and standard output can be full."""
    command = [sys.executable, "-m", "kabicheck", "explain", "kind"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("kind ? breaking\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "kabicheck: error: the standard output cannot be written: No space left on device\n"
