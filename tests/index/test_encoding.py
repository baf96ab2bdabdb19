"""Results as bytes and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.index.encoding import from_bytes, sealed, to_bytes
from kabicheck.model import Export, ObjectVersions, Toolchain

TEXT = st.text(
    st.characters(max_codepoint=0x2FF), max_size=8
)  # names are bytes, one character each; reasons are ours
RESULTS = st.builds(
    ObjectVersions,
    path=TEXT,
    module=TEXT,
    exports=st.lists(st.builds(Export, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    versions=st.dictionaries(TEXT, st.integers(0, (1 << 32) - 1), max_size=3),
    unversioned=st.dictionaries(TEXT, TEXT, max_size=3),
    warnings=st.lists(TEXT, max_size=3).map(tuple),
    toolchain=st.none() | st.builds(Toolchain, TEXT, TEXT, st.integers(2, 5)),
)
SOME = ObjectVersions("a.o", "m", (Export("f", "GPL"),), {"f": 7}, {"g": "why"}, ("sentence",))


@given(st.lists(RESULTS, max_size=3).map(tuple))
def test_what_was_kept_comes_back(results: tuple[ObjectVersions, ...]) -> None:
    found = from_bytes(to_bytes(results, b"key"), b"key")
    assert found == results
    assert [list(each.versions) for each in found] == [list(each.versions) for each in results]


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, change: int) -> None:
    data = bytearray(to_bytes([SOME], b"key"))
    data[at % len(data)] ^= change
    with pytest.raises(ValueError, match="checksum"):
        from_bytes(bytes(data), b"key")


@pytest.mark.parametrize("text", [b"{}x", b"[1]", b"[[1,2,3]]", b"[[1,2,3,4,5,6,7]]", b"[" * 100_000])
def test_what_is_no_result_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        from_bytes(sealed(text, b"key"), b"key")
