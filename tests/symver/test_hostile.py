"""Broken and hostile objects: always an answer or one error of ours, in bounded time and memory."""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.oracle.compilers import compile_program, compile_source
from tests.oracle.programs import generate
from tests.symver import fuzz
from tests.symver.mutations import Original

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INPUTS = 500  # for each object; `python -m tests.symver.fuzz` tries more


@pytest.fixture(scope="module")
def bounded() -> Iterator[ProcessPoolExecutor]:
    """One process with limits on memory and on CPU time per input."""
    with ProcessPoolExecutor(1, initializer=fuzz.limit) as pool:
        yield pool


@pytest.fixture(scope="module", params=[("-g",), ("-g", "-gdwarf-4"), ("-g", "-gz=zlib")], ids=" ".join)
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound object with rules, exports and a bit of everything."""
    folder = tmp_path_factory.mktemp("sound")
    return compile_program(generate(Random(RICH)), folder, options=request.param)


# A seed whose program is --stable, has kABI rules, structs in a cycle, functions and variables.
RICH = 22


def test_broken_objects(sound: Path, bounded: ProcessPoolExecutor) -> None:
    names = _names(sound)
    assert bounded.submit(fuzz.check, sound.read_bytes(), names).result() == "answer"
    found = bounded.submit(fuzz.attempt, sound, names, range(INPUTS)).result()
    assert {outcome for _, _, outcome in found} >= {"answer", "error"}
    assert not [each for each in found if each[2] not in {"answer", "error"}]


def test_every_section_boundary(sound: Path, bounded: ProcessPoolExecutor) -> None:
    content, names = sound.read_bytes(), _names(sound)
    for edge in Original(content).boundaries():
        outcome = bounded.submit(fuzz.check, content[:edge], names).result()
        assert outcome in {"answer", "error"}, (edge, outcome)


def test_text_that_doubles_with_every_type(tmp_path: Path, bounded: ProcessPoolExecutor) -> None:
    """Types without names are inlined: forty lines of C are a type string of 2**40 parameters."""
    lines = ["extern int (*p0)(int, int);"]
    lines += [f"extern int (*p{n})(__typeof__(p{n - 1}), __typeof__(p{n - 1}));" for n in range(1, 41)]
    lines += ["void f(__typeof__(p40) p) {}"]
    obj = compile_source("\n".join(lines), tmp_path / "doubling.o")
    assert bounded.submit(fuzz.check, obj.read_bytes(), "f\n").result() == "error"


def zeros(mebibytes: int) -> bytes:
    """So many, packed by zlib: one of them is packed, and repeated (RFC 1950: the checksum of zeros is 1 and their
    number, modulo 65521)."""
    packer = zlib.compressobj(wbits=-15)
    one = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (mebibytes << 20) % 65521 << 16 | 1
    return b"\x78\x9c" + one * mebibytes + packer.flush() + checksum.to_bytes(4, "big")


def test_a_compressed_section_that_unpacks_to_gigabytes(tmp_path: Path, bounded: ProcessPoolExecutor) -> None:
    """Two megabytes at the end of the file become two gigabytes of zeros, and the header says so."""
    obj = compile_source(
        f"struct {{ int {'m' * 5000}; }} v;", tmp_path / "bomb.o", options=("-g", "-gz=zlib")
    )
    original = Original(obj.read_bytes())
    payload = zeros(2048)
    assert zlib.decompress(zeros(3)) == bytes(3 << 20)
    chdr = struct.pack("<IIQQ", 1, 0, 1 << 31, 1)  # ELFCOMPRESS_ZLIB
    content = bytearray(original.content + chdr + payload)
    section = next(section for section in original.sections if section.name == ".debug_str")
    struct.pack_into("<QQ", content, section.header + 0x18, len(original.content), len(chdr) + len(payload))
    assert bounded.submit(fuzz.check, bytes(content), "v\n").result() == "error"


@pytest.mark.parametrize("declaration", ["typedef t{0} *t{1};", "struct t{1} {{ struct t{0} m; }};"])
def test_depth_is_no_recursion(declaration: str, tmp_path: Path, bounded: ProcessPoolExecutor) -> None:
    """Chains of thousands of types: far beyond Python's own recursion limit."""
    depth = 5000
    typedef = declaration.startswith("typedef")
    first = "typedef int t0;" if typedef else "struct t0 { int m; };"
    last = f"t{depth} v;" if typedef else f"struct t{depth} v;"
    lines = ['# 1 "a.h"', first, *(declaration.format(n, n + 1) for n in range(depth)), last]
    obj = compile_source("\n".join(lines) + "\n", tmp_path / "deep.o")
    assert bounded.submit(fuzz.check, obj.read_bytes(), "v\n").result() == "answer"


def _names(obj: Path) -> str:
    return "".join(f"{name}\n" for name in Original(obj.read_bytes()).globals)
