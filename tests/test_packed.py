"""All of a packed file is unpacked, or it is an error: never a part."""

from __future__ import annotations

import gzip
import io
import lzma
import random
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kabicheck.packed import plain_name, unpacker

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = random.Random(7).randbytes(20_000) + bytes(300_000)


def without_size(data: bytes) -> bytes:
    """As `zstd` writes what comes from a pipe."""
    return zstandard.ZstdCompressor(write_content_size=False).compress(data)


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
    "zst-pipe": without_size,
}
ALL = pytest.mark.parametrize("name", PACK)


def unpacked(packed: bytes) -> bytes:
    unpack = unpacker(packed[:4])
    assert unpack is not None
    return b"".join(unpack(io.BytesIO(packed)))


@ALL
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["none", "one", "many"])
def test_all_of_it(name: str, data: bytes) -> None:
    assert unpacked(PACK[name](data)) == data


@ALL
def test_several_streams_are_one_file(name: str) -> None:
    """As `cat a.gz b.gz` or a packer that works in parallel makes them."""
    pack = PACK[name]
    assert unpacked(pack(DATA) + pack(b"") + pack(b"tail")) == DATA + b"tail"


def test_padding_between_streams() -> None:
    assert unpacked(lzma.compress(b"a") + bytes(8) + lzma.compress(b"b") + bytes(4)) == b"ab"
    assert unpacked(gzip.compress(b"a") + bytes(512)) == b"a"
    skipped = (0x184D2A50).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"xyz"
    assert unpacked(zstandard.compress(b"a") + skipped + zstandard.compress(b"b")) == b"ab"


@pytest.mark.parametrize("name", PACK)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_part_of_it_is_an_error(name: str, data: st.DataObject) -> None:
    packed = PACK[name](DATA)
    cut = data.draw(st.integers(4, len(packed) - 1))
    with pytest.raises((EOFError, OSError)):
        unpacked(packed[:cut])


@ALL
def test_more_behind_it_is_an_error(name: str) -> None:
    with pytest.raises((EOFError, OSError)):
        unpacked(PACK[name](DATA) + b"rubbish that is longer than a header")


def test_names() -> None:
    names = {
        "symvers-5.14.gz": "symvers-5.14",
        "a.symtypes.xz": "a.symtypes",
        "b.zst": "b",
        "c.gzip": "c.gzip",
    }
    assert {name: plain_name(name) for name in names} == names
    assert unpacker(b"0x12") is None
