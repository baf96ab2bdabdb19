"""The demo's tree behaves as a kernel's does: what is built, when, and what the build leaves behind."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kabicheck.demo.repository import HERE, DemoRepository, write_repository

if TYPE_CHECKING:
    from pathlib import Path

FULL = """\
CONFIG_DEBUG_KERNEL=y
# CONFIG_DEBUG_INFO_NONE is not set
CONFIG_DEBUG_INFO_DWARF5=y
CONFIG_MODVERSIONS=y
CONFIG_GENDWARFKSYMS=y
"""


@dataclass(frozen=True)
class Tree:
    """The checked out demo and an output folder beside it."""

    source: DemoRepository
    build: Path

    def make(self, *arguments: str, fails: bool = False) -> str:
        """Run make as for a kernel; returns what it printed."""
        done = subprocess.run(
            ["make", "-C", str(self.source.path), f"O={self.build}", "-j2", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert bool(done.returncode) is fails, done.stdout
        return done.stdout

    def configure(self, target: str = "defconfig", options: str = FULL) -> None:
        self.make(target)
        with (self.build / ".config").open("a") as config:
            config.write(options)
        self.make("olddefconfig")

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.source.read(path)
        assert old in text
        (self.source.path / path).write_text(text.replace(old, new))

    def objects(self) -> dict[str, int]:
        """Object file → modification time."""
        return {f.relative_to(self.build).as_posix(): f.stat().st_mtime_ns for f in self.build.rglob("*.o")}

    def remade(self, *arguments: str) -> set[str]:
        """The objects that a call of make writes."""
        before = self.objects()
        self.make(*arguments)
        return {name for name, time in self.objects().items() if before.get(name) != time}

    def exports(self, path: str) -> set[str]:
        listing = self.run("nm", path)
        return set(re.findall(r" __export_symbol_(\w+)", listing))

    def run(self, *command: str) -> str:
        return subprocess.run(command, cwd=self.build, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """The first commit of the demo, not configured yet."""
    source = write_repository(tmp_path / "source")
    source.git("checkout", "--quiet", source.base)
    return Tree(source, tmp_path / "build")


def test_what_a_build_leaves_behind(tree: Tree) -> None:
    tree.configure()
    tree.make("./")
    assert (tree.build / "built-in.a").read_bytes().startswith(b"!<thin>\n")
    members = tree.run("ar", "t", "built-in.a").split()
    assert {"kernel/async.o", "kernel/ftrace_stub.o", "lib/kobject.o", "drivers/base/core.o"} < set(members)
    assert tree.run("ar", "t", "lib/lib.a").split() == ["lib/string_helpers.o"]
    assert (tree.build / "modules.order").read_text() == "drivers/i2c/i2c-core.o\ndrivers/leds/led-class.o\n"
    assert (tree.build / "drivers/leds/led-class.mod").read_text() == "drivers/leds/led-class.o\n"
    parts = (tree.build / "drivers/i2c/i2c-core.mod").read_text().split()
    assert parts == ["drivers/i2c/i2c-core-base.o", "drivers/i2c/i2c-core-smbus.o"]
    assert "#define CONFIG_I2C_MODULE 1\n" in (tree.build / "include/generated/autoconf.h").read_text()
    assert (tree.build / "source").resolve() == tree.source.path
    assert tree.source.git("status", "--porcelain", "--ignored") == ""


def test_objects_hold_exports_as_the_kernel_writes_them(tree: Tree) -> None:
    tree.configure()
    tree.make("./")
    assert tree.exports("kernel/async.o") == {
        "async_schedule_node",
        "async_schedule_node_domain",
        "async_synchronize_cookie_domain",
        "async_synchronize_full",
        "async_synchronize_full_domain",
    }
    assert tree.exports("kernel/ftrace_stub.o") == {"ftrace_stub"}
    assert tree.exports("kernel/ftrace_stub.gendwarfksyms.o") == {"ftrace_stub"}
    strings = tree.run("readelf", "-p", ".export_symbol", "drivers/i2c/i2c-core-smbus.o")
    assert re.findall(r"\] +(\w+)", strings) == ["GPL", "I2C_CORE"]
    units = tree.run("readelf", "--debug-dump=info", "--dwarf-depth=1", "lib/kobject.o")
    assert re.search(r"Version: +5", units)


def test_a_second_build_makes_nothing(tree: Tree) -> None:
    tree.configure()
    assert tree.remade("./")
    config = (tree.build / ".config").stat().st_mtime_ns
    tree.make("olddefconfig")
    assert tree.remade("./") == set()
    assert (tree.build / ".config").stat().st_mtime_ns == config


def test_a_header_remakes_what_includes_it(tree: Tree) -> None:
    tree.configure()
    tree.make("./")
    tree.edit("include/linux/async.h", "unsigned int registered : 1", "bool registered")
    assert tree.remade("./") == {"kernel/async.o", "drivers/base/bus.o"}


def test_a_command_line_remakes_everything_and_an_option_only_its_users(tree: Tree) -> None:
    tree.configure()
    everything = tree.remade("./")
    assert tree.remade("KCFLAGS=-fno-inline", "./") == {
        name for name in everything if not name.endswith("ftrace_stub.o") and "gendwarfksyms" not in name
    }
    tree.make("./")
    with (tree.build / ".config").open("a") as config:
        config.write("CONFIG_DEBUG_KOBJECT_RELEASE=y\n")
    tree.make("olddefconfig")
    users = {name for name in everything if "kobject.h" in _command_file(tree, name)}
    assert {"lib/kobject.o", "drivers/i2c/i2c-core-smbus.o"} < users
    assert tree.remade("./") == users | {"drivers/i2c/i2c-core.o"}


def _command_file(tree: Tree, name: str) -> str:
    path = tree.build / name
    file = path.with_name(f".{path.name}.cmd")
    return file.read_text() if file.exists() else ""


def test_an_option_that_goes_away_leaves_its_object_but_not_in_the_archive(tree: Tree) -> None:
    tree.configure()
    tree.make("./")
    with (tree.build / ".config").open("a") as config:
        config.write("# CONFIG_CRC32 is not set\n")
    tree.make("olddefconfig")
    tree.make("./")
    assert (tree.build / "lib/crc32.o").exists()
    assert "lib/crc32.o" not in tree.run("ar", "t", "built-in.a")


def test_prototypes_of_assembly_are_no_dependency(tree: Tree) -> None:
    """kbuild's own gap: only the left-over .d file of the stand-in lists asm-prototypes.h."""
    tree.configure()
    tree.make("./")
    tree.edit("include/asm/asm-prototypes.h", "struct ftrace_ops *op", "struct ftrace_ops *op, int flags")
    assert tree.remade("./") == set()
    assert "asm-prototypes.h" in (tree.build / "kernel/.ftrace_stub.o.d").read_text()
    assert "asm-prototypes.h" not in _command_file(tree, "kernel/ftrace_stub.o")


def test_command_files_are_in_fixdeps_format(tree: Tree) -> None:
    tree.configure()
    tree.make("./")
    source = tree.source.path
    text = _command_file(tree, "kernel/printk.o")
    saved, name, deps, rules = text.split("\n\n", 3)
    assert saved.startswith("savedcmd_kernel/printk.o := gcc -Wp,-MMD,kernel/.printk.o.d -nostdinc ")
    assert saved.endswith(f" -c -o kernel/printk.o {source}/kernel/printk.c")
    assert name == f"source_kernel/printk.o := {source}/kernel/printk.c"
    first, *files = deps.split(" \\\n")
    assert first == "deps_kernel/printk.o :="
    assert f"  {source}/include/linux/kernel.h" in files
    assert (
        files[files.index(f"  {source}/include/linux/kernel.h") + 1]
        == "    $(wildcard include/config/PRINTK)"
    )
    assert "autoconf.h" not in deps
    assert rules == "kernel/printk.o: $(deps_kernel/printk.o)\n\n$(deps_kernel/printk.o):\n"


def test_fixdep(tmp_path: Path) -> None:
    """The expected text is what Linux 7.3's scripts/basic/fixdep wrote for these files."""
    (tmp_path / "a.c").write_text("#ifdef CONFIG_A /* NOCONFIG_X CONFIG_A xCONFIG_Y */\nCONFIG_\n")
    (tmp_path / "b.h").write_text("IS_ENABLED(CONFIG_B_MODULE)(CONFIG_C)CONFIG_D\n")
    (tmp_path / "a.d").write_text("a.o: a.c \\\n include/generated/autoconf.h b.h \\\n b.h\n")
    done = subprocess.run(
        ["awk", "-f", str(HERE / "tree/scripts/fixdep.awk"), "a.d", "a.o", "cc $$x '$(pound)' \\n"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (
        "savedcmd_a.o := cc $$x '$(pound)' \\n\n\n"
        "source_a.o := a.c\n\n"
        "deps_a.o := \\\n"
        "    $(wildcard include/config/A) \\\n"
        "  b.h \\\n"
        "    $(wildcard include/config/B) \\\n"
        "    $(wildcard include/config/C) \\\n"
        "    $(wildcard include/config/D) \\\n"
        "\n"
        "a.o: $(deps_a.o)\n\n"
        "$(deps_a.o):\n"
    )


def test_single_targets(tree: Tree) -> None:
    tree.configure()
    assert tree.remade("lib/string.o") == {"lib/string.o"}
    assert tree.remade("drivers/i2c/") == {f"drivers/i2c/i2c-core{x}.o" for x in ("", "-base", "-smbus")}
    assert tree.remade("lib/", "kernel/notifier.o") == {
        "lib/string_helpers.o",
        "lib/kobject.o",
        "lib/crc32.o",
        "kernel/notifier.o",
    }


def test_tinyconfig_has_no_modules_and_no_stand_in(tree: Tree) -> None:
    tree.configure("tinyconfig", options="")
    tree.make("./")
    assert (tree.build / "modules.order").read_text() == ""
    assert set(tree.objects()) == {
        *(f"kernel/{name}.o" for name in ("async", "ftrace", "ftrace_stub", "notifier")),
        *(f"lib/{name}.o" for name in ("kobject", "string", "string_helpers")),
        *(f"drivers/base/{name}.o" for name in ("bus", "core")),
    }


def test_options_follow_what_they_depend_on(tree: Tree) -> None:
    tree.configure(options=FULL.replace("CONFIG_DEBUG_KERNEL=y\n", "") + "CONFIG_I2C=y\nCONFIG_NOWHERE=y\n")
    config = (tree.build / ".config").read_text()
    assert "CONFIG_MODVERSIONS=y" in config
    assert "CONFIG_I2C=y" in config
    assert "DEBUG_INFO" not in config
    assert "GENDWARFKSYMS" not in config
    assert "NOWHERE" not in config


def test_failures_look_as_kbuilds_do(tree: Tree) -> None:
    assert 'Configuration file ".config" not found!' in tree.make("lib/", fails=True)
    assert "C compiler 'none-gcc' not found" in tree.make("CROSS_COMPILE=none-", "defconfig", fails=True)
    tree.configure()
    assert "No rule to make target 'lib/none.o'" in tree.make("lib/none.o", fails=True)
    tree.edit("lib/crc32.c", "return crc;", "return crc")
    output = tree.make("./", fails=True)
    assert re.search(r"lib/crc32\.c:\d+:\d+: error: expected ", output)
    assert re.search(r"make\[\d\]: \*\*\* \[\S+Makefile\.build:\d+: lib/crc32\.o\] Error 1", output)
    assert not (tree.build / "lib/crc32.o").exists()


def test_every_commit_of_the_series_builds(tree: Tree) -> None:
    tree.configure()
    tree.make("./")
    for commit in tree.source.commits:
        tree.source.git("checkout", "--quiet", commit.id)
        tree.make("KCFLAGS=-Werror", "./")
    assert "raw_notifier_chain_unregister" in tree.exports("kernel/notifier.o")
