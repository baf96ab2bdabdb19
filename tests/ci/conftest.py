"""One server for all tests, which only read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ci.runner import Server, write_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return write_server(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="session")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RUNNER_TEMP of all runs, since they may share what was compiled."""
    return tmp_path_factory.mktemp("runner")
