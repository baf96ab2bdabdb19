"""All objects of a tree from those of an older one, with few of them built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from kabicheck.model import ObjectSet
    from tests.objects.conftest import Driver

CRC32, STRING = "lib/crc32.o", "lib/string.o"


def _contents(found: ObjectSet) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    return {built.path: (built.file.read_bytes(), built.depends) for built in found.objects}


def _recipe(driver: Driver) -> Path:
    [recipe] = (driver.cache / "manifests").glob("*.pieces")
    return recipe


def _commit_two_changes(demo: DemoRepository) -> None:
    """A commit that changes an object, and after it one whose other object has no export any more."""
    demo.commit({"lib/crc32.c": demo.read("lib/crc32.c") + "int more;\n"}, "Add a variable")
    silent = demo.read("lib/string.c").replace("EXPORT_SYMBOL", "// EXPORT_SYMBOL")
    demo.commit({"lib/string.c": silent}, "Export nothing")


def test_it_equals_a_whole_build(driver: Driver, demo: DemoRepository) -> None:
    _commit_two_changes(demo)
    base, between, head = map(driver.repository.commit, ("HEAD~2", "HEAD~1", "HEAD"))
    with driver.kbuild() as kbuild:
        kbuild.objects(base)
        known = kbuild.known(base)
        assert known is not None
        assert kbuild.known(between) is None
        first = kbuild.incremental(known, between, [CRC32])
        assert first.objects.built == 1
        second = kbuild.incremental(first, head, [STRING])
        assert second.whole == known.whole, "each is put together from the whole build, not from the last one"
        assert second.singles.keys() == {CRC32, STRING}
        kept = kbuild.known(head)
        assert kept is not None
        assert (kept.singles, _contents(kept.objects)) == (second.singles, _contents(second.objects))
        assert STRING in kept.objects.without_exports
    driver.forget()
    assert _contents(driver.objects("HEAD")) == _contents(kept.objects)


@pytest.mark.parametrize("what", ["recipe", "single", "whole"])
def test_what_lacks_a_part_is_nothing(driver: Driver, demo: DemoRepository, what: str) -> None:
    _commit_two_changes(demo)
    base, head = map(driver.repository.commit, ("HEAD~2", "HEAD"))
    with driver.kbuild() as kbuild:
        kbuild.objects(base)
        known = kbuild.known(base)
        assert known is not None
        found = kbuild.incremental(known, head, [CRC32, STRING])
        assert kbuild.known(head) is not None
    manifests = driver.cache / "manifests"
    if what == "recipe":
        _recipe(driver).write_bytes(b"{}")
    elif what == "single":
        (manifests / f"{found.singles[CRC32]}.json").unlink()
    else:
        (manifests / f"{found.whole}.json").unlink()
    with driver.kbuild() as kbuild:
        assert kbuild.known(head) is None
