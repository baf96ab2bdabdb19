"""What kabicheck calculates from symtypes files of the kernel's other tool, genksyms, is what genksyms printed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from random import Random

import pytest

from kabicheck.errors import NoExports
from kabicheck.pipeline.input_pairs import compare_inputs
from kabicheck.pipeline.inputs import read_input
from kabicheck.symver.from_symtypes import RecordedTypes, Tool
from tests.lacking import skip_or_fail
from tests.oracle.gendwarfksyms import ROOT
from tests.oracle.programs import generate

pytestmark = pytest.mark.oracle

# How the programs of tests/oracle/programs.py say what they export; genksyms has a word of its own for it.
_EXPORT = re.compile(r"^.*\bEXPORT\((\w+), .*$", re.MULTILINE)
_DEFINED = re.compile(r"^#define .*\n", re.MULTILINE)


@pytest.fixture(scope="session")
def genksyms() -> Path:
    """The real tool: `$KABICHECK_GENKSYMS`, or built from Debian's kernel source."""
    if given := os.environ.get("KABICHECK_GENKSYMS"):
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    tool = cache / "kabicheck-tests" / "genksyms" / "genksyms"
    built = subprocess.run(
        [ROOT / "ci" / "kernel-source", "--genksyms", tool], capture_output=True, text=True, check=False
    )
    if built.returncode:
        skip_or_fail(f"no genksyms to compare with: {built.stderr.strip()[-300:]}")
    return tool


BASE = """\
struct node { struct node *next; int state; };
enum way { UP, DOWN };
int walk(struct node *node) { return 0; }
int turn(struct node *node, enum way way) { return 0; }
int count(void) { return 0; }
__GENKSYMS_EXPORT_SYMBOL(walk);
__GENKSYMS_EXPORT_SYMBOL(turn);
__GENKSYMS_EXPORT_SYMBOL(count);
"""
HEAD = BASE.replace("int state;", "int state; long flags;").replace("DOWN", "DOWN, LEFT")


@pytest.mark.parametrize("overridden", [(), ("s#node",), ("e#way",), ("s#node", "e#way")])
def test_what_a_reference_file_overrides(genksyms: Path, tmp_path: Path, overridden: tuple[str, ...]) -> None:
    """The versions that `genksyms --reference FILE --preserve` prints of the head."""
    symtypes, reference = tmp_path / "head.symtypes", tmp_path / "base.symref"
    before = _printed(genksyms, BASE, "-T", reference)
    _printed(genksyms, HEAD, "-T", symtypes)
    lines = reference.read_text().splitlines()
    reference.write_text("".join("override " * line.startswith(overridden) + f"{line}\n" for line in lines))
    after = _printed(genksyms, HEAD, "-r", reference, "-p")
    assert len(before) == len(after) == 3
    found = compare_inputs(read_input(reference), read_input(symtypes))
    assert {change.name: (change.old, change.new) for change in found.changes} == {
        name: (f"{before[name]:#010x}", f"{after[name]:#010x}")
        for name in before
        if before[name] != after[name]
    }


def _printed(genksyms: Path, source: str, *options: str | Path) -> dict[str, int]:
    """The versions that genksyms itself gives; its status is 1 where a version is not that of a reference file."""
    done = subprocess.run(
        [genksyms, *options], input=source, capture_output=True, text=True, check=False, timeout=60
    )
    return {name: int(crc, 16) for name, crc in re.findall(r"#SYMVER (\S+) (0x[0-9a-f]+)", done.stdout)}


def test_versions_of_generated_programs(genksyms: Path, tmp_path: Path) -> None:
    compared = 0
    for seed in range(150):
        for number, source in enumerate(generate(Random(seed)).sources()):
            symtypes = tmp_path / f"{seed}-{number}.symtypes"
            text = _EXPORT.sub(r"__GENKSYMS_EXPORT_SYMBOL(\1);", _DEFINED.sub("", source))
            done = subprocess.run(
                [genksyms, "-T", symtypes],
                input=text,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            printed = {n: int(crc, 16) for n, crc in re.findall(r"#SYMVER (\S+) (0x[0-9a-f]+)", done.stdout)}
            try:
                recorded = RecordedTypes(symtypes)
            except NoExports:
                assert not printed, f"seed {seed}"
                continue
            assert recorded.tool is Tool.GENKSYMS
            versions = recorded.versions(recorded.exports).versions
            assert {name: versions.get(name) for name in printed} == printed, f"seed {seed}"
            compared += len(printed)
    assert compared > 500
