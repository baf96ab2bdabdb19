"""Nothing gets slower unnoticed: what versioning executes is counted, never timed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.performance.corpus import corpus, linked
from tests.performance.counting import ROOT, count
from tests.performance.figures import PYTHON, RENEW, WORKLOADS, committed, write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLOWER = 1.05  # fails
QUICKER = 0.85  # says that the figures are to be renewed
TWICE = 2.1  # for twice the work

DOUBLED = {
    "types": {"types": 160},
    "exports": {"exports": 40},
    "units": {"units": 4},
}
SHAPE = {"types": 80, "exports": 20, "units": 2}


@pytest.mark.parametrize("workload", WORKLOADS)
def test_no_more_is_executed_than_was(workload: str, tmp_path: Path) -> None:
    figures = committed()
    if workload not in figures:
        pytest.skip(f"no figures for Python {PYTHON}: {RENEW} counts them")
    new, old = count(*write_files(workload, tmp_path)), figures[workload]
    ratios = {name: getattr(new, name) / getattr(old, name) for name in old._fields}
    said = ", ".join(f"{getattr(new, name):,} {name} ({ratio - 1:+.1%})" for name, ratio in ratios.items())
    assert max(ratios.values()) < SLOWER, f"slower: {said}. If that has its reason: {RENEW}"
    if min(ratios.values()) < QUICKER:
        pytest.skip(f"quicker: {said}. So that it stays so: {RENEW}")


def test_counts_repeat_exactly(tmp_path: Path) -> None:
    paths = written(tmp_path, SHAPE)
    assert count(paths) == count(paths)


@pytest.mark.parametrize("what", DOUBLED)
def test_twice_as_many_cost_twice_as_much_at_most(what: str, tmp_path: Path) -> None:
    once, twice = count(written(tmp_path, SHAPE)), count(written(tmp_path, SHAPE | DOUBLED[what]))
    assert twice.bytecodes < TWICE * once.bytecodes
    assert twice.calls < TWICE * once.calls


def test_a_linked_file_twice_as_large_costs_twice_as_much_at_most(tmp_path: Path) -> None:
    (tmp_path / "vmlinux").write_bytes(linked(exports=60, units=6))
    (tmp_path / "large").write_bytes(linked(exports=120, units=12))
    once, twice = count(tmp_path / "vmlinux"), count(tmp_path / "large")
    assert twice.bytecodes < TWICE * once.bytecodes
    assert twice.calls < TWICE * once.calls


def test_a_second_object_costs_no_more_than_the_first(tmp_path: Path) -> None:
    """Nothing grows with what one process has seen, and shapes of entries are compiled once."""
    first, second = (written(tmp_path, SHAPE | {"types": types}) for types in (80, 81))
    both = count(first, second)
    assert both.bytecodes < count(first).bytecodes + count(second).bytecodes


def written(folder: Path, shape: dict[str, int]) -> Path:
    path = folder / ("_".join(f"{name}{number}" for name, number in shape.items()) + ".o")
    path.write_bytes(corpus(**shape))
    return path


# --- instructions, which show what happens inside one call of a C function -----------------------------

NOTHING, ONCE = {"types": 1, "exports": 1}, {"types": 150, "exports": 20}
TWICE_ONCE = ({"types": 300, "exports": 20}, {"types": 150, "exports": 40})


@pytest.fixture(scope="module")
def instructions(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, int]], int]:
    """How many instructions `kabicheck symver` executes for an object of this shape, beyond those of starting."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        absent = "valgrind is not installed (Debian: apt-get install valgrind)"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    folder = tmp_path_factory.mktemp("objects")

    start = _instructions(valgrind, written(folder, NOTHING))
    found: dict[Path, int] = {}

    def executed(shape: dict[str, int]) -> int:
        path = written(folder, shape)
        if path not in found:
            found[path] = _instructions(valgrind, path) - start
        return found[path]

    return executed


@pytest.mark.parametrize("twice", TWICE_ONCE, ids=["types", "exports"])
def test_instructions_grow_with_the_work(
    instructions: Callable[[dict[str, int]], int], twice: dict[str, int]
) -> None:
    once, doubled = instructions(ONCE), instructions(twice)
    assert doubled < TWICE * once, f"{once:,} instructions become {doubled:,}"


def _instructions(valgrind: str, path: Path) -> int:
    done = subprocess.run(
        [
            valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
            sys.executable, "-m", "kabicheck", "symver", "--exports", "--no-cache", str(path),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    assert found, done.stderr
    return int(found[1].replace(",", ""))
