"""Real kernel objects with what the kernel's gendwarfksyms said of them, where such corpora are found.

`$KABICHECK_PARITY`, or a folder `shared/parity` beside the checkout, holds `*.tar.xz` archives of one folder
each: `manifest.json` (a list of object, exports, versions), the objects, and a `.symtypes` file beside each.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def archives() -> list[Path | None]:
    """The corpora of this machine, or a placeholder for the skip."""
    given = os.environ.get("KABICHECK_PARITY")
    folder = Path(given) if given else ROOT.parent / "shared" / "parity"
    return [*sorted(folder.glob("*.tar.xz"))] or [None]


@pytest.fixture(scope="session", params=archives(), ids=lambda path: path.name if path else "none")
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked corpus: the folder with the manifest."""
    if request.param is None:
        pytest.skip("no corpora: set KABICHECK_PARITY")
    folder = tmp_path_factory.mktemp("parity")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("*/manifest.json")).parent
