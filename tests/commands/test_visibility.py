"""A type that one object declares and another defines is no change, whatever else changes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from kabicheck.cli import main
from tests.compare.fixture_pairs import CASES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

HEADER = "struct hidden {{ int inside; {more} }};\n"
DECLARES = "struct hidden;\nvoid declares(struct hidden *h) { }\n"
DEFINES = '#include "hidden.h"\nvoid defines(struct hidden *h) { }\n'


def build(folder: Path, more: str) -> Path:
    """Two objects, of which only one sees the body."""
    folder.mkdir()
    (folder / "export.h").write_text((CASES / "export.h").read_text())
    (folder / "hidden.h").write_text(HEADER.format(more=more))
    for name, source in (("declares", DECLARES), ("defines", DEFINES)):
        (folder / f"{name}.c").write_text(f'#include "export.h"\n{source}EXPORT_SYMBOL({name});\n')
        subprocess.run(["gcc", "-g", "-c", f"{name}.c"], cwd=folder, check=True)
    return folder


def test_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, same, new = (build(tmp_path / n, m) for n, m in (("a", ""), ("b", ""), ("c", "int more;")))
    assert main(["compare", str(old), str(same)]) == 0
    assert "OK: 2 exports compared, none changed" in capsys.readouterr().out
    assert main(["compare", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    assert "struct hidden: member added, size 4 → 8" in out
    assert "FAILED: 1 export changed by 1 cause" in out
    assert "became" not in out
    assert "declares" not in out


def test_check(demo: DemoRepository, check: Callable[..., Run]) -> None:
    makefile = (demo.path / "kernel/Makefile").read_text()
    export = "#include <linux/export.h>\n"
    files = {
        "kernel/Makefile": f"{makefile}obj-y += declares.o defines.o\n",
        "kernel/declares.c": f"{export}{DECLARES}EXPORT_SYMBOL(declares);\n",
        "kernel/defines.c": f"{export}{DEFINES}EXPORT_SYMBOL(defines);\n",
        "kernel/hidden.h": HEADER.format(more=""),
    }
    base = demo.commit(files, "Add a type that one file declares and another defines")
    same = demo.commit({"kernel/hidden.h": "\n" + HEADER.format(more="")}, "Move it by a line")
    run = check("--base", base, "--head", same, "kernel/")
    assert (run.status, run.verdict[:3]) == (0, "OK:")
    head = demo.commit({"kernel/hidden.h": HEADER.format(more="int more;")}, "Add a member")
    run = check("--base", same, "--head", head, "kernel/")
    assert run.verdict == "FAILED: 1 export changed by 1 cause, 1 commit responsible"
    assert "struct hidden: member added, size 4 → 8" in run.out
    assert "became" not in run.out
