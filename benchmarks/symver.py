"""CPU time of `kabicheck symver --exports` against the kernel's own gendwarfksyms, in one run.

    python benchmarks/symver.py --gendwarfksyms FILE FOLDER [--rounds N]

FOLDER holds objects that export symbols (a kernel's build folder, or part of one). gendwarfksyms gets a process for
each object, as kbuild runs it; kabicheck gets one process for all, interpreter start and imports included, without
caches. Prints the median ratio. The machine may be shared: only ratios from one run mean anything.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from measure import KABICHECK, exporting, use


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
    objects = exporting(args.folder)
    if not objects:
        sys.exit(f"{args.folder}: no object in it exports a symbol")
    print(f"{len(objects)} objects, {sum(map(len, objects.values()))} exports")
    ratios = []
    for _ in range(args.rounds):
        theirs = sum(
            use(str(args.gendwarfksyms), str(path), lines=names).cpu for path, names in objects.items()
        )
        ours = use(*KABICHECK, "symver", "--exports", "--no-cache", *map(str, objects)).cpu
        ratios.append(ours / theirs)
        print(f"gendwarfksyms {theirs:.2f} s, kabicheck {ours:.2f} s of CPU, ratio {ours / theirs:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
