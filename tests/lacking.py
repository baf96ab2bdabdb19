"""What a test does that lacks something of this machine."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_or_fail(reason: str, output: str = "") -> NoReturn:
    """A test that cannot run is skipped with the reason; in CI, which installs everything, it fails.

    output: of what went wrong, for CI.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}\n{output}" if output else reason)
    pytest.skip(reason)
