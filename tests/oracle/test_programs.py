"""Generated C programs: every version, symtypes file and dump equals the real tool's, bit for bit."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from kabicheck.elf.image import Image
from kabicheck.elf.tables import STB_LOCAL
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import DoesNotCompile, compile_program, compile_source
from tests.oracle.gendwarfksyms import Verdict
from tests.oracle.programs import Program, generate, programs

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,  # the same programs in every run of CI; long runs elsewhere look at new ones
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(program=programs())
def test_a_generated_program_gets_the_same_versions(program: Program) -> None:
    assume(check(program) is not None)


def test_seeded_programs_get_the_same_versions() -> None:
    """Larger ones than hypothesis draws, as `python -m tests.oracle.run` compares by thousands."""
    verdicts = Counter(check(generate(Random(seed))) for seed in range(150))
    assert verdicts[Verdict.EQUAL] > 120


def check(program: Program) -> Verdict | None:
    """The verdict on a program, never a difference; None where it does not compile."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            obj = compile_program(program, Path(folder))
        except DoesNotCompile:
            return None
        verdict, difference = gendwarfksyms.judge(obj, program.exports, stable=program.stable)
    assert verdict is not Verdict.DIFFERENT, "\n".join([difference, *program.sources()])
    return verdict


def test_every_export_of_an_object_without_a_list(tmp_path: Path) -> None:
    """`--exports` reads the names from the object, strictly: the same versions, or status 2."""
    compared = refused = 0
    for seed in range(40):
        program = generate(Random(seed))
        try:
            obj = compile_program(program, tmp_path)
        except DoesNotCompile:
            continue
        symbols = [
            match[1] for source in program.sources() for match in re.finditer(r"EXPORT\((\w+), ", source)
        ]
        expected = gendwarfksyms.real(obj, [name for name in symbols if name != "sym"])
        status, out, errors = gendwarfksyms.kabicheck(["symver", "--exports", str(obj)])
        found = Image(obj).symbols
        if set(symbols) & {each.name for each in found} - {e.name for e in found if e.binding != STB_LOCAL}:
            assert status == 2  # modpost: "local symbol '%s' was exported" (check_export_symbol)
            assert "damaged: the exported symbol" in errors
            assert " is local" in errors
            refused += 1
            continue
        missing = {line.split()[1] for line in expected.symvers if line.endswith(" 0x00000000")}
        assert (status == 2) == bool(missing), errors
        assert all(f"no version for {name}: " in errors for name in missing), errors
        versioned = {line for line in expected.symvers if line.split()[1] not in missing}
        assert set(out.splitlines()) == versioned, f"seed {seed}"
        compared += len(versioned)
    assert compared > 50
    assert refused


def test_the_harness_sees_a_difference(tmp_path: Path) -> None:
    """The comparison itself can fail: the answers for two objects that differ in one member differ."""
    text = '# 1 "a.h"\nstruct s {{ {} m; }};\nvoid f(struct s *p) {{}}\n'
    a = gendwarfksyms.real(compile_source(text.format("int"), tmp_path / "a.o"), ["f"])
    b = gendwarfksyms.real(compile_source(text.format("long"), tmp_path / "b.o"), ["f"])
    assert a.symvers[0].startswith("#SYMVER f 0x")
    assert a.types["s#s"].startswith("structure_type s { member base_type int ")
    assert "s#s structure_type s { member base_type int " in a.symtypes
    for what in ("symvers", "versions", "symtypes", "types"):
        assert getattr(a, what) != getattr(b, what), what


def test_the_generator_reaches_the_walk_that_drops_commas(tmp_path: Path) -> None:
    """A parameter list that is entered again loses a comma (docs/symver.md). Programs without it would prove little."""
    affected = 0
    for seed in range(60):
        program = generate(Random(seed))
        try:
            obj = compile_program(program, tmp_path)
        except DoesNotCompile:
            continue
        answer = gendwarfksyms.real(obj, program.exports, stable=program.stable)
        affected += any(gendwarfksyms.lost_comma(line) for line in answer.versions)
    assert affected >= 3
