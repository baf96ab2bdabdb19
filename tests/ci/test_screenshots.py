"""The pictures of the documentation can be taken anew."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.ci.runner import ROOT
from tests.report.browser import programs

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 500_000  # bytes, as .pre-commit-config.yaml has it


def test_every_picture_is_taken(tmp_path: Path) -> None:
    programs()
    subprocess.run([sys.executable, ROOT / "ci/screenshots.py", tmp_path], check=True)
    taken = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert taken.keys() == {path.name for path in (ROOT / "docs/images").iterdir()}
    for picture in taken.values():
        assert picture.startswith(b"\x89PNG\r\n")
        assert 10_000 < len(picture) < LARGEST
