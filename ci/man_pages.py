"""Manual pages from the same parsers as --help: `python ci/man_pages.py FOLDER` writes kabicheck.1 and one for
each command, and hatchling, which calls ManPages, puts them into the wheel as share/man/man1/.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argparse_manpage.manpage import Manpage
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    import argparse

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # hatchling builds what is not installed yet

from kabicheck import __version__  # noqa: E402
from kabicheck.cli import COMMANDS, SUMMARY, parser_of  # noqa: E402

EXAMPLES = re.compile(r"^(?:  .*\n)+", re.MULTILINE)  # stay as they are, where troff would fill lines
COLUMNS = "80"  # argparse breaks usage lines at the terminal's width


def pages() -> dict[str, str]:
    """File name → the page in troff."""
    os.environ["COLUMNS"] = COLUMNS
    program = parser_of(())
    _commands(program).clear()  # they are listed all the same, and have pages of their own
    made = {"kabicheck.1": _page(program, SUMMARY)}
    for name, summary in COMMANDS.items():
        parser = _commands(parser_of([name]))[name]
        parser.prog = f"kabicheck-{name.replace(' ', '-')}"
        made[f"{parser.prog}.1"] = _page(parser, summary)
    return made


def write_pages(folder: Path) -> list[Path]:
    """Write all pages, and return where."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in pages().items():
        (folder / name).write_text(text)
        written.append(folder / name)
    return written


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Its commands' parsers, as it holds them."""
    [parsers] = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
    return parsers


def _page(parser: argparse.ArgumentParser, summary: str) -> str:
    usage = parser.format_usage().partition(":")[2].split()
    page = Manpage(parser)
    page.synopsis = [parser.prog.replace("-", " "), *usage[len(parser.prog.split()) :]]
    page.date = ""  # what is built twice is the same twice
    page.source = f"kabicheck {__version__}"
    page.manual = "kabicheck"
    page.description = summary
    return EXAMPLES.sub(r".nf\n\g<0>.fi\n", str(page))


class ManPages(BuildHookInterface[Any]):
    """Adds the pages to a wheel."""

    PLUGIN_NAME = "custom"
    folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel is packed; an editable one has nothing but a path in it."""
        if self.target_name != "wheel" or version == "editable":
            return
        self.folder = tempfile.TemporaryDirectory()
        for path in write_pages(Path(self.folder.name)):
            build_data["shared_data"][str(path)] = f"share/man/man1/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  hatchling's
        """Called when it is packed."""
        if self.folder:
            self.folder.cleanup()


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
