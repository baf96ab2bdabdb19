"""`kabicheck check` on the demo's series: what is found, the exit status, the outputs, the cache."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from kabicheck.cli import main
from kabicheck.pipeline import sides
from tests.commands.junit_reports import ASYNC, failures, junit
from tests.report.checks.junit import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

ADDED = "raw_notifier_chain_unregister"

CHANGED = """\
struct async_domain: member type changed, bit-field changed {spaces} include/linux/async.h:16
    struct async_domain {{
            struct list_head pending;    /*  0 16 */
  -         unsigned int registered : 1; /* 16  4 */
  +         bool registered;             /* 16  1 */    f6c2067 async: Make async_domain… (verified)
    }};                                   /* size 24 */
  breaking (member-type, bit-field)
"""


def exported(demo: DemoRepository, commit: str) -> set[str]:
    """All exports of a commit, by the macros in its source files."""
    lines = demo.git("grep", "-hoE", r"^EXPORT_SYMBOL\w*\(\w+", commit, "--", "*.c", "*.S").splitlines()
    return {line.partition("(")[2] for line in lines}


def test_the_series(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", demo.base)
    header, objects, _, *report = run.out.splitlines()
    assert header.startswith(
        f"base {demo.base[:7]} (merge base of {demo.base} and HEAD) → head {demo.head[:7]}"
    )
    assert " · 5 commits · " in header
    assert re.fullmatch(r"2 × 14 objects \(.*\) · 31 exports compared in \d+\.\d s", objects)
    assert CHANGED.format(spaces=" " * 15) in "\n".join(report) + "\n"
    assert "i2c_transfer(): parameter added " in run.out
    assert "  - int i2c_transfer(struct i2c_adapter *adap, struct i2c_msg *msgs, int num);" in run.out
    assert re.search(
        r"^  1 export changes: i2c_transfer 0x[0-9a-f]{8} → 0x[0-9a-f]{8}$", run.out, re.MULTILINE
    )
    assert re.search(
        rf"^    {ADDED}: added with version 0x\w{{8}}  \(kernel/notifier\.o\)$", run.out, re.MULTILINE
    )
    assert run.verdict == "FAILED: 4 exports changed by 2 causes, 1 added, 3 commits responsible"
    assert (run.status, run.err, run.notes) == (1, "", [])


def test_explain_knows_the_last_check(
    demo: DemoRepository, check: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    check("--base", demo.base, "-o", "junit:/dev/null")
    assert main(["explain", "i2c_transfer", "-C", "lib"]) == 0
    header, *_, last = capsys.readouterr().out.splitlines()
    assert header.startswith(f"base {demo.base[:7]} (merge base of {demo.base} and HEAD) → head ")
    assert last == "FAILED: 1 export changed by 1 cause, 1 commit responsible"


@pytest.mark.parametrize(
    ("number", "status", "failed", "verdict"),
    [
        (0, 0, set(), "OK: 30 exports compared, none changed"),
        (1, 1, ASYNC, "FAILED: 3 exports changed by 1 cause, 1 commit responsible"),
        (2, 0, set(), "OK: 30 exports compared, none changed"),
        (3, 1, {"i2c_transfer"}, "FAILED: 1 export changed by 1 cause, 1 commit responsible"),
        (4, 0, set(), "OK: 1 export added, 1 commit responsible"),
    ],
)
def test_each_commit_alone(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path,
    number: int, status: int, failed: set[str], verdict: str,
) -> None:  # fmt: skip
    commit, xml = demo.commits[number].id, tmp_path / "report.xml"
    run = check("--base", f"{commit}~1", "--head", commit, "-o", "text", "-o", f"junit:{xml}")
    assert (run.status, run.verdict, run.err) == (status, verdict, "")
    assert " · 1 commit · " in run.out
    assert failures(xml) == failed
    assert junit(xml).keys() == exported(demo, f"{commit}~1") | exported(demo, commit)


def test_a_removed_export_fails(demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> None:
    demo.git("revert", "--no-edit", "HEAD")
    xml = tmp_path / "report.xml"
    run = check("--base", "HEAD~1", "-o", "text", "-o", f"junit:{xml}")
    assert (run.status, run.verdict) == (1, "FAILED: 1 export removed, 1 commit responsible")
    assert failures(xml) == {ADDED}
    assert len(junit(xml)) == 31, "what is gone is listed, too"


def test_a_commit_with_itself(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", "HEAD", "--allow-same")
    assert (run.status, run.verdict) == (0, "OK: 31 exports compared, none changed")
    assert "commit" not in run.out.splitlines()[0]


def test_the_base_is_the_merge_base(demo: DemoRepository, check: Callable[..., Run]) -> None:
    """What happened on the other branch since they parted is not this branch's doing."""
    demo.git("checkout", "--quiet", "--detach", demo.commits[0].id)
    side = demo.commit({"README": "x"}, "Say nothing")
    run = check("--base", "main", "--head", side)
    assert (run.status, run.verdict) == (0, "OK: 30 exports compared, none changed")
    assert run.out.startswith(f"base {demo.commits[0].id[:7]} (merge base of main and {side})")


def test_junit_has_every_export_of_both_sides(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    crc32 = demo.read("lib/crc32.c").replace("crc32_le", "crc32_be")
    header = demo.read("include/linux/crc32.h").replace("crc32_le", "crc32_be")
    demo.commit({"lib/crc32.c": crc32, "include/linux/crc32.h": header}, "Rename an export")
    xml = tmp_path / "report.xml"
    run = check("--base", demo.base, "-o", f"junit:{xml}")
    assert (run.status, run.out, run.err) == (1, "", "")
    found = junit(xml)
    assert found.keys() == exported(demo, demo.base) | exported(demo, "HEAD") >= {"crc32_le", "crc32_be"}
    assert failures(xml) == ASYNC | {"i2c_transfer", "crc32_le"}
    assert found["i2c_transfer"].get("classname") == "i2c-core.drivers/i2c/i2c-core-base"
    text = found["async_schedule_node_domain"].findtext("failure") or ""
    assert (
        "\n\nstruct async_domain: member type changed, bit-field changed (include/linux/async.h:16)\n" in text
    )
    assert "\n-         unsigned int registered : 1; " in text
    assert "\n+         bool registered; " in text
    assert (found[ADDED].findtext("system-out") or "").startswith("added with version 0x")
    assert {suite.get("name") for case in found.values() for suite in case.iterancestors("testsuite")} == {
        "vmlinux",
        "i2c-core",
        "led-class",
    }


def test_junit_is_valid(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", demo.base, "-o", "junit")
    assert run.status == 1
    schema().assertValid(etree.fromstring(run.out.encode()))


def test_a_second_run_builds_nothing(demo: DemoRepository, check: Callable[..., Run]) -> None:
    first, second = check("--base", demo.base), check("--base", demo.base)
    assert " objects (28 from cache) · 31 exports compared " in second.out
    assert second.compiled == 0
    assert second.out.splitlines()[2:] == first.out.splitlines()[2:]
    assert second.status == first.status


def test_without_the_cache_everything_is_built_anew(demo: DemoRepository, check: Callable[..., Run]) -> None:
    kept = check("--base", demo.base)
    anew = check("--base", demo.base, "--no-cache")
    assert anew.compiled == 28
    assert anew.out.splitlines()[3:] == kept.out.splitlines()[3:]


def test_only_what_changed_is_compiled(demo: DemoRepository, check: Callable[..., Run]) -> None:
    check("--base", demo.base, "--no-cache", "--attribution", "off")  # so that the build folder is at head
    demo.commit({"lib/crc32.c": demo.read("lib/crc32.c") + "\n/* The end. */\n"}, "Say where it ends")
    run = check("--base", "HEAD~1")
    assert (run.status, run.verdict) == (0, "OK: 31 exports compared, none changed")
    assert run.compiled == 1


def test_an_uncaught_exception_is_no_finding(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("on\nthree\x1b[1m lines\n")

    monkeypatch.setattr(sides, "notes_of", broken)
    monkeypatch.delenv("KABICHECK_TRACEBACK")
    line = check("--base", demo.base).error
    assert line.startswith("kabicheck: internal error: ZeroDivisionError: on three\\x1b[1m lines")


def test_a_bug_that_is_shown_is_no_finding_either() -> None:
    """Python's own status for an uncaught exception is that of findings."""
    program = "from kabicheck import cli; cli.main = lambda: 1 // 0; cli.entry()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("ZeroDivisionError: integer division or modulo by zero\n")


@pytest.mark.parametrize(
    "arguments", [["--no-such-option"], ["-o", "nothing"], ["-j", "many"], ["-o", "junit:"]]
)
def test_usage_errors(arguments: list[str], plain: None, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status: object = main(["check", *arguments])
    except SystemExit as end:  # argparse's own
        status = end.code
    assert status == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("kabicheck")
