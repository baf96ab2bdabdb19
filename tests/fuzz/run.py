"""Runs the inputs of each kind, counts outcomes, and shows the first of each kind of finding."""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from tests.fuzz.caches import Caches
from tests.fuzz.folders import Archives, Lists
from tests.fuzz.objects import Objects
from tests.fuzz.oracle import Outcome, Result
from tests.fuzz.texts import Symtypes, Toml
from tests.fuzz.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

MEMORY = 1 << 30  # bytes of address space beyond what the interpreter has at the start
SECONDS = 20  # of processor time for one input
BATCH = 500


class Kind(Protocol):
    """Inputs of one kind, by number: `first` ones are all there are of some sort, those behind are random."""

    first: int

    def attempt(self, number: int) -> Result: ...


KINDS: dict[str, Callable[[Path], Kind]] = {
    "objects": Objects,
    "archives": Archives,
    "lists": Lists,
    "symtypes": Symtypes,
    "toml": Toml,
    "trees": Trees,
    "caches": Caches,
}


class TooSlow(BaseException):
    """No `except Exception` of ours may hide it."""


def attempt(kind: Kind, number: int) -> Result:
    """One input, in bounded time."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return kind.attempt(number)
    except TooSlow:
        return Result("", Outcome.CRASH, f"more than {SECONDS} s")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def limit() -> None:
    """Bound this process's memory, and let `attempt` bound the time of an input."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    signal.signal(signal.SIGVTALRM, _too_slow)


def _too_slow(number: int, frame: FrameType | None) -> NoReturn:
    raise TooSlow


class _Worker:
    """The kinds that this process was asked for, made on first use."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self._folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)

    def run(self, name: str, start: int, stop: int) -> list[tuple[int, Result]]:
        if name not in self._kinds:
            folder = Path(self._folder.name, name)
            folder.mkdir()
            self._kinds[name] = KINDS[name](folder)
            limit()
        return [(number, attempt(self._kinds[name], number)) for number in range(start, stop)]


_worker: list[_Worker] = []


def _batch(task: tuple[str, int, int]) -> list[tuple[int, Result]]:
    if not _worker:
        _worker.append(_Worker())
    return _worker[0].run(*task)


def main() -> int:
    """Run; status 1 when something was lost in silence, or crashed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, metavar="N", help="of each kind")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first one")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="only these")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument(
        "--all", action="store_true", help="also those of which there are finitely many, if more"
    )
    args = parser.parse_args()
    started = time.monotonic()
    bad = 0
    with ProcessPoolExecutor(args.jobs) as pool:
        for name in args.kind or KINDS:
            numbers = range(args.first, args.first + args.inputs)
            tasks = [(name, n, min(n + BATCH, numbers.stop)) for n in numbers[::BATCH]]
            counts: Counter[tuple[str, Outcome]] = Counter()
            shown: Counter[tuple[str, Outcome, str]] = Counter()
            for batch in pool.map(_batch, tasks):
                for number, result in batch:
                    counts[result.kind, result.outcome] += 1
                    if result.outcome in {Outcome.LOST, Outcome.CRASH}:
                        bad += 1
                        shown[result] += 1
                        if shown[result] == 1 and len(shown) <= 40:
                            print(
                                f"{name} {number}: {result.kind}: {result.outcome}: {result.words}",
                                flush=True,
                            )
            _report(name, counts, time.monotonic() - started)
    return 1 if bad else 0


def _report(name: str, counts: Counter[tuple[str, Outcome]], seconds: float) -> None:
    print(f"{name}: {counts.total():,} inputs, {seconds:,.0f} s so far")
    for kind in sorted({kind for kind, _ in counts}):
        said = ", ".join(f"{o} {counts[kind, o]:,}" for o in Outcome if counts[kind, o])
        print(f"    {kind}: {said}")
    totals = ", ".join(f"{o} {sum(n for (_, each), n in counts.items() if each is o):,}" for o in Outcome)
    print(f"    in all: {totals}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
