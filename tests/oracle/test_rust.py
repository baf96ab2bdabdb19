"""What rustc makes of Rust gets the same versions, symtypes files and dumps as from the real tool."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import rust_exports
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import DoesNotCompile
from tests.oracle.gendwarfksyms import Verdict
from tests.oracle.rust_programs import compile_rust, generate

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.usefixtures("oracle"),
    pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed"),
]

TYPES = Path(__file__).parent / "data" / "types.rs"

OPTIONS = [
    ("-O",),
    ("-Csymbol-mangling-version=v0",),
    ("-O", "-Cdwarf-version=5"),
    ("-Copt-level=s", "-Cdwarf-version=5", "-Csymbol-mangling-version=v0"),
]


def check(obj: Path, source: str) -> Verdict:
    """The verdict on all that kbuild would version of the object, never a difference."""
    exports = rust_exports(Image(obj))
    assert exports
    verdict, difference = gendwarfksyms.judge(obj, exports)
    assert verdict in {Verdict.EQUAL, Verdict.UNSTABLE}, f"{verdict}: {difference}\n{source}"
    return verdict


def compile_or_skip(source: str, output: Path, options: tuple[str, ...]) -> Path:
    """Older compilers do not know every option."""
    try:
        compile_rust("", output, options)
    except DoesNotCompile as error:
        pytest.skip(f"rustc knows no {' '.join(options)}: {str(error).splitlines()[0]}")
    return compile_rust(source, output, options)


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_every_kind_of_type(options: tuple[str, ...], tmp_path: Path) -> None:
    source = TYPES.read_text()
    obj = compile_or_skip(source, tmp_path / "types.o", options)
    assert check(obj, source) is Verdict.EQUAL


def test_several_units(tmp_path: Path) -> None:
    """Two crates and their own copies of what they take from std, in one object."""
    parts = [compile_rust(TYPES.read_text(), tmp_path / "types.o", ("-O",))]
    parts += [compile_rust(_compiling(tmp_path), tmp_path / "more.o", ("-O", "-Cdwarf-version=4"))]
    whole = tmp_path / "whole.o"
    subprocess.run(["ld", "-r", "-z", "muldefs", "-o", whole, *parts], check=True)
    check(whole, "")


def _compiling(folder: Path) -> str:
    """The first generated crate that compiles."""
    for seed in range(20):
        source = generate(Random(seed))
        try:
            compile_rust(source, folder / "probe.o")
        except DoesNotCompile:
            continue
        return source
    raise AssertionError("none of the generated crates compiles")


def test_generated_crates(tmp_path: Path) -> None:
    verdicts: Counter[Verdict] = Counter()
    for seed in range(24):
        source = generate(Random(seed))
        try:
            obj = compile_rust(source, tmp_path / "crate.o", OPTIONS[seed % 2])
        except DoesNotCompile:
            continue
        verdicts[check(obj, source)] += 1
    assert verdicts[Verdict.EQUAL] > 12, verdicts
