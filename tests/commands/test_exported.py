"""A second `symver --exports` over linked files and folders says what the first said, and reads what changed."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from kabicheck.cli import main
from kabicheck.errors import ObjectError
from kabicheck.index import index as module
from kabicheck.pipeline import exports, linked_surveys
from tests.pipeline.small_objects import write_object
from tests.symver.links import link

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.symver.survey import LinkedInput

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A vmlinux and two modules, which have a source in common."""
    found = tmp_path / "linked"
    found.mkdir()
    shutil.copy(link(tmp_path / "k", "vmlinux", "-gdwarf-5").path, found / "vmlinux")
    shutil.copy(link(tmp_path / "m", "small.ko", "-gdwarf-5").path, found / "small.ko")
    shutil.copy(found / "small.ko", found / "other.ko")
    return found


@pytest.fixture
def symver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(module, "RACY", 0)
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        status = main(["symver", "--exports", *map(str, arguments)])
        return status, *capfd.readouterr()

    return run


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read."""
    names: list[str] = []
    original = linked_surveys.survey_all

    def noted(requests: list[LinkedInput], *rest: Any) -> object:
        names.extend(request.name for request in requests)
        return original(requests, *rest)

    monkeypatch.setattr(exports, "survey_all", noted)
    return names


def test_a_second_run_reads_nothing(folder: Path, symver: Run, looked_at: list[str]) -> None:
    first = symver(folder)
    assert first[0] == 2  # for assembly exports
    assert first[1].count("#SYMVER") > 10
    assert looked_at == ["other.ko", "small.ko", "vmlinux"]
    looked_at.clear()
    assert symver(folder) == first
    assert looked_at == []
    assert symver(folder, "--no-cache") == first


def test_only_what_changed_is_read(folder: Path, tmp_path: Path, symver: Run, looked_at: list[str]) -> None:
    symver(folder)
    looked_at.clear()
    changed = link(tmp_path / "n", "small.ko", "-gdwarf-4").path
    os.replace(changed, folder / "other.ko")  # noqa: PTH105
    second = symver(folder)
    assert looked_at == ["other.ko"]
    assert second == symver(folder, "--no-cache")


def test_a_file_that_is_given_twice(folder: Path, symver: Run) -> None:
    once = symver(folder / "vmlinux", "--no-cache")
    twice = symver(folder / "vmlinux", folder / "vmlinux")
    assert twice[1] == 2 * once[1]
    assert symver(folder / "vmlinux", folder / "vmlinux") == twice


def test_a_unit_that_could_not_be_read_is_read_again(
    folder: Path, symver: Run, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ObjectError(folder / "vmlinux", "cannot be read (Input/output error)")

    with monkeypatch.context() as patch:
        patch.setattr("kabicheck.symver.linked_unit.UnitReading", fails)
        first = symver(folder / "vmlinux")
    assert "Input/output error" in first[2]
    assert symver(folder / "vmlinux") == symver(folder / "vmlinux", "--no-cache")
    assert len(looked_at) == 3


def test_rules_are_refused_whatever_is_known(folder: Path, symver: Run) -> None:
    symver(folder)
    status, out, errors = symver(folder, "--stable")
    assert (status, out) == (2, "")
    assert "kABI rules are in no linked file" in errors


def test_objects_of_a_folder(tmp_path: Path, symver: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = tmp_path / "objects"
    objects.mkdir()
    for name in "ab":
        write_object(objects / f"{name}.o", "f", "g")
    first = symver(objects)
    assert first[1].count("#SYMVER") == 4
    monkeypatch.setattr("kabicheck.symver.object.ExportReading", None)
    assert symver(objects) == first
