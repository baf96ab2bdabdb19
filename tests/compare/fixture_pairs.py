"""Two versions of a header, as tests and the rules' pages have them, and the objects that a compiler makes of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

CASES = Path(__file__).parent / "cases"


def compile_side(case: str, side: str, folder: Path) -> Path:
    """The object of one side; the paths in its debug information do not depend on where the tests run."""
    source = folder / case / side
    shutil.copytree(CASES / case / side, source)
    shutil.copy(CASES / "export.h", source)
    (source / "object.c").write_text('#include "api.h"\n')
    options = ["-gdwarf-5", "-O0", "-fno-pic", f"-fdebug-prefix-map={source}=/src", "-I", "."]
    subprocess.run(["gcc", "-c", *options, "object.c", "-o", "object.o"], cwd=source, check=True)
    return source / "object.o"
