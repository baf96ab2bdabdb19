"""The examples that come with gendwarfksyms give the same versions, symtypes and dumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lacking import skip_or_fail
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import compile_source, require
from tests.oracle.gendwarfksyms import Missing, Verdict
from tests.symver.mutations import Original

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]


@pytest.fixture
def examples() -> Path:
    """scripts/gendwarfksyms/examples, which lies beside the tool in a kernel tree and in ours."""
    folder = gendwarfksyms.find().parent / "examples"
    if not folder.is_dir():
        skip_or_fail(f"{folder}: no examples beside gendwarfksyms")
    return folder


@pytest.mark.parametrize("stable", [True, False], ids=["stable", "default"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("name", ["kabi_ex.c", "symbolptr.c"])
def test_an_example(name: str, compiler: str, stable: bool, examples: Path, tmp_path: Path) -> None:
    try:
        require(compiler)
    except Missing as missing:
        skip_or_fail(str(missing))
    source = f'#include "{examples / name}"\n'
    obj = compile_source(source, tmp_path / "example.o", compiler=compiler)
    symbols = tuple(Original(obj.read_bytes()).globals)
    assert symbols
    verdict, difference = gendwarfksyms.judge(obj, symbols, stable=stable)
    assert verdict is Verdict.EQUAL, difference
