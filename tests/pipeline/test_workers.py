"""Worker processes and what becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import KabicheckError
from kabicheck.pipeline.workers import processes_for, workers

if TYPE_CHECKING:
    from pathlib import Path

# Says that a worker is at work, and never ends by itself.
WORKING = """\
import time
from kabicheck.pipeline.workers import workers
with workers(2, "kabicheck.errors") as pool:
    pool.submit(print, "ready", flush=True)
    pool.submit(time.sleep, 1e6).result()
"""

WITH_RESULT = """\
from kabicheck.pipeline.workers import workers
with workers(2, "kabicheck.errors") as pool:
    print(list(pool.map(abs, [-1, 2])))
"""


def test_results_and_errors_come_back() -> None:
    with workers(2, "kabicheck.errors") as pool:
        assert list(pool.map(abs, [-1, 2])) == [1, 2]
    with pytest.raises(ValueError, match="math domain error"), workers(1, "kabicheck.errors") as pool:
        list(pool.map(__import__("math").sqrt, [-1.0]))


def test_a_killed_worker_is_an_error() -> None:
    with pytest.raises(KabicheckError, match="a worker process was killed"), workers(1, "math") as pool:
        list(pool.map(os._exit, [9]))


def test_workers_do_not_run_the_program_again(tmp_path: Path) -> None:
    """A program may use the library at its top level, where multiprocessing would have workers import it."""
    program = tmp_path / "program.py"
    program.write_text(f"print(__name__, flush=True)\n{WITH_RESULT}")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stdout == "__main__\n[1, 2]\n"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_who_started_them(how: signal.Signals) -> None:
    """All have the pipe that is their standard output, so it ends when the last one does."""
    started = subprocess.Popen([sys.executable, "-c", WORKING], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    with started:
        assert started.stdout.readline() == "ready\n"
        started.send_signal(how)
        assert started.stdout.read() == ""
    assert started.returncode == -how


def test_processes_are_started_only_for_work_that_is_worth_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})
    assert [processes_for(jobs, 24, worth=24) for jobs in (0, 1, 8)] == [3, 1, 8]
    assert [processes_for(jobs, 23, worth=24) for jobs in (0, 1, 8)] == [1, 1, 1]
