from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.cache import locked_if_free
from kabicheck.errors import BuildError, UsageError
from kabicheck.objects.build_options import Build
from kabicheck.objects.kernel_config import Seed, differences
from tests.objects.conftest import Driver, content
from tests.vcs.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.demo.repository import DemoRepository


def test_a_build_collects_what_exports(driver: Driver, demo: DemoRepository) -> None:
    found = driver.objects(demo.base)
    objects = {built.path: built for built in found.objects}
    assert list(objects) == sorted(objects)
    assert objects["lib/kobject.o"].module == "vmlinux"
    assert objects["lib/string_helpers.o"].module == "vmlinux", "an object of lib.a"
    assert objects["drivers/i2c/i2c-core-base.o"].module == "i2c-core", "a part of a module"
    assert objects["drivers/leds/led-class.o"].module == "led-class", "a module of one file"
    assert {"lib/kobject.c", "include/linux/kobject.h"} <= set(objects["lib/kobject.o"].depends)
    stub = objects["kernel/ftrace_stub.o"]
    assert stub.types is not None
    assert {"kernel/ftrace_stub.S", "include/asm/asm-prototypes.h"} <= set(stub.depends)
    assert all(built.types is None for built in found.objects if built is not stub)
    assert "CONFIG_GENDWARFKSYMS=y" in found.config
    assert (found.genksyms, found.exports_trimmed, found.absent) == (False, False, ())
    assert found.built >= len(objects)


def test_a_second_run_builds_nothing(driver: Driver, demo: DemoRepository) -> None:
    first = driver.objects("HEAD")
    driver.said.clear()
    second = driver.objects("HEAD")
    assert driver.said == [], "not even a checkout"
    assert second == replace(first, built=0)
    assert driver.objects(demo.base).built > 0


@pytest.mark.parametrize("lost", ["object", "manifest"])
def test_what_the_store_lost_is_built_again(driver: Driver, lost: str) -> None:
    first = driver.objects("HEAD")
    before = content(first)
    if lost == "object":
        first.objects[0].file.unlink()
    else:
        next((driver.cache / "manifests").iterdir()).write_text("{")
    assert content(driver.objects("HEAD")) == before


def _delete_file(demo: DemoRepository) -> None:
    makefile = demo.read("lib/Makefile").replace("obj-$(CONFIG_CRC32) += crc32.o\n", "")
    demo.commit({"lib/crc32.c": None, "lib/Makefile": makefile}, "Delete crc32")


def _delete_only_library_object(demo: DemoRepository) -> None:
    makefile = demo.read("lib/Makefile").replace("lib-y += string_helpers.o\n", "")
    demo.commit({"lib/string_helpers.c": None, "lib/Makefile": makefile}, "Delete the only object of lib.a")


def _disable_option(demo: DemoRepository) -> None:
    kconfig = demo.read("Kconfig").replace(
        'tristate "I2C support"\n\tdefault m', 'tristate "I2C support"\n\tdefault n'
    )
    demo.commit({"Kconfig": kconfig}, "Disable I2C")


def _make_builtin(demo: DemoRepository) -> None:
    kconfig = demo.read("Kconfig").replace(
        'tristate "I2C support"\n\tdefault m', 'tristate "I2C support"\n\tdefault y'
    )
    demo.commit({"Kconfig": kconfig}, "Build I2C in")


def _change_prototype(demo: DemoRepository) -> None:
    header = demo.read("include/asm/asm-prototypes.h").replace("unsigned long ip", "unsigned int ip")
    demo.commit({"include/asm/asm-prototypes.h": header}, "Change asm-prototypes.h alone")


def _change_type_of_prototype(demo: DemoRepository) -> None:
    header = demo.read("include/linux/ftrace.h")
    header = header.replace("struct ftrace_ops {", "struct ftrace_ops {\n\tint a;")
    demo.commit({"include/linux/ftrace.h": header}, "Change a type behind asm-prototypes.h")


def _change_header(demo: DemoRepository) -> None:
    header = demo.read("include/linux/kobject.h")
    header = header.replace("struct kobject {", "struct kobject {\n\tint added;")
    demo.commit({"include/linux/kobject.h": header}, "Add a member")


def _assembly_becomes_c(demo: DemoRepository) -> None:
    source = (
        "#include <linux/export.h>\n#include <asm/asm-prototypes.h>\n"
        "void ftrace_stub(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op)\n{\n}\n"
        "EXPORT_SYMBOL(ftrace_stub);\n"
    )
    demo.commit({"kernel/ftrace_stub.S": None, "kernel/ftrace_stub.c": source}, "Write it in C")


CHANGES = [
    _delete_file,
    _delete_only_library_object,
    _disable_option,
    _make_builtin,
    _change_prototype,
    _change_type_of_prototype,
    _change_header,
    _assembly_becomes_c,
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_incremental_build_equals_a_clean_one(
    driver: Driver, demo: DemoRepository, change: Callable[[DemoRepository], None]
) -> None:
    old = content(driver.objects("HEAD"))
    change(demo)
    new = content(driver.objects("HEAD"))
    assert new != old, "the change must show"
    assert new == driver.clean("HEAD")
    (driver.cache / "manifests").rename(driver.cache / "forgotten")
    assert content(driver.objects("HEAD~1")) == old, "and back"


def test_only_what_changed_is_built(driver: Driver, demo: DemoRepository) -> None:
    everything = driver.objects("HEAD").built
    _change_prototype(demo)
    assert driver.objects("HEAD").built == 1
    demo.commit({"README": "nothing"}, "Change nothing that is compiled")
    assert driver.objects("HEAD").built == 0
    _change_header(demo)
    assert 0 < driver.objects("HEAD").built < everything


def test_each_configuration_comes_from_the_seed(driver: Driver, demo: DemoRepository) -> None:
    """An option that a commit turned off must be on again before it, and after it is reverted."""
    old = driver.objects("HEAD")
    _disable_option(demo)
    new = driver.objects("HEAD")
    demo.git("revert", "--no-edit", "HEAD")
    demo.commit({"README": "another tree"}, "Make it another tree")
    again = driver.objects("HEAD")
    assert [(s.name, s.old, s.new) for s in differences(old.config, new.config)] == [("I2C", "m", "n")]
    assert again.config == old.config
    assert not [built for built in new.objects if built.module == "i2c-core"]


def test_a_configuration_file_and_fragments(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        "CONFIG_I2C=y\nCONFIG_LEDS_CLASS=y\nCONFIG_DEBUG_KERNEL=y\nCONFIG_DEBUG_INFO_DWARF4=y\n"
        "# CONFIG_CRC32 is not set\n"
    )
    fragment = tmp_path / "leds"
    fragment.write_text("# CONFIG_LEDS_CLASS is not set\n")
    driver.build = replace(driver.build, seed=Seed(file=file, fragments=(fragment,)))
    found = driver.objects("HEAD")
    assert {"CONFIG_I2C=y", "CONFIG_MODVERSIONS=y", "CONFIG_GENDWARFKSYMS=y"} <= set(found.config.split("\n"))
    assert "CONFIG_DEBUG_INFO_DWARF4=y" in found.config, "the seed's own choice stays"
    paths = {built.path: built.module for built in found.objects}
    assert paths["drivers/i2c/i2c-core-base.o"] == "vmlinux"
    assert not [path for path in paths if "leds" in path or "crc32" in path]


def test_targets(driver: Driver) -> None:
    more = tuple(f"lib/gone_{number:02}.o" for number in range(20))
    driver.build = replace(
        driver.build,
        targets=(
            "lib",
            "drivers/i2c/",
            "kernel/async.o",
            "lib/gone.o",
            *more,
            "drivers/gone/",
            "drivers/leds/led-class.o",
        ),
    )
    found = driver.objects("HEAD")
    assert {built.path: built.module for built in found.objects} == {
        "lib/crc32.o": "vmlinux",
        "lib/kobject.o": "vmlinux",
        "lib/string.o": "vmlinux",
        "lib/string_helpers.o": "vmlinux",
        "drivers/i2c/i2c-core-base.o": "i2c-core",
        "drivers/i2c/i2c-core-smbus.o": "i2c-core",
        "drivers/leds/led-class.o": "led-class",
        "kernel/async.o": "vmlinux",
    }
    assert found.absent == ("drivers/gone/", "lib/gone.o", *more)
    logs = "".join(log.read_text() for log in driver.cache.rglob("logs/*.log"))
    assert logs.count("Stop.") == 1, "make is not run anew for each"


def test_a_disabled_folder_is_absent_although_its_objects_are_left(
    driver: Driver, demo: DemoRepository
) -> None:
    driver.build = replace(driver.build, targets=("drivers/i2c/", "lib/"))
    assert driver.objects("HEAD").absent == ()
    _disable_option(demo)
    found = driver.objects("HEAD")
    assert found.absent == ("drivers/i2c/",)
    assert not [built for built in found.objects if built.path.startswith("drivers")]


@pytest.mark.parametrize("target", ["-j", "/etc/", "../x/", "a b/", "CC=evil", "$(shell x)/", "", "a/../../"])
def test_targets_that_are_none_are_refused(target: str) -> None:
    with pytest.raises(UsageError, match="not a build target"):
        Build(targets=(target,))


def test_a_commit_that_does_not_build(driver: Driver, demo: DemoRepository) -> None:
    source = demo.read("lib/kobject.c") + "\nint broken(void) { return nothing_of_this_name; }\n"
    demo.commit({"lib/kobject.c": source}, "Break it")
    with pytest.raises(BuildError) as error:
        driver.objects("HEAD")
    assert demo.head[:7] in error.value.message
    assert "Break it" in error.value.message
    assert any("kobject.c" in line and "nothing_of_this_name" in line for line in error.value.lines)
    assert error.value.log is not None
    assert "nothing_of_this_name" in error.value.log.read_text()
    assert driver.objects("HEAD~1").objects, "the next commit is none the worse"
    assert "the last build was killed: building anew" not in driver.said


def test_a_tree_that_is_no_kernel(driver: Driver, demo: DemoRepository) -> None:
    demo.git("rm", "-q", "-r", ".")
    demo.commit({"README": "x"}, "Delete everything")
    with pytest.raises(BuildError, match="defconfig"):
        driver.objects("HEAD")


def test_a_compiler_that_is_not_there_is_named_with_its_package(driver: Driver) -> None:
    driver.build = replace(driver.build, cross_compile="mips64-linux-gnu-")
    with pytest.raises(BuildError, match=r"mips64-linux-gnu-gcc .*install the package gcc-mips64-linux-gnu"):
        driver.objects("HEAD")


def test_compiler_flags_reach_the_compiler_and_have_a_folder_of_their_own(driver: Driver) -> None:
    plain = content(driver.objects("HEAD"))
    driver.build = replace(driver.build, kcflags="-fshort-enums -DKABI='\"a b\"'")
    assert content(driver.objects("HEAD")) != plain
    driver.build = replace(driver.build, kcflags="")
    driver.said.clear()
    assert content(driver.objects("HEAD")) == plain
    assert driver.said == []


def test_the_environment_does_not_change_the_build(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKEFLAGS", "-n")
    monkeypatch.setenv("ARCH", "none")
    monkeypatch.setenv("KBUILD_OUTPUT", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("KCFLAGS", "--no-such-flag")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("CROSS_COMPILE", "none-")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert driver.objects("HEAD").objects
    assert not (tmp_path / "elsewhere").exists()


def test_the_users_repository_stays_byte_for_byte(driver: Driver, demo: DemoRepository) -> None:
    (demo.path / "lib/kobject.c").write_text("local changes stay\n")
    (demo.path / "untracked").write_text("x")
    before = snapshot(demo.path)
    driver.objects(demo.base)
    driver.objects("HEAD")
    assert snapshot(demo.path) == before


RUN = """
import sys
from pathlib import Path
from kabicheck.objects.build_options import Build
from kabicheck.objects.kbuild import Kbuild
from kabicheck.objects.store import Store
from kabicheck.vcs.repository import Repository
repository, cache, ref = Repository.discover(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
build = Build(jobs=2)
with Store.opened(cache) as store:
    kbuild = Kbuild(repository.worktree(build.key, cache), build, store)
    print(len(kbuild.objects(repository.commit(ref)).objects))
"""


def _run(driver: Driver, demo: DemoRepository, ref: str = "HEAD") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(demo.path), str(driver.cache), ref]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _hang(driver: Driver, demo: DemoRepository) -> tuple[subprocess.Popen[str], int]:
    """Start a build that hangs in a child of make; returns our process and the child's id."""
    driver.build = Build(jobs=2)
    makefile = demo.read("lib/Makefile") + "$(shell echo $$$$ > sleeping; exec sleep 3600 >/dev/null)\n"
    demo.commit({"lib/Makefile": makefile}, "Hang")
    process = _run(driver, demo)
    while (
        not (found := list(driver.cache.glob("repositories/*/*/build/sleeping"))) or not found[0].read_text()
    ):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process, int(found[0].read_text())


def _is_alive(process_id: int) -> bool:
    """A zombie that nobody waits for is not."""
    status = Path(f"/proc/{process_id}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_ends_make_and_its_children(
    driver: Driver, demo: DemoRepository, number: signal.Signals
) -> None:
    process, child = _hang(driver, demo)
    before = snapshot(demo.path)
    assert _is_alive(child)
    process.send_signal(number)
    process.communicate()
    assert process.returncode != 0
    while _is_alive(child):  # it was sent SIGKILL; the test's own time limit is the limit
        time.sleep(0.01)
    assert driver.objects("HEAD~1").objects
    assert "the last build was killed: building anew" not in driver.said
    assert snapshot(demo.path) == before


def test_a_kill_loses_nothing(driver: Driver, demo: DemoRepository) -> None:
    process, child = _hang(driver, demo)
    before = snapshot(demo.path)
    process.kill()
    process.communicate()
    lock = next(driver.cache.glob("repositories/*/*/lock"))
    with locked_if_free(lock) as free:
        assert not free, "what the killed run left behind is still at work in the build folder"
    os.killpg(os.getpgid(child), signal.SIGKILL)
    found = content(driver.objects("HEAD~1"))
    assert "the last build was killed: building anew" in driver.said
    assert found == driver.clean("HEAD~1")
    assert snapshot(demo.path) == before


def test_two_runs_at_once_are_both_right(driver: Driver, demo: DemoRepository) -> None:
    refs = [demo.base, "HEAD", demo.base, "HEAD"]
    processes = [_run(driver, demo, ref) for ref in refs]
    results = [(*process.communicate(), process.returncode) for process in processes]
    assert all(status == 0 for _, _, status in results), results
    driver.build = Build(jobs=2)
    for ref, (output, _, _) in zip(refs, results, strict=True):
        assert int(output) == len(driver.objects(ref).objects)
    assert driver.said == [], "all of it was built already"
