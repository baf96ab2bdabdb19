"""CPU time of `kabicheck symver --exports` against the kernel's own gendwarfksyms, in one run.

    python benchmarks/symver.py --gendwarfksyms FILE FOLDER [--rounds N]

FOLDER holds objects that export symbols (a kernel's build folder, or part of one). gendwarfksyms gets a process for
each object, as kbuild runs it; kabicheck gets one process for all, interpreter start and imports included, without
caches. Prints the median ratio. The machine may be shared: only ratios from one run mean anything.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--gendwarfksyms", type=Path, required=True, help="ci/kernel-source --gendwarfksyms builds it"
    )
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    exporting = dict(_exporting(args.folder))
    if not exporting:
        sys.exit(f"{args.folder}: no object in it exports a symbol")
    print(f"{len(exporting)} objects, {sum(map(len, exporting.values()))} exports")
    ratios = []
    for _ in range(args.rounds):
        theirs = sum(_cpu([str(args.gendwarfksyms), str(path)], names) for path, names in exporting.items())
        ours = _cpu([sys.executable, "-m", "kabicheck", "symver", "--exports", *map(str, exporting)], [])
        ratios.append(ours / theirs)
        print(f"gendwarfksyms {theirs:.2f} s, kabicheck {ours:.2f} s of CPU, ratio {ours / theirs:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f}")


def _exporting(folder: Path) -> list[tuple[Path, list[str]]]:
    """Objects that hold exports and their types, with the names."""
    found = []
    for path in sorted(folder.rglob("*.o")):
        try:
            image = Image(path)
            exports = read_exports(image)
        except ObjectError:
            continue
        stand_in = path.with_name(f"{path.stem}.gendwarfksyms.o")
        if exports and image.debug_section("info") and not stand_in.exists():
            found.append((path, [export.name for export in exports]))
    return found


def _cpu(command: list[str], lines: list[str]) -> float:
    """Seconds of CPU, user and system, of a command that gets lines on its standard input."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        input="".join(f"{line}\n" for line in lines),
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
