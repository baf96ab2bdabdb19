"""Random damage to a cache folder, and what runs make of it: the right report, or a clear error, and never another.

    python -m tests.commands.damage TRIALS [SEED]

Each trial damages one file, or swaps two of a kind, and asks again: for the last report, for what is kept, and for what
has to be built again. Damages add up until one is answered with an error; then the cache is made anew.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kabicheck.cli import main
from kabicheck.demo.repository import DemoRepository, write_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Of a report, what depends on where objects came from, and how long that took.
_VARYING = ("built", "cached", "seconds", "notes", "attribution")
_INTERNAL = re.compile(r"internal error|Traceback")


def overwrite(file: Path, chance: random.Random) -> None:
    """Another content of the same size."""
    file.write_bytes(chance.randbytes(file.stat().st_size))


def truncate(file: Path, chance: random.Random) -> None:
    """A shorter file."""
    os.truncate(file, chance.randrange(file.stat().st_size + 1))


def flip(file: Path, chance: random.Random) -> None:
    """One bit."""
    data = bytearray(file.read_bytes())
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)


def delete(file: Path, chance: random.Random) -> None:
    """No file."""
    file.unlink()


def into_folder(file: Path, chance: random.Random) -> None:
    """A folder with something in it."""
    file.unlink()
    file.mkdir()
    (file / "x").touch()


def into_pipe(file: Path, chance: random.Random) -> None:
    """A pipe that nobody writes to."""
    file.unlink()
    os.mkfifo(file)


def swap(file: Path, chance: random.Random) -> None:
    """Two files of one kind in each other's place."""
    other = chance.choice(
        _files(file.parent if file.parent.name != "objects" else file.parents[1], file.suffix)
    )
    aside = file.with_name(".aside")
    file.rename(aside)
    if other != file:
        other.rename(file)
    aside.rename(other)


def into_link(file: Path, chance: random.Random) -> None:
    """A link to another file of its kind."""
    other = chance.choice(_files(file.parent, file.suffix))
    file.unlink()
    file.symlink_to(other)


DAMAGES = (overwrite, truncate, flip, delete, into_folder, into_pipe, swap, into_link)


def _files(folder: Path, suffix: str = "") -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in found if not suffix or path.suffix == suffix)


def kind(path: str) -> str:
    """What a file of the cache is, for the counts."""
    parts = Path(path).parts
    if parts[0] != "repositories":
        return parts[0]
    return "/".join(part for part in parts[2:5] if not re.fullmatch(r"[0-9a-f]{16}", part)) or parts[-1]


def ask(*arguments: str) -> tuple[int, str, str]:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(list(arguments))
    if status == 130:  # whoever waits for this is to be heard
        raise KeyboardInterrupt
    return status, out.getvalue(), err.getvalue()


@dataclass
class Trials:
    """A demo repository with a filled cache, and what came of damages. wrong: what was answered wrongly, in words."""

    folder: Path
    seed: int
    choose: Callable[[str], bool] = lambda _: True
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.repository: DemoRepository = write_repository(self.folder / "linux")
        self.cache = self.folder / "cache"
        os.environ["KABICHECK_CACHE"] = str(self.cache)
        self.questions = (("explain", "async_schedule_node_domain"), self._check("HEAD"))
        self.others = tuple(self._check(commit.id) for commit in self.repository.commits)
        self.right: dict[tuple[str, ...], Any] = {}
        self._fill()

    def _check(self, head: str) -> tuple[str, ...]:
        return ("check", "--base", self.repository.base, "--head", head, "-o", "json")

    def _fill(self) -> None:
        shutil.rmtree(self.cache, ignore_errors=True)
        for question in (*self.others, *reversed(self.questions)):
            status, out, err = ask(*self._at(question))
            assert status < 2, (question, err)
            self.right[question] = _facts(out)

    def _at(self, question: tuple[str, ...]) -> tuple[str, ...]:
        return (question[0], "-C", str(self.repository.path), *question[1:])

    def run(self, trials: int, damages: Sequence[Callable[[Path, random.Random], None]] = DAMAGES) -> None:
        """Damage and ask."""
        for number in range(trials):
            files = [path for path in _files(self.cache) if self.choose(str(path.relative_to(self.cache)))]
            by_kind: dict[str, list[Path]] = {}
            for path in files:
                by_kind.setdefault(kind(str(path.relative_to(self.cache))), []).append(path)
            what = self.chance.choice(sorted(by_kind))
            file = self.chance.choice(by_kind[what])
            damage = self.chance.choice(damages)
            if os.environ.get("KABICHECK_SHOW"):
                print(
                    time.strftime("%X"),
                    number,
                    damage.__name__,
                    file.relative_to(self.cache),
                    file=sys.stderr,
                    flush=True,
                )
            damage(file, self.chance)
            self.kinds[what] += 1
            self._judge(f"{number}: {damage.__name__} {file.relative_to(self.cache)}")

    def _judge(self, done: str) -> None:
        questions = list(self.questions)
        if self.chance.random() < 0.5:  # what must be built again, from a folder that moves
            for manifest in (
                *self.cache.glob("manifests/*.json"),
                *self.cache.glob("untrusted/manifests/*.json"),
            ):
                if self.chance.random() < 0.7 and not manifest.is_dir():
                    manifest.unlink()
            questions.insert(1, self.chance.choice(self.others))  # the last report is always the same one's
        results = [self._result(question, done) for question in questions]
        worst = max(results, key=("right", "error", "internal", "wrong").index)
        self.counts[worst] += 1
        if worst != "right":
            self._fill()

    def _result(self, question: tuple[str, ...], done: str) -> str:
        status, out, err = ask(*self._at(question))
        if status < 2:
            if _facts(out) == self.right[question]:
                return "right"
            self.wrong.append(f"{done}: {question[0]} answers otherwise")
            return "wrong"
        if _INTERNAL.search(err):
            self.wrong.append(f"{done}: {question[0]}: {err.strip()}")
            return "internal"
        self.counts["error lines"] += 1
        if os.environ.get("KABICHECK_SHOW"):
            print(f"{done}: {err.strip()}", file=sys.stderr)
        return "error"


def _facts(out: str) -> Any:
    if not out.startswith("{"):
        lines = out.splitlines()
        return [line for line in lines if not re.search(r" in \d[\d.]* s$|^note: ", line)]
    report = json.loads(out)
    return {key: value for key, value in report.items() if key not in _VARYING}


def run() -> None:
    """From the command line."""
    trials, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        done = Trials(Path(folder), seed)
        done.run(trials)
    print(*done.wrong, sep="\n")
    print(dict(done.kinds), dict(done.counts), sep="\n")


if __name__ == "__main__":
    run()
