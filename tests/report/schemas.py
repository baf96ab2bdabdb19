"""Published schemas, which are not ours to copy: found beside the checkout, or where KABICHECK_SCHEMAS says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def published(name: str) -> Path:
    """The file of that name; skips the test where there is none."""
    folder = os.environ.get("KABICHECK_SCHEMAS") or Path(__file__).parents[3] / "shared" / "schemas"
    path = Path(folder, name)
    if not path.is_file():
        pytest.skip(f"no schema: set KABICHECK_SCHEMAS to a folder with {name}")
    return path
