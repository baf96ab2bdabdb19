"""A git hook must start fast: what is slow to import is imported by what needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kabicheck.cli import COMMANDS

SLOW = ("elftools", "junit_xml", "pygit2", "rich", "shtab", "zstandard")
PROGRAM = """\
import sys
from kabicheck.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0, end.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join
)
def test_nothing_slow_is_imported(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.rpartition("loaded: ")[2].split()
    assert {"sys", "kabicheck"} <= set(loaded)
    assert not set(SLOW) & set(loaded)


def test_what_a_build_calls_for_each_object_imports_no_comparison() -> None:
    """`kabicheck symver` takes the place of gendwarfksyms, which make starts some thousand times."""
    script = "import sys, kabicheck.commands.symver; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    layers = {name.split(".")[1] for name in loaded.stdout.split() if name.startswith("kabicheck.")}
    assert layers == {"commands", "errors", "pipeline", "places", "plain_text"}


def test_the_options_of_a_check_import_nothing_that_checks() -> None:
    """A hook starts with them, and so do `--help` and completion."""
    script = (
        "import argparse, sys; from kabicheck.cli import options_of; options_of('check'); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    layers = {name.split(".")[1] for name in loaded.stdout.split() if name.startswith("kabicheck.")}
    assert not layers & {"api", "compare", "config", "objects", "policy", "symver", "vcs"}
