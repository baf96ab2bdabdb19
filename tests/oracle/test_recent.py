"""Objects of compilers newer than the machine's own give the same versions as the real tool.

`$KABICHECK_RECENT_ROOT` names a folder whose bin/ holds gcc and clang; otherwise ci/recent-compilers makes one.
"""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.oracle import gendwarfksyms
from tests.oracle.compilers import DoesNotCompile, compile_program
from tests.oracle.gendwarfksyms import ROOT, Missing, Verdict
from tests.oracle.programs import generate

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]

OLDEST = {"gcc": 14, "clang": 19}
SEEDS = range(7000, 7040)


@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
@pytest.mark.parametrize("name", OLDEST)
def test_generated_programs(name: str, dwarf: str, tmp_path: Path) -> None:
    try:
        compiler = str(root() / "bin" / name)
    except Missing as missing:
        gendwarfksyms.skip_or_fail(str(missing))
    version = subprocess.run([compiler, "-dumpversion"], capture_output=True, text=True, check=True).stdout
    assert int(version.split(".")[0]) >= OLDEST[name], f"{compiler} is only {version}"
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


@functools.cache
def root() -> Path:
    """The folder of the compilers. Raises Missing."""
    given = os.environ.get("KABICHECK_RECENT_ROOT")
    if given:
        if not all(os.access(Path(given) / "bin" / name, os.X_OK) for name in OLDEST):
            raise Missing(f"KABICHECK_RECENT_ROOT={given} has no bin/gcc and bin/clang that can be run")
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "kabicheck-tests" / "recent-compilers"
    made = subprocess.run(
        [ROOT / "ci" / "recent-compilers", folder], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise Missing(f"no recent compilers: {made.stderr.strip()}")
    return folder
