"""kABI rules outside the source, on objects without them, give what the kernel's tool gives with them compiled in."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError, UsageError
from kabicheck.formats.kabi_rules import KabiRule, read_rules, write_rules
from kabicheck.symver import rules as compiled
from tests.kabi_macros import compile_header
from tests.oracle import gendwarfksyms
from tests.oracle.compilers import DoesNotCompile, compile_program
from tests.oracle.gendwarfksyms import Verdict
from tests.oracle.programs import generate
from tests.symver.kabi_cases import CASES, HEADERS, HEADERS_CODE, Case

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]


def outside(obj: Path, exports: tuple[str, ...], rules: tuple[KabiRule, ...]) -> list[str]:
    """The lines that `kabicheck symver --kabi` prints; none where it refuses."""
    file = obj.with_suffix(".toml")
    file.write_text(write_rules(rules))
    arguments = ["symver", "--kabi", str(file), str(obj)]
    status, out, _ = gendwarfksyms.kabicheck(arguments, "".join(f"{name}\n" for name in exports))
    return out.splitlines() if status == 0 else []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case(case: Case, tmp_path: Path) -> None:
    inside = compile_header(case.inside, tmp_path / "inside/x.o", case.code, case.exports)
    plain = compile_header(case.plain, tmp_path / "plain/x.o", case.code, case.exports)
    theirs = gendwarfksyms.real(inside, case.exports, stable=True)
    assert outside(plain, case.exports, case.rules) == list(theirs.symvers)


@pytest.mark.parametrize("header", HEADERS)
def test_hidden_members(header: str, tmp_path: Path) -> None:
    obj = compile_header(HEADERS[header], tmp_path / "x.o", HEADERS_CODE, ("v", "f"))
    assert gendwarfksyms.judge(obj, ("v", "f"), stable=True) == (Verdict.EQUAL, "")


def test_generated_rules() -> None:
    """Programs with rules in them, against the same programs without and the rules in a file."""
    compared = refused = 0
    for seed in range(120):
        program = generate(Random(seed))
        plain = replace(
            program,
            units=tuple(tuple(c for c in unit if "gendwarfksyms_rule_" not in c) for unit in program.units),
        )
        if plain == program:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                inside = compile_program(program, _made(Path(folder, "inside")))
                without = compile_program(plain, _made(Path(folder, "plain")))
            except DoesNotCompile:
                continue
            try:
                values = compiled.read_rules(Image(inside)).values
                rules = tuple(KabiRule(kind, target, value) for (kind, target), value in values.items())
                rules = tuple(rule if rule.rule != "declonly" else replace(rule, value="") for rule in rules)
                _written(rules, Path(folder))
            except (ObjectError, UsageError):
                continue  # what a file's reader refuses, for its own reasons
            theirs = gendwarfksyms.real(inside, program.exports, stable=True)
            ours = outside(without, program.exports, rules)
            if theirs.refused:
                assert not ours
                refused += 1
                continue
            seen = set(theirs.symvers)
            for _ in range(64):  # of two texts of equal length the tool takes a random one
                if set(ours) <= seen:
                    break
                seen |= set(gendwarfksyms.real(inside, program.exports, stable=True).symvers)
            assert ours
            assert set(ours) <= seen, seed
            compared += 1
    assert compared > 20
    assert refused


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _written(rules: tuple[KabiRule, ...], folder: Path) -> None:
    """Raise UsageError for rules that no file may have."""
    file = folder / "rules.toml"
    file.write_text(write_rules(rules))
    read_rules(file)
