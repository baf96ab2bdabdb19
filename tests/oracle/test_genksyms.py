"""What kabicheck calculates from symtypes files of the kernel's other tool, genksyms, is what genksyms printed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from random import Random

import pytest

from kabicheck.errors import NoExports
from kabicheck.symver.recorded import RecordedTypes, Tool
from tests.oracle.gendwarfksyms import ROOT, skip_or_fail
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
