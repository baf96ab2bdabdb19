"""What other programs call says what the commands say, and prints nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kabicheck.api import (
    BisectRequest,
    Check,
    CheckRequest,
    CompareRequest,
    GivenOptions,
    Refs,
    Sources,
    bisect,
    check,
    compare,
    open_session,
    rulebook_of,
    settings_of,
)
from kabicheck.cli import main
from kabicheck.demo.repository import DemoRepository, write_repository
from kabicheck.errors import KabicheckError, RepositoryError, UsageError
from kabicheck.formats.report_json import write_report
from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).parents[1] / "docs" / "api.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRepository]:
    """The demo's repository, with a cache of its own that all tests here share."""
    folder = tmp_path_factory.mktemp("api")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KABICHECK_CACHE", str(folder / "cache"))
        yield write_repository(folder / "linux")


def _request(demo: DemoRepository) -> CheckRequest:
    return CheckRequest(refs=Refs(base=demo.base), sources=Sources(str(demo.path)))


def test_the_example_of_the_document(
    demo: DemoRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)[0]
    monkeypatch.chdir(demo.path)
    exec(compile(example, str(DOCUMENT), "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "failed"
    assert any(re.search(r" version breaking struct \w+", line) for line in lines), lines


def test_a_check_says_what_the_command_says(
    demo: DemoRepository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_session() as session:
        settings = settings_of(
            GivenOptions({"base": demo.base}), Sources(str(demo.path)), "HEAD", session.store
        )
        assert settings.check.base == demo.base
        report = check(CheckRequest(_request(demo).refs, Sources(str(demo.path)), settings.check), session)
    assert capsys.readouterr() == ("", "")
    file = tmp_path / "report.json"
    assert main(["check", "-C", str(demo.path), "--base", demo.base, "-o", f"json:{file}"]) == 1
    told, called = json.loads(file.read_text()), json.loads(write_report(report))
    for part in ("base", "head", "changes", "causes", "failed", "compared"):
        assert called.get(part) == told.get(part), part
    assert called["changes"]
    assert report.failed


def test_waivers_of_the_settings_count(demo: DemoRepository) -> None:
    sources, file = Sources(str(demo.path)), demo.path / "kabicheck.toml"
    file.write_text(f'[check]\nbase = "{demo.base}"\n[[waiver]]\nreason = "all is well"\nsymbol = "*"\n')
    try:
        with open_session() as session:
            settings = settings_of(GivenOptions({"attribution": "off"}), sources, "HEAD", session.store)
            request = CheckRequest(sources=sources, check=settings.check, read=settings.read)
            assert check(request, session).failed
            report = check(replace(request, rulebook=rulebook_of(settings)), session)
            assert report.comparison.changes
            assert not report.failed
            file.write_text('[severity]\nno-such-rule = "ignore"\n')
            settings = settings_of(GivenOptions(), sources, "HEAD", session.store)
            with pytest.raises(UsageError, match="there is no rule no-such-rule"):
                rulebook_of(settings)
    finally:
        file.unlink()


def test_a_comparison_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.symtypes", tmp_path / "new.symtypes"
    old.write_text("f subprogram ( ) -> base_type int byte_size(4) encoding(5)\n")
    new.write_text("f subprogram ( ) -> base_type long byte_size(8) encoding(5)\n")
    with open_session() as session:
        report = compare(CompareRequest(old, new), session)
    assert [(change.name, change.kind) for change in report.comparison.changes] == [("f", ChangeKind.VERSION)]
    assert report.failed
    with open_session(builds=False) as session, pytest.raises(KabicheckError, match=r"nothing\.symtypes"):
        compare(CompareRequest(old, tmp_path / "nothing.symtypes"), session)
    assert capsys.readouterr() == ("", "")


def test_a_bisection(demo: DemoRepository, capsys: pytest.CaptureFixture[str]) -> None:
    with open_session() as session:
        report = check(_request(demo), session)
        symbol = next(c.name for c in report.comparison.changes if c.culprits and c.kind == "version")
        sources, refs = Sources(str(demo.path)), Refs(demo.base, same=True)
        result = bisect(BisectRequest((symbol,), refs, sources), session)
    assert result.plan.commits == len(demo.commits)
    assert result.is_shown(symbol)
    [change] = result.comparison.changes
    [culprit] = change.culprits
    assert culprit.commits[0].id in {commit.id for commit in demo.commits}
    assert any(line.startswith("git bisect good") for line in result.log)
    assert capsys.readouterr() == ("", "")


def test_what_cannot_be_answered_is_an_error(demo: DemoRepository, tmp_path: Path) -> None:
    request = CheckRequest(refs=Refs(base="no-such-branch"), sources=Sources(str(demo.path)))
    with open_session() as session, pytest.raises(RepositoryError, match="no-such-branch"):
        check(request, session)
    ready = BisectRequest(("f",), sources=Sources(str(demo.path), tmp_path, tmp_path))
    with open_session() as session, pytest.raises(UsageError, match="no commits are known in between"):
        bisect(ready, session)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"jobs": -1}, "-1 is no number of processes"),
        ({"max_builds": -1}, "-1 is no number of builds"),
        ({"attribution": "guess"}, "there is no attribution 'guess'"),
    ],
)
def test_values_that_there_are_not(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        CheckRequest(check=Check(**values))
    with pytest.raises(UsageError, match=problem):
        BisectRequest(("f",), check=Check(**values))
    with pytest.raises(UsageError, match="no number of processes"):
        CompareRequest(Path("old"), Path("new"), jobs=-1)


def test_what_is_built_with_rules_is_read_with_them() -> None:
    stable = Check(stable=True)
    assert CheckRequest(check=stable).read.stable
    assert BisectRequest(("f",), check=stable).read.stable
    assert not CheckRequest().read.stable
