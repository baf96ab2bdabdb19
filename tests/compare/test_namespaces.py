"""Which modules may use an export, against the loader's own way of matching names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.difference import compare_object, join
from kabicheck.compare.namespaces import Access, access
from kabicheck.model import Export, ObjectVersions, RecordedObject


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("module:a", "module:a,b", Access.WIDER),
        ("module:foo-bar,x", "module:foo_*,x", Access.WIDER),
        ("module:foo_bar", "module:foo-bar", Access.SAME),
        ("module:a,b", "module:b,a", Access.SAME),
        ("module:kvm*,kvm-intel", "module:kvm*", Access.SAME),
        ("module:foo*", "module:foo-*", Access.NARROWER),
        ("module:a,b", "module:a", Access.NARROWER),
        ("module:a", "module:b", Access.OTHER),
        ("module:a,b", "module:b,c", Access.OTHER),
        ("module:a*b", "module:ab", Access.OTHER),
        ("module:a", "", Access.WIDER),
        ("", "module:a", Access.NARROWER),
        ("", "module:*", Access.SAME),
        ("", "A", Access.NARROWER),
        ("A", "", Access.WIDER),
        ("A", "B", Access.OTHER),
        ("A", "module:A", Access.OTHER),
        ("module:A", "A", Access.OTHER),
        ("A", "module:*", Access.WIDER),
        ("module:", "module:a", Access.WIDER),
        ("foo-bar", "foo_bar", Access.OTHER),
        ("module:a", "module:*,a", Access.WIDER),
    ],
)
def test_access(old: str, new: str, expected: Access) -> None:
    assert access(old, new) is expected
    turned = {Access.WIDER: Access.NARROWER, Access.NARROWER: Access.WIDER}
    assert access(new, old) is turned.get(expected, expected)
    change, fails = compared(old, new)
    assert fails == (expected in {Access.NARROWER, Access.OTHER})
    assert change == ("incompatible" if fails else "harmless")


def compared(old: str, new: str) -> tuple[str, bool]:
    """The grade of a change of namespaces, and whether it fails."""
    old_side, new_side = (
        ObjectVersions("a.o", "vmlinux", (Export("f", "GPL", namespace),), {"f": 1})
        for namespace in (old, new)
    )
    (change,) = join([compare_object(RecordedObject(old_side), RecordedObject(new_side))]).changes
    assert len(change.findings) == 1
    return change.severity, change.fails


def matches(namespace: str, module: str) -> bool:
    """verify_module_namespace(), step by step."""
    at = len("module:")
    while at < len(namespace):
        end = namespace.find(",", at)
        end = len(namespace) if end < 0 else end
        length, glob = end - at, namespace[end - 1] == "*"
        length -= glob
        asked = namespace[at : at + length].replace("-", "_")
        if module.replace("-", "_")[:length] == asked and (glob or length == len(module)):
            return True
        at = end + 1
    return False


LISTS = st.lists(st.text("ab-_*", max_size=4), max_size=4).map(lambda names: "module:" + ",".join(names))
MODULES = st.text("ab-_", min_size=1, max_size=5)


@given(LISTS, LISTS, st.lists(MODULES, max_size=8))
def test_nobody_loses_what_a_wider_list_gives(old: str, new: str, modules: list[str]) -> None:
    found = access(old, new)
    for module in modules:
        if found in {Access.WIDER, Access.SAME}:
            assert matches(new, module) or not matches(old, module)
        if found in {Access.NARROWER, Access.SAME}:
            assert matches(old, module) or not matches(new, module)
