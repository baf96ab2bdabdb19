"""What headers that a build makes are made from, by `.cmd` files as Linux 7.3 leaves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.objects.generated import Origins

if TYPE_CHECKING:
    from pathlib import Path


class Tree:
    """A source tree and a build folder."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "linux"
        self.build = folder / "build"

    def put(self, where: Path, path: str, text: str = "") -> None:
        file = where / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def command(self, made: str, command: str, source: str = "", *depends: str) -> None:
        """The `.cmd` file of something that was made."""
        folder, _, name = made.rpartition("/")
        text = f"savedcmd_{made} := {command}\n"
        if source:
            lines = "".join(f"  {self.source}/{path} \\\n" for path in depends)
            text += f"\nsource_{made} := {self.source}/{source}\n\n"
            text += (
                f"deps_{made} := \\\n    $(wildcard include/config/SMP) \\\n{lines}\n{made}: $(deps_{made})\n"
            )
        self.put(self.build, made)
        self.put(self.build, f"{folder}/.{name}.cmd", text)

    def of(self, *names: str) -> tuple[tuple[str, ...], bool]:
        return Origins(self.build, self.source).of(names)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.put(made.source, "kernel/bounds.c")
    made.put(made.build, "include/generated/bounds.h", "#define NR_PAGEFLAGS 22\n")
    return made


def test_files_of_the_source_tree_are_relative_to_it(tree: Tree) -> None:
    names = (f"{tree.source}/lib/a.c", "../linux/include/linux/list.h", "/usr/lib/gcc/include/stdarg.h")
    assert tree.of(*names) == (("include/linux/list.h", "lib/a.c"), True)


def test_a_header_that_is_read_off_assembly(tree: Tree) -> None:
    tree.command("kernel/bounds.s", "gcc -S -o kernel/bounds.s", "kernel/bounds.c", "include/linux/mmzone.h")
    assert tree.of("include/generated/bounds.h") == (("include/linux/mmzone.h", "kernel/bounds.c"), True)


def test_a_table_that_a_host_program_writes(tree: Tree) -> None:
    for path in ("drivers/gpu/mkregtable.c", "drivers/gpu/list.h", "drivers/gpu/reg_srcs/r100"):
        tree.put(tree.source, path)
    tree.command(
        "drivers/gpu/mkregtable",
        "gcc -o drivers/gpu/mkregtable",
        "drivers/gpu/mkregtable.c",
        "drivers/gpu/list.h",
    )
    command = f"drivers/gpu/mkregtable {tree.source}/drivers/gpu/reg_srcs/r100 > drivers/gpu/r100_reg_safe.h"
    tree.command("drivers/gpu/r100_reg_safe.h", command)
    expected = ("drivers/gpu/list.h", "drivers/gpu/mkregtable.c", "drivers/gpu/reg_srcs/r100")
    assert tree.of("drivers/gpu/r100_reg_safe.h") == (expected, True)


@pytest.mark.parametrize(("script", "known"), [("kernel/gen.sh", False), ("scripts/gen.sh", True)])
def test_a_script_may_read_what_its_command_does_not_name(tree: Tree, script: str, known: bool) -> None:
    """One under scripts/ counts for every object, and so does all that is there."""
    tree.put(tree.source, script, "cat $(dirname $0)/in.h\n")
    tree.command("kernel/gen.h", f"sh {tree.source}/{script} > kernel/gen.h")
    assert tree.of("kernel/gen.h") == ((script,) if known else (), known)


def test_a_wrapper_includes_what_is_listed_beside_it(tree: Tree) -> None:
    wrapper = "arch/x86/include/generated/asm/rwonce.h"
    tree.put(tree.build, wrapper, "#include <asm-generic/rwonce.h>\n")
    assert tree.of(wrapper) == ((), True)
    tree.put(tree.build, wrapper, "#include <asm-generic/rwonce.h>\n#define X 1\n")
    assert tree.of(wrapper) == ((), False)


def test_what_the_configuration_makes_is_known(tree: Tree) -> None:
    assert tree.of("include/generated/autoconf.h", "include/generated/timeconst.h") == ((), True)


def test_the_shipped_source_of_a_file(tree: Tree) -> None:
    tree.put(tree.source, "drivers/tty/vt/table.h_shipped")
    assert tree.of("drivers/tty/vt/table.h") == (("drivers/tty/vt/table.h_shipped",), True)


def test_a_file_of_which_nothing_is_known_makes_the_list_incomplete(tree: Tree) -> None:
    assert tree.of("include/generated/bounds.h", f"{tree.source}/lib/a.c") == (("lib/a.c",), False)


def test_behind_a_symbolic_link_both_names_count(tree: Tree) -> None:
    tree.put(tree.source, "include/dt-bindings/input/linux-event-codes.h")
    link = tree.source / "include/uapi/linux/codes.h"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../dt-bindings/input/linux-event-codes.h")
    expected = ("include/dt-bindings/input/linux-event-codes.h", "include/uapi/linux/codes.h")
    assert tree.of(str(link)) == (expected, True)


def test_every_link_on_the_way_counts(tree: Tree) -> None:
    """One that leads to another one, and the folder that `..` leads out of is that which a link leads to."""
    tree.put(tree.source, "arch/include/real.h")
    tree.put(tree.source, "arch/up.h")
    for link, target in (("first.h", "include/second.h"), ("include/second.h", "../arch/include/real.h")):
        (tree.source / link).parent.mkdir(exist_ok=True)
        (tree.source / link).symlink_to(target)
    (tree.source / "include/linked").symlink_to("../arch/include")
    assert tree.of("../linux/first.h")[0] == ("arch/include/real.h", "first.h", "include/second.h")
    assert "arch/up.h" in tree.of(f"{tree.source}/include/linked/../up.h")[0]
    (tree.source / "circle.h").symlink_to("circle.h")
    assert tree.of(f"{tree.source}/circle.h") == (("circle.h",), True)


def test_both_folders_may_be_named_by_links(tree: Tree, tmp_path: Path) -> None:
    """Compilers list paths without links; kbuild's own link to the source lies in the build folder."""
    tree.put(tree.source, "lib/a.c")
    (tmp_path / "moved").symlink_to(".")
    (tree.build / "source").symlink_to(tree.source)
    origins = Origins(tmp_path / "moved/build", tmp_path / "moved/linux")
    for name in (
        tree.source / "lib/a.c",
        tmp_path / "moved/linux/lib/a.c",
        "source/lib/a.c",
        "../linux/lib/a.c",
    ):
        assert origins.of([str(name)]) == (("lib/a.c",), True)


def test_files_that_are_made_from_each_other_do_not_hang(tree: Tree) -> None:
    tree.command("lib/a.h", "cat lib/b.h > lib/a.h")
    tree.command("lib/b.h", "cat lib/a.h > lib/b.h")
    assert tree.of("lib/a.h") == ((), True)


def test_names_that_no_file_can_have_are_not_known(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.put(tree.source, "lib/x.c")
    tree.command("gen.h", f"awk {'w' * 5000} > gen.h", "q" * 3000)
    tree.put(tree.build, "gen.h")
    origins = Origins(tree.build, tree.source)
    for name in ("a\0b", "gen.h", "x" * 300, "a/" * 3000 + "x.h"):
        found, complete = origins.of([f"{tree.source}/lib/x.c", name])
        assert (found, complete) == (("lib/x.c",), False)
