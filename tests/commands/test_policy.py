"""What counts, from kabicheck.toml and the command line to the report and the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from kabicheck.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

WAIVER = '[[waiver]]\nreason = "agreed with its only user"\nsymbol = "f"\n'


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Compare two Module.symvers in which f and g changed, under these settings."""
    settings = tmp_path / "settings.toml"
    for side, crc in (("old", 1), ("new", 2)):
        lines = (f"0x{crc:08x}\t{name}\tvmlinux\tEXPORT_SYMBOL\t\n" for name in "fg")
        (tmp_path / side).write_text("".join(lines))

    def run(text: str, *options: object) -> tuple[int, str]:
        settings.write_text(text)
        sides = [str(tmp_path / "old"), str(tmp_path / "new")]
        status = main(["compare", "--no-cache", *sides, "--settings", str(settings), *map(str, options)])
        captured = capsys.readouterr()
        return status, (captured.out + captured.err).replace(str(tmp_path), "…")

    return run


def test_a_waived_change_stays_visible(compare: Callable[..., tuple[int, str]]) -> None:
    status, out = compare(WAIVER)
    assert status == 1
    assert "  waived: agreed with its only user · 1 export\n" in out
    assert out.endswith("FAILED: 2 exports changed, 1 excused\n")
    status, out = compare(WAIVER.replace('"f"', '"?"'))
    assert status == 0
    assert out.endswith("OK: 2 exports changed, 2 excused\n")


def test_a_waived_change_in_junit(compare: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    compare(WAIVER, "-o", f"junit:{tmp_path / 'out.xml'}")
    root = etree.parse(tmp_path / "out.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    [out] = root.iter("system-out")
    assert (out.text or "").splitlines()[-1] == "waived: agreed with its only user · 1 export"


def test_waivers_that_are_of_no_use(compare: Callable[..., tuple[int, str]]) -> None:
    stale = '[[waiver]]\nreason = "long ago"\nsymbol = "h"\n'
    everything = WAIVER.replace('"f"', '"*"')
    status, out = compare(everything + stale)
    assert status == 0
    assert "note: unused: waiver …/settings.toml: [[waiver]] 2: symbol=h (long ago)\n" in out
    assert compare(everything + stale, "--strict-waivers")[0] == 1
    assert compare(f"[policy]\nstrict_waivers = true\n{everything}{stale}")[0] == 1
    status, out = compare(f"{everything}expires = 2001-01-01\n")
    assert status == 1
    assert "note: expired on 2001-01-01: waiver …/settings.toml: [[waiver]] 1" in out


def test_strict_waivers_fail_where_nothing_changed(
    compare: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "new").write_text((tmp_path / "old").read_text())
    status, out = compare(WAIVER, "--strict-waivers")
    assert status == 1
    assert out.endswith("FAILED, by its waivers: 2 exports compared, none changed\n")


def test_files_of_others(compare: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "kabi").mkdir()
    (tmp_path / "kabi/severities").write_text("f PASS\nnever FAIL\n")
    (tmp_path / "kabi/stablelist").write_text("[stable]\n\tf\n")
    status, out = compare('[policy]\nseverities = ["kabi/severities"]\n')
    assert status == 1
    assert "tolerated: …/kabi/severities:1: f PASS · 1 export" in out
    assert "note: a severity rule decides nothing: …/kabi/severities:2: never FAIL" in out
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert (
            "tolerated: kabi/severities:1: f PASS"
            in compare('[policy]\nseverities = ["kabi/severities"]\n')[1]
        )
    status, out = compare('[policy]\nseverities = ["kabi/severities"]\nstablelists = ["kabi/stablelist"]\n')
    assert (status, out.endswith("OK: 2 exports changed, 2 excused\n")) == (0, True)
    status, out = compare("", "--stablelist", tmp_path / "kabi/stablelist")
    assert status == 1
    assert "not in a stablelist · 1 export" in out
    (tmp_path / "kabi/severities").write_text("f MAYBE\n")
    status, out = compare("", "--severities", tmp_path / "kabi/severities")
    assert (status, out) == (
        2,
        "kabicheck: error: …/kabi/severities:1: invalid verdict 'MAYBE', must be either PASS or FAIL\n",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[severity]\nmember-add = "harmless"', "[severity]: there is no rule member-add"),
        ('[[waiver]]\nreason = "x"\nrule = "member-add"', "[[waiver]] 1: there is no rule member-add"),
    ],
)
def test_rules_that_do_not_exist(text: str, said: str, compare: Callable[..., tuple[int, str]]) -> None:
    status, out = compare(text)
    assert status == 2
    assert f"…/settings.toml: {said} (`kabicheck explain` lists them)" in out


def test_files_are_read_in_the_order_of_the_options(compare: Callable[..., tuple[int, str]]) -> None:
    assert compare('[policy]\nstablelists = ["list"]\nseverities = ["rules"]\n') == (
        2,
        "kabicheck: error: …/rules: cannot be read: No such file or directory\n",
    )


def test_check_with_the_trees_own_policy(demo: DemoRepository, check: Callable[..., Run]) -> None:
    change, other = demo.commits[1].id, demo.commits[-1].id

    def under(text: str) -> Run:
        (demo.path / "kabicheck.toml").write_text(text)
        return check("--base", demo.base, "kernel/async.o")

    assert under("").status == 1
    run = under('[[waiver]]\nreason = "it is only ours"\ncause = "struct async_domain"\n')
    assert (run.status, run.verdict) == (
        0,
        "OK: 3 exports changed by 1 cause, 3 excused, 1 commit responsible",
    )
    assert "waived: it is only ours · 3 exports" in run.out
    waiver = '[[waiver]]\nreason = "x"\nsymbol = "*"\ncommit = "{}"\n'
    assert under(waiver.format(change[:12])).status == 0
    assert under(waiver.format(other)).status == 1, "another commit did it"
    off = '[check]\nattribution = "off"\n' + waiver
    assert under(off.format(other)).status == 0, "nobody knows who did it"
    assert under(off.format(demo.base)).status == 1
    assert check("--no-settings", "--base", demo.base, "kernel/async.o").status == 1
