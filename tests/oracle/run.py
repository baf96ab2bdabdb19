"""Long runs of the oracle, outside CI: `python -m tests.oracle.run --programs 10000`.

Prints what was compared. Programs on which the two differ are cut down to the lines that matter and saved.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.oracle import gendwarfksyms
from tests.oracle.compilers import DoesNotCompile, compile_program
from tests.oracle.gendwarfksyms import Verdict
from tests.oracle.programs import Program, generate

# Compilers and options of the long run, drawn per program.
BUILDS = (
    *(("gcc", ("-g",)),) * 5,
    ("gcc", ("-g", "-gdwarf-4")),
    ("gcc", ("-g", "-gz=zlib")),
    ("gcc", ("-g", "-ffunction-sections", "-fdata-sections")),
    *(("clang", ("-g",)),) * 2,
    ("clang", ("-g", "-gdwarf-4")),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A program and how it is compiled."""

    program: Program
    compiler: str
    options: tuple[str, ...]


def case(seed: int, builds: tuple[tuple[str, tuple[str, ...]], ...] = BUILDS) -> Case:
    """The case of a seed: always the same."""
    rng = Random(seed)
    return Case(generate(rng), *rng.choice(builds))


def examine(a_case: Case) -> tuple[str, str, int, bool]:
    """Compile, ask both programs: verdict, what differs, the number of versions, a comma was lost."""
    with tempfile.TemporaryDirectory(prefix="oracle") as folder:
        try:
            obj = compile_program(
                a_case.program, Path(folder), compiler=a_case.compiler, options=a_case.options
            )
        except DoesNotCompile:
            return "does not compile", "", 0, False
        program = a_case.program
        try:
            verdict, difference = gendwarfksyms.judge(obj, program.exports, stable=program.stable)
        except Exception as error:
            return "exception", f"{type(error).__name__}: {error}", 0, False
        answer = gendwarfksyms.real(obj, program.exports, stable=program.stable)
        versions = sum(not line.endswith(" 0x00000000") for line in answer.symvers)
        lost = any(map(gendwarfksyms.lost_comma, answer.versions))
        return verdict.value, difference, versions, lost


def failed(verdict: str) -> bool:
    return verdict in {Verdict.DIFFERENT.value, "exception"}


def reduce(a_case: Case, verdict: str) -> Case:
    """Drop chunks, then lines, then exports, as long as the verdict stays."""

    def still(candidate: Case) -> bool:
        return examine(candidate)[0] == verdict

    def with_lines(lines: tuple[str, ...], unit: int) -> Case:
        units = list(a_case.program.units)
        units[unit] = lines
        return replace(a_case, program=replace(a_case.program, units=tuple(units)))

    for number in range(len(a_case.program.units)):
        for split in (False, True):
            parts = a_case.program.units[number]
            if split:
                parts = tuple(line for chunk in parts for line in chunk.splitlines())
            position, size = 0, max(1, len(parts) // 2)
            while size:
                candidate = with_lines(parts[:position] + parts[position + size :], number)
                if position < len(parts) and still(candidate):
                    a_case, parts = candidate, candidate.program.units[number]
                else:
                    position += size
                if position >= len(parts):
                    position, size = 0, size // 2
    names = a_case.program.exports
    for name in names:
        fewer = tuple(other for other in a_case.program.exports if other != name)
        candidate = replace(a_case, program=replace(a_case.program, exports=fewer))
        if fewer and still(candidate):
            a_case = candidate
    return a_case


def save(a_case: Case, name: str, difference: str, folder: Path) -> None:
    """NAME-0.c (and -1.c for a second unit), and NAME.json with the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, source in enumerate(a_case.program.sources()):
        (folder / f"{name}-{number}.c").write_text(source)
    program = a_case.program
    about = {
        "compiler": [a_case.compiler, *a_case.options, program.optimise],
        "exports": program.exports,
        "stable": program.stable,
        "difference": difference.splitlines(),
    }
    (folder / f"{name}.json").write_text(json.dumps(about, indent=1) + "\n")


def work(seed: int) -> tuple[int, str, str, int, bool]:
    return (seed, *examine(case(seed)))


def main() -> int:
    """Compare, print the counts, save what differs; status 1 when something did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=10000, metavar="N")
    parser.add_argument("--seed", type=int, default=1000, metavar="N", help="the first one")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    parser.add_argument("--failures", type=Path, default=Path(tempfile.gettempdir()) / "oracle-failures")
    parser.add_argument("--keep", type=int, default=20, metavar="N", help="how many differences to cut down")
    args = parser.parse_args()
    gendwarfksyms.find()
    verdicts: Counter[str] = Counter()
    versions = commas = kept = 0
    started = time.monotonic()
    with ProcessPoolExecutor(args.processes) as pool:
        seeds = range(args.seed, args.seed + args.programs)
        for seed, verdict, difference, number, comma in pool.map(work, seeds, chunksize=20):
            verdicts[verdict] += 1
            versions += number
            commas += comma
            if failed(verdict) and kept < args.keep:
                kept += 1
                smaller = reduce(case(seed), verdict)
                save(smaller, f"seed{seed}", examine(smaller)[1], args.failures)
                print(
                    f"seed {seed}: {verdict}: {difference[:100]!r}; {args.failures}/seed{seed}-0.c",
                    flush=True,
                )
    print(f"{args.programs} programs, {versions} versions, {time.monotonic() - started:.0f} s")
    for verdict, count in verdicts.most_common():
        print(f"{count:8} {verdict}")
    print(f"{commas:8} with a parameter list that lost a comma")
    return 1 if any(failed(verdict) for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
