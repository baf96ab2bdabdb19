"""Data flows one way: a lower room never imports an upper one, and only `vcs` knows pygit2."""

from __future__ import annotations

from pathlib import Path

import kabicheck
from tests.imports import imports_of, layer_of

PACKAGE = Path(kabicheck.__file__).parent

# room → the rooms that it may import (besides itself)
GROUND = {"errors", "model", "plain_text", "progress", "cache", "packed", "tables"}
ALLOWED = {
    "errors": set(),
    "model": set(),
    "cache": {"errors", "progress"},
    "packed": set(),
    "plain_text": set(),
    "progress": set(),
    "tables": {"errors"},
    "places": {"errors"},
    "config": GROUND | {"formats", "policy"},
    "policy": GROUND | {"formats"},
    "elf": GROUND,
    "dwarf": GROUND | {"elf"},
    "symver": GROUND | {"elf", "dwarf", "formats"},
    "formats": GROUND,
    "vcs": GROUND,
    "objects": GROUND | {"elf", "dwarf", "formats"},
    "compare": GROUND | {"formats"},
    "remedy": GROUND | {"formats", "compare"},
    "attribute": GROUND,
    "report": GROUND | {"formats"},
    "demo": GROUND,
    "index": GROUND,
    "pipeline": GROUND
    | {"attribute", "compare", "config", "dwarf", "elf", "formats", "index", "objects", "places", "policy"}
    | {"remedy", "report", "symver", "vcs"},
}


def test_every_room_imports_only_what_lies_below() -> None:
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room in {"commands", "cli", "__init__", "__main__"}:
            continue
        assert room in ALLOWED, f"{path}: a room without a row in ALLOWED"
        rooms = {layer_of(module) for module in imports_of(path)} - {None, room}
        assert rooms <= ALLOWED[room], f"{path} imports {sorted(map(str, rooms - ALLOWED[room]))}"


def test_only_vcs_imports_pygit2() -> None:
    for path in PACKAGE.rglob("*.py"):
        if "pygit2" in {module.split(".")[0] for module in imports_of(path)}:
            assert path.relative_to(PACKAGE).parts[0] == "vcs", path


def test_files_stay_small() -> None:
    for path in PACKAGE.rglob("*.py"):
        lines = len(path.read_text().splitlines())
        assert lines <= 420, f"{path} has {lines} lines: does it hold two rooms?"
