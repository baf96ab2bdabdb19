"""Objects of compilers newer than the machine's own give the same versions as the real tool.

`$KABICHECK_RECENT_ROOT` names a folder whose bin/ holds gcc and clang; otherwise ci/recent-compilers makes one.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.lacking import skip_or_fail
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import DoesNotCompile, compile_program, compile_source
from tests.oracle.gendwarfksyms import ROOT, Verdict
from tests.oracle.programs import generate

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]

OLDEST = {"gcc": 14, "clang": 19}
SEEDS = range(7000, 7040)


# Names are indexed with one byte each, then with two, then with three (clang's DWARF 5).
ENUMERATORS = ",\n".join(f"A{n}" for n in range(70_000))
FORMS = f"""\
# 1 "a.h"
enum many {{ {ENUMERATORS} }};
enum fixed : unsigned char {{ LOW, HIGH = 255 }};
enum wide : long {{ LEAST = -1 }};
struct counted {{ enum fixed a:2; int n; int items[] __attribute__((counted_by(n))); }};
struct tagged {{
    struct tagged __attribute__((btf_type_tag("rcu"))) *next;
    int __attribute__((btf_type_tag("user"))) *(*call)(const char __attribute__((btf_type_tag("user"))) *);
    int member __attribute__((btf_decl_tag("member")));
}};
_BitInt(37) bits; unsigned _BitInt(100) more_bits;
_Float16 half; __bf16 brain;
typeof(nullptr) nothing;
int __seg_gs *percpu;
enum many many;
void f(struct counted *c, enum wide w, struct tagged *t __attribute__((btf_decl_tag("parameter")))) {{}}
"""


@pytest.fixture(scope="session")
def recent() -> Path:
    """The folder of the compilers; where it cannot be had, that is found out once."""
    given = os.environ.get("KABICHECK_RECENT_ROOT")
    if given:
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "kabicheck-tests" / "recent-compilers"
    made = subprocess.run(
        [ROOT / "ci" / "recent-compilers", folder], capture_output=True, text=True, check=False
    )
    if made.returncode:
        skip_or_fail(f"no recent compilers: {made.stderr.strip()}")
    return folder


@pytest.fixture(params=OLDEST)
def compiler(request: pytest.FixtureRequest, recent: Path) -> str:
    """The path of a recent compiler."""
    found = str(recent / "bin" / request.param)
    if not os.access(found, os.X_OK):
        skip_or_fail(f"{found} cannot be run")
    version = subprocess.run([found, "-dumpversion"], capture_output=True, text=True, check=True).stdout
    assert int(version.split(".")[0]) >= OLDEST[request.param], f"{found} is only {version}"
    return found


@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
def test_generated_programs(compiler: str, dwarf: str, tmp_path: Path) -> None:
    equal = 0
    for seed in SEEDS:
        program = generate(Random(seed))
        try:
            obj = compile_program(program, tmp_path, compiler=compiler, options=("-g", dwarf))
        except DoesNotCompile:
            continue
        verdict, difference = gendwarfksyms.judge(obj, program.exports, stable=program.stable)
        assert verdict is not Verdict.DIFFERENT, f"seed {seed}: {difference}"
        equal += verdict is Verdict.EQUAL
    assert equal > len(SEEDS) * 3 // 4


@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
def test_types_and_forms_that_older_compilers_lack(compiler: str, dwarf: str, tmp_path: Path) -> None:
    obj = compile_source(FORMS, tmp_path / "a.o", compiler=compiler, options=("-g", dwarf, "-std=gnu23"))
    names = ("f", "many", "bits", "more_bits", "half", "brain", "nothing", "percpu")
    verdict, difference = gendwarfksyms.judge(obj, names)
    assert verdict is Verdict.EQUAL, difference[:2000]
    assert not [line for line in gendwarfksyms.ours(obj, names).symvers if line.endswith(" 0x00000000")]
