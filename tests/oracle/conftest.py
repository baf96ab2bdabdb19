"""The oracle of these tests: the kernel's own gendwarfksyms."""

from __future__ import annotations

import pytest

from tests.lacking import skip_or_fail
from tests.oracle import gendwarfksyms


@pytest.fixture(scope="session")
def oracle() -> None:
    """Skips where the real tool cannot be had; with CI=true that is a failure."""
    try:
        gendwarfksyms.find()
    except gendwarfksyms.Missing as missing:
        skip_or_fail(str(missing))
