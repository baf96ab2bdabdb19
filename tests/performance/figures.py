"""The counts that tests compare with, one set for each minor version of Python, since each has its own bytecode.

python -m tests.performance.figures      counts anew and writes figures.json: commit it with what changed them
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.performance.corpus import corpus, linked
from tests.performance.counting import Counts, count

FIGURES = Path(__file__).with_name("figures.json")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
RENEW = f"python -m {__spec__.name if __spec__ else __name__}"

# Name → the files that one process versions: as a build's, which are many and alike; a large one; a linked one.
WORKLOADS = {
    "build": {f"{number}.o": corpus(types=30 + number, exports=12) for number in range(20)},
    "object": {"large.o": corpus(types=120, exports=60)},
    "linked": {"vmlinux": linked(types=40, exports=120, units=12)},
}


def write_files(workload: str, folder: Path) -> list[Path]:
    """The files of a workload."""
    for name, content in WORKLOADS[workload].items():
        (folder / name).write_bytes(content)
    return [folder / name for name in WORKLOADS[workload]]


def committed() -> dict[str, Counts]:
    """Workload → what is committed for this Python; empty where nothing is."""
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    return {name: Counts(**counts) for name, counts in figures.get(PYTHON, {}).items()}


def renew() -> None:
    """Count, say what changed, and write."""
    old = committed()
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in WORKLOADS:
            counts[name] = new = count(*write_files(name, Path(folder)))
            change = f", {new.bytecodes / old[name].bytecodes - 1:+.1%}" if name in old else ""
            print(f"{name}: {new.bytecodes:,} bytecodes{change}, {new.calls:,} calls")
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    figures[PYTHON] = {name: each._asdict() for name, each in counts.items()}
    FIGURES.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    renew()
