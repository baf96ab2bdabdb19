"""docs/ as a site: built without a warning, complete, and without anything that a page would load from elsewhere."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import COMMANDS
from tests.ci.runner import ROOT
from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from pathlib import Path

# What makes a browser load something, as soon as a page is open.
_LOADED = re.compile(
    r"<(?:script|link|img|iframe|source|object|embed)\b[^>]*?\b(?:src|href|data)=\"([^\"]*)\""
)
_STYLED = re.compile(r"(?:url\(|@import)\s*[\"']?([^\"')\s]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("mkdocs") is None:
        skip_or_fail("mkdocs is not installed")
    folder = tmp_path_factory.mktemp("site")
    command = (
        "mkdocs",
        "build",
        "--strict",
        "--config-file",
        "ci/site/mkdocs.yml",
        "--site-dir",
        str(folder),
    )
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder


def test_every_page_is_there_and_found(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    for page in pages:
        name = page.with_name("index.html") if page.name == "README.html" else page
        assert (site / name).is_file(), page
    found = {
        entry["location"] for entry in json.loads((site / "search/search_index.json").read_text())["docs"]
    }
    assert {"tutorial.html", "ci.html", "rules/member-type.html"} <= found


def test_every_command_is_in_the_reference(site: Path) -> None:
    text = (site / "commands.html").read_text()
    for name in COMMANDS:
        assert f'id="kabicheck-{name.replace(" ", "-")}"' in text
    assert "--base-objects" in text


def test_files_that_pages_link_to_come_along(site: Path) -> None:
    link = re.search(r'href="(tree/[^"]*schema\.json)"', (site / "json.html").read_text())
    assert link
    assert json.loads((site / link[1]).read_text())["$schema"]


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    looked_at = 0
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        for address in (_LOADED if path.suffix == ".html" else _STYLED).findall(path.read_text()):
            assert address.startswith(("data:", "#")) or "//" not in address, f"{path}: {address}"
            looked_at += 1
        # The theme's script fetches its renderer of diagrams, where a page has one.
        assert 'class="mermaid"' not in path.read_text()
    assert looked_at
