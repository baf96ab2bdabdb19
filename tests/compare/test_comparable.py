"""Which toolchains can be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kabicheck.compare.comparable import require_comparable
from kabicheck.errors import Incomparable
from kabicheck.model import Toolchain

GCC = Toolchain(machine="x86_64", dwarf=5, producer="GNU C11 12.2.0 -m64")


def test_equal_toolchains_need_no_word() -> None:
    assert require_comparable("a.o", GCC, GCC) == ""


def test_another_version_of_one_compiler_is_told() -> None:
    newer = replace(GCC, producer="GNU C17 14.2.0 -m64")
    assert require_comparable("a.o", GCC, newer) == (
        "compiled by GNU C11 12.2.0 -m64 on the old side, by GNU C17 14.2.0 -m64 on the new one"
    )


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (replace(GCC, machine="aarch64"), "machine x86_64 on the old side, aarch64 on the new one"),
        (replace(GCC, dwarf=4), "DWARF version 5 on the old side, 4 on the new one"),
        (
            replace(GCC, producer="clang version 18.1.0"),
            "compiler GNU C on the old side, clang version on the new",
        ),
    ],
)
def test_versions_that_differ_for_another_reason_than_the_source(new: Toolchain, words: str) -> None:
    with pytest.raises(Incomparable, match=f"^a.o: {words}"):
        require_comparable("a.o", GCC, new)
