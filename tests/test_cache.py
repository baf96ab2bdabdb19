"""Where the cache folder is: by its own path, whatever way the environment names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.cache import cache_folder
from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to which `link` leads, and nothing in the environment that names another."""
    for name in ("KABICHECK_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path.resolve() / "real"
    folder.mkdir()
    (tmp_path / "link").symlink_to("real")
    return folder


def test_links_and_dots_are_followed(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = real.parent / "link"
    monkeypatch.setenv("HOME", str(link))
    assert cache_folder() == real / ".cache/kabicheck"
    monkeypatch.setenv("XDG_CACHE_HOME", f"{link}/../link/x")
    assert cache_folder() == real / "x/kabicheck"
    monkeypatch.setenv("KABICHECK_CACHE", "~/j\udcfcrgen")
    assert cache_folder() == real / "j\udcfcrgen"
    monkeypatch.chdir(real.parent)
    monkeypatch.setenv("KABICHECK_CACHE", "link/y")
    assert cache_folder() == real / "y"
    (real / "y").symlink_to("../later")  # it is made where it leads
    assert cache_folder() == real.parent / "later"


def test_links_in_a_circle(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (real / "a").symlink_to("b")
    (real / "b").symlink_to("a")
    monkeypatch.setenv("KABICHECK_CACHE", str(real / "a/x"))
    with pytest.raises(UsageError, match=r"a/x: the cache cannot be used.*set KABICHECK_CACHE"):
        cache_folder()


def test_a_user_that_does_not_exist(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", "~no-such-user/x")
    with pytest.raises(UsageError, match="no home folder"):
        cache_folder()
