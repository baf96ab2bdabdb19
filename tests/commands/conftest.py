"""`kabicheck check` on one demo repository, whose builds all tests share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.demo.repository import DemoRepository, write_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. out, err: what it wrote."""

    status: int
    out: str
    err: str

    @property
    def verdict(self) -> str:
        """The report's last line."""
        return self.out.rstrip("\n").rpartition("\n")[2]

    @property
    def notes(self) -> list[str]:
        """What the report's header remarks."""
        return re.findall(r"^note: (.*)$", self.out, re.MULTILINE)

    @property
    def compiled(self) -> int:
        """How many objects the compiler had to make, by the report's second line."""
        found = re.search(r"objects? \((\d+) (compiled|from cache)\) · ", self.out)
        assert found, self.out
        return int(found[1]) if found[2] == "compiled" else 0

    @property
    def error(self) -> str:
        """The one line of a run that failed, which says nothing else."""
        assert (self.status, self.out) == (2, ""), self
        [line] = self.err.splitlines()
        return line.removeprefix("kabicheck: error: ")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoRepository, Path]:
    """The demo's repository, and a cache in which most of what tests build is built already."""
    folder = tmp_path_factory.mktemp("shared")
    return write_repository(folder / "linux"), folder / "cache"


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs the tests, and bugs raise: none is taken for a question without an answer."""
    for name in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KABICHECK_TRACEBACK", "1")


@pytest.fixture
def demo(
    shared: tuple[DemoRepository, Path], plain: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DemoRepository]:
    """The shared repository as the working directory; afterwards it is as it was, whatever a test commits."""
    repository, cache = shared
    monkeypatch.setenv("KABICHECK_CACHE", str(cache))
    monkeypatch.chdir(repository.path)
    yield repository
    repository.git("symbolic-ref", "HEAD", "refs/heads/main")
    repository.git("reset", "--quiet", "--hard", repository.commits[-1].id)
    repository.git("clean", "--quiet", "-fdx")


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], plain: None) -> Callable[..., Run]:
    """Run `kabicheck check` with these arguments in this process."""

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        status = main(["check", *map(str, arguments)])
        return Run(status, *capsys.readouterr())

    return run
