"""What a `.cmd` file says of an object that was built here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import BuildError
from kabicheck.objects.collect import read_one
from kabicheck.objects.generated import Origins
from tests.elf_writer import write_elf

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = """\
savedcmd_lib/a.o := gcc -c -o lib/a.o {tree}/lib/a.c

source_lib/a.o := {tree}/lib/a.c

deps_lib/a.o := \\
  {tree}/include/linux/kconfig.h \\

lib/a.o: $(deps_lib/a.o)
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder with an object and the list of what it was made from, in `linux` beside it."""
    for name in ("build/lib", "linux/lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "build/lib/a.o").write_bytes(write_elf([]))
    (tmp_path / "build/lib/.a.o.cmd").write_text(COMMAND.format(tree=tmp_path.resolve() / "linux"))
    return tmp_path / "build"


def test_a_list_of_another_tree_is_an_error(build: Path) -> None:
    """No change would ever reach such an object, so that every check would pass."""
    tree = build.parent / "linux"
    built = read_one(build, Origins(build, tree), "lib/a.o")
    assert (built.depends, built.complete) == (("include/linux/kconfig.h", "lib/a.c"), True)
    with pytest.raises(BuildError, match=r"lib/a\.o: .*no file of the source tree.*\.a\.o\.cmd"):
        read_one(build, Origins(build, tree.with_name("other")), "lib/a.o")


def test_an_object_without_a_list_may_depend_on_anything(build: Path) -> None:
    (build / "lib/.a.o.cmd").unlink()
    built = read_one(build, Origins(build, build.parent / "linux"), "lib/a.o")
    assert (built.depends, built.complete) == ((), False)


def test_a_list_that_was_cut_short_or_runs_together_is_not_complete(build: Path) -> None:
    tree = build.parent / "linux"
    file = build / "lib/.a.o.cmd"
    text = file.read_text()
    for damaged in (
        *(text[:end] for end in range(text.index("deps_"), len(text) - 1)),
        text.replace(" \\\n\nlib", " \\ x.h\n\nlib"),
        text.replace(" \\\n\nlib", "\n\nlib"),
        text.replace("kconfig.h \\\n", "kconfig.h \\\n\n  more.h \\\n"),
    ):
        file.write_text(damaged)
        assert not read_one(build, Origins(build, tree), "lib/a.o").complete, damaged
