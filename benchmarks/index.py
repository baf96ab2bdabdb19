"""What a second `kabicheck symver --exports` over unchanged files needs, against the first.

    python benchmarks/index.py PATH [--rounds N]

PATH is a folder of objects that export symbols, a linked file, or a folder of those. One process, with a cache folder
that is empty at first; interpreter start and imports are included. Prints the median ratio of CPU times.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from measure import KABICHECK, exporting, use


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    paths = list(exporting(args.path)) or [args.path]
    command = (*KABICHECK, "symver", "--exports", "--jobs", "1", *map(str, paths))
    ratios = []
    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory() as cache:
            first, second = (use(*command, cache=Path(cache)) for _ in range(2))
        assert first.out == second.out
        ratios.append(second.cpu / first.cpu)
        print(f"first {first}; second {second}; ratio {ratios[-1]:.3f}")
    print(f"{first.out.count('#SYMVER'):,} versions, median ratio {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
