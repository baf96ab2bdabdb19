"""Versions of objects become those of modules, as the list on the other side has them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kabicheck.errors import Incomparable
from kabicheck.model import Toolchain
from kabicheck.pipeline.module_lists import as_listed, compare_modules, require_some_equal
from tests.pipeline.changes import kinds, listed


def test_modules_are_compared_by_their_names() -> None:
    old = [listed("vmlinux", same=1, other=2, gone=3), listed("net/x", moved=4)]
    new = [listed("vmlinux", same=1, other=5, moved=4), listed("net/y", came=6)]
    assert kinds(compare_modules(old, new)) == {
        ("other", "version"),
        ("gone", "removed"),
        ("moved", "module"),
        ("came", "added"),
    }


def test_an_export_is_in_the_module_that_the_list_says() -> None:
    objects = [replace(listed("", f=1, g=2), path="net/a.o"), replace(listed("", h=3), path="net/b.o")]
    modules = {each.module: each for each in as_listed(objects, [listed("net/x", "GPL", "NS", f=1, h=3)])}
    assert modules.keys() == {"net/x", ""}
    assert modules["net/x"].versions == {"f": 1, "h": 3}
    assert {(each.licence, each.namespace) for each in modules["net/x"].exports} == {("GPL", "NS")}
    assert modules[""].versions == {"g": 2}


def test_what_object_files_say_of_licences_is_not_replaced() -> None:
    built = replace(listed("", f=1), path="a.o", toolchain=Toolchain("x86_64", "GNU C11 12.2.0", 5))
    [module] = as_listed([built], [listed("vmlinux", "GPL", f=1)])
    assert [each.licence for each in module.exports] == [""]


def test_two_sides_without_an_equal_version_are_by_two_tools() -> None:
    with pytest.raises(Incomparable, match="no export has the same version on both sides"):
        require_some_equal(compare_modules([listed("vmlinux", f=1, g=2)], [listed("vmlinux", f=3, g=4)]))
    require_some_equal(compare_modules([listed("vmlinux", f=1, g=2)], [listed("vmlinux", f=1, g=4)]))
    require_some_equal(compare_modules([listed("vmlinux", f=1)], [listed("vmlinux", g=1)]))
