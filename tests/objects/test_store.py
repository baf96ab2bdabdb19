from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kabicheck.cache import cache_folder, locked
from kabicheck.model import BuiltObject, ObjectSet
from kabicheck.objects.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def _set(folder: Path, name: str, size: int) -> ObjectSet:
    file = folder / name
    file.write_bytes(name.encode() * size)
    types = folder / f"{name}.types"
    types.write_bytes(b"types")
    built = BuiltObject(f"lib/{name}.o", file, "vmlinux", types, {"symbol": 0x12}, ("lib/x.c",))
    return ObjectSet((built,), "CONFIG_X=y\n", built=3, absent=("y/",), notes=("n",), source="/s")


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "cache") as store:
        original = _set(tmp_path, "a", 10)
        kept = store.keep("key", original)
        original.objects[0].file.write_bytes(b"the build moved on")
        found = store.find("key")
    assert found is not None
    assert found.objects == kept.objects
    assert found.objects[0].file.read_bytes() == b"a" * 10
    assert (found.config, found.built, found.absent, found.notes) == ("CONFIG_X=y\n", 0, ("y/",), ("n",))


@pytest.mark.parametrize("damage", ["content", "folder", "pipe", "nothing"])
def test_an_object_that_is_not_its_name_is_none_and_is_kept_anew(tmp_path: Path, damage: str) -> None:
    with Store.opened(tmp_path / "cache") as store:
        file = store.keep("key", _set(tmp_path, "a", 10)).objects[0].file
    file.unlink()
    if damage == "content":
        file.write_bytes(b"b" * 10)
    elif damage == "folder":
        file.mkdir()
    elif damage == "pipe":
        os.mkfifo(file)
    with Store.opened(tmp_path / "cache") as store:
        assert store.find("key") is None
        store.keep("key", _set(tmp_path, "a", 10))
        assert store.find("key")
    assert file.read_bytes() == b"a" * 10


def test_a_manifest_in_the_place_of_another_is_none(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "cache") as store:
        store.keep("1", _set(tmp_path, "a", 10))
        store.keep("2", _set(tmp_path, "b", 10))
        first, second = (tmp_path / "cache/manifests" / f"{key}.json" for key in "12")
        second.write_bytes(first.read_bytes())
        assert store.find("1")
        assert store.find("2") is None
        first.write_bytes(first.read_bytes().replace(b"lib/a.o", b"lib/b.o"))
        assert store.find("1") is None


def test_equal_content_is_kept_once(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "cache") as store:
        first = store.keep("1", _set(tmp_path, "a", 10))
        second = store.keep("2", _set(tmp_path, "a", 10))
    assert first.objects[0].file == second.objects[0].file


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "cache") as store:
        for age, key in enumerate(("new", "used", "old")):
            store.keep(key, _set(tmp_path, key[0], 100_000))
            manifest = tmp_path / "cache/manifests" / f"{key}.json"
            os.utime(manifest, (1000 - age, 1000 - age))
    with Store.opened(tmp_path / "cache", limit=250_000) as store:
        assert store.find("old"), "asked for, so it is the most recent now"
        store.keep("new", _set(tmp_path, "n", 100_000))
    with Store.opened(tmp_path / "cache") as store:
        assert store.find("used") is None
        assert store.find("new")
        old = store.find("old")
    assert old is not None
    assert old.objects[0].types is not None
    assert old.objects[0].types.read_bytes() == b"types", "shared with what was removed"
    files = [path for path in (tmp_path / "cache/objects").rglob("*") if path.is_file()]
    assert len(files) == 3


def test_nothing_is_removed_while_somebody_uses_the_store(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "cache") as user:
        user.keep("1", _set(tmp_path, "a", 1000))
        user.keep("2", _set(tmp_path, "b", 1000))
        with locked(tmp_path / "cache/objects.lock", shared=True), Store.opened(tmp_path / "cache", limit=0):
            pass
        assert user.find("1")
        assert user.find("2")


def test_the_most_recent_set_stays_however_large(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "cache", limit=1) as store:
        store.keep("1", _set(tmp_path, "a", 1000))
    with Store.opened(tmp_path / "cache") as store:
        assert store.find("1")


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KABICHECK_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache/kabicheck"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg/kabicheck"
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
