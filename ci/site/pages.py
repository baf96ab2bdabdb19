"""What mkdocs adds to the pages of docs/: the commands' own help, and files outside of docs/ that pages link to."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from kabicheck.cli import COMMANDS, parser_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
COMMANDS_PAGE = "commands.md"
COLUMNS = "96"  # argparse breaks lines at the terminal's width

_OUTSIDE = re.compile(r"\]\(\.\./([^)#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what does not lie in docs/."""
    files.append(File.generated(config, COMMANDS_PAGE, content="\n".join(_reference())))
    linked = {name for page in files.documentation_pages() for name in _OUTSIDE.findall(page.content_string)}
    for name in sorted(linked):
        files.append(File.generated(config, f"tree/{name}", abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Lead links out of docs/ to where `on_files` puts what they name."""
    return _OUTSIDE.sub(r"](tree/\1", markdown) if "/" not in page.file.src_uri else markdown


def _reference() -> Iterator[str]:
    """A section for each command, with its --help."""
    os.environ["COLUMNS"] = COLUMNS
    parser = parser_of(COMMANDS)
    yield from ("# Commands", "", "What `--help` prints.", "", "```text", parser.format_help().strip(), "```")
    [commands] = [action.choices for action in parser._actions if isinstance(action.choices, dict)]
    for name, sub in commands.items():
        yield from ("", f"## kabicheck {name}", "", "```text", sub.format_help().strip(), "```")
