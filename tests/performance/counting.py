"""How much Python a versioning executes: bytecodes and calls, which repeat exactly where seconds do not.

    python -m tests.performance.counting FILE…       counts as JSON, for each object of its own

Runs in a process of its own, which `count` starts: what was imported, compiled and cached before does not matter, and
the order of sets is the same each time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import kabicheck
from kabicheck.model import BuiltObject
from kabicheck.pipeline.reading import read_object
from kabicheck.symver.survey import LinkedInput, built_objects, survey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

ROOT = Path(__file__).parents[2]
PACKAGE = str(Path(kabicheck.__file__).parent)
GENERATED = "<decoder"  # the file name of generated code


class Counts(NamedTuple):
    """bytecodes: executed in our code, generated code included; calls: that it makes, of C functions too."""

    bytecodes: int
    calls: int


def count(*paths: Path) -> Counts:
    """What versioning all exports of these objects in one process executes."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, *map(str, paths)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Counts(*json.loads(done.stdout))


def _built(path: Path) -> Sequence[BuiltObject]:
    """An object, or what is in a linked file."""
    if path.suffix == ".o":
        return [BuiltObject(path.name, path, "")]
    return built_objects([survey(LinkedInput(path, path.name))])


class _Counter:
    """Counts while it is installed."""

    def __init__(self) -> None:
        self.bytecodes = 0
        self.calls = 0
        self._ours: dict[str, bool] = {}

    def run(self, path: Path) -> None:
        sys.settrace(self._trace)
        sys.setprofile(self._profile)
        try:
            for built in _built(path):
                versions = read_object(built).versions()
                assert not versions.unversioned, versions
        finally:
            sys.setprofile(None)
            sys.settrace(None)

    def _is_ours(self, frame: FrameType | None) -> bool:
        if frame is None:
            return False
        name = frame.f_code.co_filename
        if name not in self._ours:
            self._ours[name] = name.startswith((PACKAGE, GENERATED))
        return self._ours[name]

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not self._is_ours(frame):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._trace_code

    def _trace_code(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            self.bytecodes += 1
        return self._trace_code

    def _profile(self, frame: FrameType, event: str, argument: Any) -> None:
        if (event == "c_call" and self._is_ours(frame)) or (event == "call" and self._is_ours(frame.f_back)):
            self.calls += 1


if __name__ == "__main__":
    counter = _Counter()
    for path in sys.argv[1:]:
        counter.run(Path(path))
    print(json.dumps([counter.bytecodes, counter.calls]))
