"""What `kabicheck symver --exports` needs for linked files: a vmlinux, a module, or a folder of them.

    python benchmarks/linked.py PATH [--jobs N] [--rounds N] [--gendwarfksyms FILE]

Without caches; interpreter start and imports are included. With several processes only the time on the clock is that of
all: CPU and memory are those of the first. With --gendwarfksyms that reads the same file for the same
exports, in the same run: half an hour and 7 GB for a distribution's vmlinux.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from measure import KABICHECK, use


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--jobs", type=int, default=1, help="processes; 0 for one per processor")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--gendwarfksyms", type=Path, help="ci/kernel-source --gendwarfksyms builds it")
    args = parser.parse_args()
    command = (*KABICHECK, "symver", "--exports", "--no-cache", "--jobs", str(args.jobs), str(args.path))
    for _ in range(args.rounds):
        ours = use(*command)
        print(f"kabicheck, {ours.out.count('#SYMVER'):,} versions: {ours}")
    if args.gendwarfksyms:
        names = [line.split()[1] for line in ours.out.splitlines()]
        theirs = use(str(args.gendwarfksyms), str(args.path), lines=names)
        print(f"gendwarfksyms, {theirs.out.count('#SYMVER'):,} versions: {theirs}")
        print(f"ratio of CPU {ours.cpu / theirs.cpu:.3f}")


if __name__ == "__main__":
    main()
