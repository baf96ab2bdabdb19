"""What every test may rely on, however the tests were started."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.slow import is_slow

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def cache_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is written into the cache of whoever runs the tests, and nothing taken from it.

    Builds that go through ccache take longer where each starts with an empty one: tests of it switch it on.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KABICHECK_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("CCACHE_DISABLE", "1")
        yield


def pytest_configure() -> None:
    """Signals that tests send do something: background jobs of a shell, and nohup, ignore some, and pass that on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests before `-m` chooses among them."""
    for item in items:
        if is_slow(item):
            item.add_marker(pytest.mark.slow)
