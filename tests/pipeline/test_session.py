"""What lives as long as a run is opened where it is needed, and closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.cache import locked_if_free
from kabicheck.errors import UsageError
from kabicheck.pipeline.request import CacheOptions
from kabicheck.pipeline.session import open_session, untrusted_folder

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.pipeline.session import Session
    from kabicheck.progress import Advance


def _no_warning(sentence: str) -> None:
    raise AssertionError(sentence)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that does not exist yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("KABICHECK_CACHE", str(folder))
    return folder


def _is_free(session: Session) -> bool:
    with locked_if_free(session.store.folder / "objects.lock") as free:
        return free


def test_what_a_session_hands_out_stays_until_it_ends(cache: Path) -> None:
    with open_session(CacheOptions(untrusted=True), _no_warning) as session:
        assert session.store.folder == untrusted_folder() == cache / "untrusted"
        assert not _is_free(session)
        assert session.index is not None
    assert _is_free(session)


def test_who_builds_nothing_needs_no_place_for_builds(cache: Path) -> None:
    fresh = CacheOptions(fresh=True)
    cache.write_text("no folder")
    with open_session(fresh, _no_warning, builds=False) as session:
        assert session.index is None
        with pytest.raises(UsageError, match="the cache cannot be used"):
            _ = session.store
    with pytest.raises(UsageError, match="the cache cannot be used"), open_session(fresh, _no_warning):
        pass


def test_progress_is_told_as_long_as_somebody_looks() -> None:
    told: list[str] = []

    class Told:
        def __call__(self, what: str) -> None:
            told.append(what)

        def counted(self, what: str, total: int) -> Advance:
            told.append(f"{what} {total}")
            return lambda _more: None

    with open_session(CacheOptions(fresh=True), _no_warning, builds=False) as session:
        kept = session.progress  # as what builds keeps it from one step of a bisection to the next
        kept("before")
        for what in ("while", "again"):
            with session.showing(Told()):
                kept(what)
            kept("behind")
        with session.showing(Told()):
            kept.counted("objects", 3)(1)
    assert told == ["while", "again", "objects 3"]
