"""Other compilers, machines, DWARF versions and section layouts give the same versions as the real tool."""

from __future__ import annotations

import subprocess
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.lacking import skip_or_fail
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import PACKAGES, DoesNotCompile, compile_program, compile_source, require
from tests.oracle.gendwarfksyms import Missing, Verdict
from tests.oracle.programs import generate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]

SEEDS = range(5000, 5025)

TARGETS = [
    *(
        (compiler, (dwarf,))
        for compiler in PACKAGES
        if compiler != "g++"
        for dwarf in ("-gdwarf-4", "-gdwarf-5")
    ),
    ("gcc", ("-m32",)),
    ("gcc", ("-gz=zlib",)),
    ("gcc", ("-gz=zlib-gnu",)),  # .zdebug_* sections
    ("gcc", ("-gz=zstd",)),
    ("clang", ("-gz=zlib",)),
    ("clang", ("--target=aarch64-linux-gnu",)),
    ("clang", ("--target=arm-linux-gnueabi",)),
    ("clang", ("--target=s390x-linux-gnu",)),
    ("clang", ("--target=powerpc64le-linux-gnu",)),
    ("clang", ("--target=riscv64-linux-gnu",)),
    ("gcc", ("-ffunction-sections", "-fdata-sections")),
    ("gcc", ("-gdwarf64",)),
    ("gcc", ("-gstrict-dwarf",)),
    ("gcc", ("-gno-column-info", "-fno-eliminate-unused-debug-types")),
]


@pytest.mark.parametrize(
    ("compiler", "options"), TARGETS, ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_the_same_versions(compiler: str, options: tuple[str, ...], tmp_path: Path) -> None:
    _require(compiler)
    try:
        compile_source("int v;", tmp_path / "probe.o", compiler=compiler, options=("-g", *options))
    except DoesNotCompile as error:
        pytest.skip(f"{compiler} knows no {' '.join(options)}: {str(error).splitlines()[0]}")
    compared = 0
    for seed in SEEDS:
        program = generate(Random(seed))
        if len(program.units) > 1 and any(option.startswith(("--target", "-m32")) for option in options):
            continue  # the host's linker joins units of its own machine only
        try:
            obj = compile_program(program, tmp_path, compiler=compiler, options=("-g", *options))
        except DoesNotCompile:
            continue
        verdict, difference = gendwarfksyms.judge(obj, program.exports, stable=program.stable)
        assert verdict is not Verdict.DIFFERENT, f"seed {seed}: {difference}"
        compared += verdict is Verdict.EQUAL
    assert compared >= len(SEEDS) // 2


@pytest.mark.parametrize("kind", ["zlib", "zlib-gnu", "zstd"])
def test_compression_changes_nothing(kind: str, tmp_path: Path) -> None:
    """objcopy compresses what was compiled, as packages do; not every libdw knows zstd."""
    packed = tmp_path / "packed.o"
    for seed in SEEDS:
        program = generate(Random(seed))
        try:
            obj = compile_program(program, tmp_path)
        except DoesNotCompile:
            continue
        done = subprocess.run(
            ["objcopy", f"--compress-debug-sections={kind}", obj, packed],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"objcopy cannot compress with {kind}: {done.stderr}")
        expected = gendwarfksyms.ours(obj, program.exports, stable=program.stable)
        answer = gendwarfksyms.ours(packed, program.exports, stable=program.stable)
        assert bool(answer.refused) == bool(expected.refused), answer.refused
        assert answer.refused or answer == expected, f"seed {seed}"


def test_more_sections_than_a_short_can_number(tmp_path: Path) -> None:
    """Beyond 65,279 sections the numbers are in .symtab_shndx; aliases are found by section and address."""
    lines = ['# 1 "a.h"', "struct s { int m; };"]
    lines += [f'__asm__(".section .n{n},\\"a\\"\\n.previous");' for n in range(66000)]
    lines += [
        '__attribute__((section(".last.a"))) struct s a;',
        '__attribute__((section(".last.b"))) long b;',
        'extern struct s c __attribute__((alias("a")));',
        '__asm__(".globl d\\n.set d, b");',
    ]
    obj = compile_source("\n".join(lines) + "\n", tmp_path / "many.o")
    verdict, difference = gendwarfksyms.judge(obj, ("d", "c", "b", "a"))
    assert verdict is Verdict.EQUAL, difference
    versions = dict(line.split()[1:] for line in gendwarfksyms.ours(obj, ("d", "c", "b", "a")).symvers)
    assert versions["a"] == versions["c"] != versions["b"] == versions["d"] != "0x00000000"


def test_types_in_units_of_their_own_are_refused(tmp_path: Path) -> None:
    """The C tool reads such types as void, and gives versions that no change of them would change."""
    source = '# 1 "a.h"\nstruct s { int m; };\nstruct s v;\n'
    for dwarf in ("-gdwarf-4", "-gdwarf-5"):
        obj = compile_source(source, tmp_path / "units.o", options=("-g", dwarf, "-fdebug-types-section"))
        status, out, errors = gendwarfksyms.kabicheck(["symver", str(obj)], "v\n")
        assert (status, out) == (2, ""), errors


CLASSES = """\
# 1 "a.h"
namespace outer { namespace inner {
struct plain { int m; struct nested { long n; } k; union { int u; long v; } w; };
enum class colour : unsigned char { red, green = 200 };
template <typename T> struct box { T content; T *more; };
class closed { public: int open; private: int hidden; protected: char kept; };
int inside(plain *p, const colour &c, box<int> &&b) { return 0; }
}
struct holder { static int count; inner::closed c; };
int holder::count;
}
namespace { struct unnamed { int m; }; int quiet(unnamed *u) { return 0; } }
using outer::inner::box;
extern "C" {
int f(outer::inner::plain *p, outer::inner::colour c) { return 0; }
void g(box<box<long>> b, outer::inner::closed &r, outer::holder h) {}
int h(unnamed *u) { return quiet(u); }
decltype(nullptr) v;
int outer::inner::plain::*member_pointer;
}
"""


def test_namespaces_classes_and_templates(tmp_path: Path) -> None:
    """What C has not and Rust has: scopes, qualified and linkage names, references, template parameters."""
    _require("g++")
    obj = compile_source(CLASSES, tmp_path / "classes.o", compiler="g++", language="c++")
    listing = subprocess.run(["nm", "--format=just-symbols", obj], capture_output=True, text=True, check=True)
    names = listing.stdout.split()
    assert {"f", "g", "h", "_ZN5outer6holder5countE"} <= set(names)
    for name in names:
        verdict, difference = gendwarfksyms.judge(obj, (name,))
        assert verdict in {Verdict.EQUAL, Verdict.REFUSED}, difference
    together = tuple(name for name in names if not gendwarfksyms.real(obj, (name,)).refused)
    verdict, difference = gendwarfksyms.judge(obj, together)
    assert verdict is Verdict.EQUAL, difference


@pytest.mark.parametrize("depth", [20, 3000])
def test_long_chains_of_types(depth: int, tmp_path: Path) -> None:
    lines = ['# 1 "a.h"', "struct s0 { int m; }; typedef int t0;"]
    for n in range(depth):
        lines.append(
            f"struct s{n + 1} {{ struct s{n} m; struct s{n + 1} *(*next)(struct s{n} *, struct s{n + 1} *);"
            " };"
        )
        lines.append(f"typedef t{n} *t{n + 1};")
    lines.append(f"struct s{depth} v; void f(t{depth} a, struct s{depth // 2} *b) {{}}")
    obj = compile_source("\n".join(lines) + "\n", tmp_path / "deep.o")
    for names in (("v", "f"), ("f",)):
        verdict, difference = gendwarfksyms.judge(obj, names)
        assert verdict is Verdict.EQUAL, difference[:2000]


def _require(compiler: str) -> None:
    try:
        require(compiler)
    except Missing as missing:
        skip_or_fail(str(missing))
