"""Files of the core depend on each other in one direction, also for types alone."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import kabicheck
from tests.imports import imports_of

PACKAGE = Path(kabicheck.__file__).parent


@pytest.mark.parametrize("layer", ["elf", "dwarf", "symver", "index"])
def test_no_two_files_know_each_other(layer: str) -> None:
    files = {f"kabicheck.{layer}.{path.stem}": path for path in (PACKAGE / layer).glob("*.py")}
    try:
        TopologicalSorter({name: imports_of(path) & files.keys() for name, path in files.items()}).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
