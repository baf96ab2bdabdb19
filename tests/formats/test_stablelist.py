"""Lists of stable symbols, of each distribution's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import ObjectError
from kabicheck.formats.stablelist import parse_stablelist, read_stablelist

if TYPE_CHECKING:
    from pathlib import Path

RED_HAT = "[rhel9_x86_64_stablelist]\n\t___pskb_trim\n\t__alloc_pages\n"
ANDROID = """\
[abi_symbol_list]
# commonly used symbols
  ___pskb_trim

# required by dwc3.ko
  __alloc_pages  # and others
"""
MODULE_KABI = (
    "0x6afaf8f6\t___pskb_trim\tvmlinux\tEXPORT_SYMBOL\n0x1c3a1b2d\t__alloc_pages\tmm/x\tEXPORT_SYMBOL_GPL\n"
)


@pytest.mark.parametrize("content", [RED_HAT, ANDROID, MODULE_KABI, "___pskb_trim\n__alloc_pages"])
def test_names(content: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(content)
    assert read_stablelist(path) == {"___pskb_trim", "__alloc_pages"}


def test_sections_are_read_together() -> None:
    assert parse_stablelist("[one]\n a\n[two]\n b\n\n", "x") == {"a", "b"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[a]\n\tone\n\ttwo words\n", "x:3: not a line of a symbol list"),
        ("[a\n", "x:1: not a line of a symbol list"),
        ("[a]\n\tf\x1b[0m\n", "x:2: not a line of a symbol list"),
        ("0x00000001\tf\n", "x:1: not a Module.symvers line"),
        ("[abi_symbol_list]\n# nothing\n", "x: names no symbol"),
        ("", "x: names no symbol"),
    ],
)
def test_errors_name_file_and_line(content: str, complaint: str) -> None:
    with pytest.raises(ObjectError) as error:
        parse_stablelist(content, "x")
    assert str(error.value).startswith(complaint)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ObjectError, match="cannot be read"):
        read_stablelist(tmp_path / "none")
