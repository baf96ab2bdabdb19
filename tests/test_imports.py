"""Data flows one way: a lower layer never imports an upper one, and only `vcs` knows pygit2."""

from __future__ import annotations

from pathlib import Path

import kabicheck
from tests.imports import imports_of, layer_of

PACKAGE = Path(kabicheck.__file__).parent

# layer → the layers that it may import (besides itself)
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
    | {"remedy", "symver", "vcs"},
}
BELOW_COMMANDS = set(ALLOWED)
ALLOWED["api"] = GROUND | {"compare", "config", "pipeline", "policy"}
ALLOWED["commands"] = BELOW_COMMANDS | {"api", "cli"}  # completion describes the whole command line
ALLOWED["cli"] = {"errors", "plain_text"}  # it finds commands by their names
ALLOWED["__main__"] = {"cli"}
ALLOWED["__init__"] = set()

# What commands share; every other module in commands/ is a command.
SHARED = {"console", "options", "progress"}


def _sources() -> list[tuple[str, Path]]:
    """Each file of the package, with its layer."""
    return [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in PACKAGE.rglob("*.py")]


def test_every_layer_imports_only_what_lies_below() -> None:
    for layer, path in _sources():
        assert layer in ALLOWED, f"{path}: a layer without a row in ALLOWED"
        layers = {layer_of(module) for module in imports_of(path)} - {None, layer}
        assert layers <= ALLOWED[layer], f"{path} imports {sorted(map(str, layers - ALLOWED[layer]))}"


def test_no_layer_imports_another_that_imports_it() -> None:
    """The table has no cycle, so that there is an order in which the layers lie above one another."""
    remaining = {layer: set(allowed) for layer, allowed in ALLOWED.items()}
    while remaining:
        lowest = {layer for layer, allowed in remaining.items() if not allowed & remaining.keys()}
        assert lowest, f"these import one another: {sorted(remaining)}"
        remaining = {layer: allowed for layer, allowed in remaining.items() if layer not in lowest}


def test_no_command_imports_another() -> None:
    for path in (PACKAGE / "commands").rglob("*.py"):
        modules = {
            module.split(".")[2] for module in imports_of(path) if module.startswith("kabicheck.commands.")
        }
        assert modules <= SHARED, f"{path} imports {sorted(modules - SHARED)}"


def test_the_command_line_goes_no_further_than_commands() -> None:
    for layer, path in _sources():
        if "argparse" in imports_of(path):
            assert layer in {"commands", "cli"}, f"{path} knows argparse"


def test_only_vcs_imports_pygit2() -> None:
    for layer, path in _sources():
        if "pygit2" in {module.split(".")[0] for module in imports_of(path)}:
            assert layer == "vcs", path


def test_commands_ask_what_other_programs_ask() -> None:
    """What `kabicheck.api` offers is what the commands of these names do: they have no way of their own."""
    for name in ("bisect", "check", "compare"):
        modules = imports_of(PACKAGE / "commands" / f"{name}.py")
        assert f"kabicheck.api.{'begin_bisect' if name == 'bisect' else name}" in modules
        assert f"kabicheck.pipeline.{name}" not in modules
