"""Broken objects against `kabicheck symver`: `python -m tests.symver.fuzz --inputs 20000 OBJECT…`.

Each input ends with an answer or with one error of ours; anything else (another exception, more memory or CPU
time than allowed) is a finding. Findings are saved as files.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NoReturn

from tests.oracle.gendwarfksyms import kabicheck
from tests.symver.mutations import Original, mutate

if TYPE_CHECKING:
    from types import FrameType

MEMORY = 1 << 30  # bytes of address space beyond what the interpreter has at the start
SECONDS = 20  # of CPU time for one input; a sound object of this size takes some milliseconds


class TooSlow(BaseException):
    """No `except Exception` of ours may hide it."""


def limit() -> None:
    """Bound this process's memory, and let `check` bound the CPU time of an input."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    signal.signal(signal.SIGVTALRM, _too_slow)


def _too_slow(number: int, frame: FrameType | None) -> NoReturn:
    raise TooSlow


def check(content: bytes, names: str, options: tuple[str, ...] = ()) -> str:
    """ "answer", "error", or what went wrong: the last lines of a traceback."""
    with tempfile.NamedTemporaryFile(suffix=".o") as file:
        file.write(content)
        file.flush()
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            status, out, errors = kabicheck(["symver", *options, file.name], names)
        except (Exception, TooSlow):
            return traceback.format_exc(limit=-4)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if status == 0:
        return "answer"
    if status != 2 or (not errors.startswith("kabicheck: error: ") and "\nkabicheck: error: " not in errors):
        return f"status {status}: {errors!r}"
    if all(c.isprintable() or c == "\n" for c in out + errors):
        return "error"
    return f"{out + errors!r}\ncontrol characters reach the terminal"


def attempt(path: Path, names: str, seeds: range) -> list[tuple[int, str, str]]:
    """(seed, kind of damage, outcome) for each seed."""
    original = Original(path.read_bytes())
    found = []
    for seed in seeds:
        rng = Random(seed)
        kind, content = mutate(original, rng)
        options = rng.choice(((), ("--stable",), ("--exports",), ("--dump-versions",)))
        found.append((seed, kind, check(content, "" if options == ("--exports",) else names, options)))
    return found


def main() -> int:
    """Run, count outcomes by kind of damage, save findings; status 1 when there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20000, metavar="N", help="for each object")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first one")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()) / "fuzz-findings")
    parser.add_argument("objects", type=Path, nargs="+", metavar="OBJECT")
    args = parser.parse_args()
    args.findings.mkdir(parents=True, exist_ok=True)
    outcomes: Counter[tuple[str, str]] = Counter()
    findings: Counter[str] = Counter()
    started = time.monotonic()
    with ProcessPoolExecutor(args.processes, initializer=limit) as pool:
        for path in args.objects:
            names = "".join(f"{name}\n" for name in Original(path.read_bytes()).globals)
            batches = [range(s, s + 50) for s in range(args.seed, args.seed + args.inputs, 50)]
            for batch in pool.map(attempt, [path] * len(batches), [names] * len(batches), batches):
                for seed, kind, outcome in batch:
                    short = outcome if outcome in {"answer", "error"} else "FINDING"
                    outcomes[kind, short] += 1
                    if short == "FINDING":
                        line = outcome.strip().splitlines()[-1]
                        findings[line] += 1
                        if findings[line] == 1:
                            target = args.findings / f"{path.stem}-{seed}.o"
                            target.write_bytes(mutate(Original(path.read_bytes()), Random(seed))[1])
                            target.with_suffix(".txt").write_text(outcome)
                            print(f"{target}: {kind}: {line}", flush=True)
    print(f"{sum(outcomes.values())} inputs, {time.monotonic() - started:.0f} s")
    for (kind, outcome), count in sorted(outcomes.items()):
        print(f"{count:8} {kind}: {outcome}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
