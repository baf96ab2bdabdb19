"""Golden documents: what an emitter makes of a report, as a file that people can look at.

The files in golden/ were written by the tests that compare with them: KABICHECK_WRITE_GOLDEN=1 pytest tests/report.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("golden")


def golden(name: str, document: str) -> str:
    """The text of golden/`name`, which is written anew first where that was asked for."""
    path = FOLDER / name
    if os.environ.get("KABICHECK_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(document)
    return path.read_text()
