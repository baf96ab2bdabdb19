"""`kabicheck check`: which objects are built and with what configuration, and what builds can bring to light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.junit_reports import ASYNC, failures, junit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

LIB = {
    "crc32_le",
    *("kobject_add", "kobject_del", "kobject_get", "kobject_init", "kobject_put", "kobject_uevent"),
    *("skip_spaces", "strlen", "strreplace", "strscpy"),
}
I2C = {"i2c_add_adapter", "i2c_smbus_xfer", "i2c_transfer"}

# As scripts/gendwarfksyms/examples/kabi.h writes rules.
RULE = """\
static const char __gendwarfksyms_rule_0[] __used __section(".discard.gendwarfksyms.kabi_rules") =
	"1\\0" "enumerator_ignore\\0" "kobject_action KOBJ_MOVE\\0";
"""


@pytest.mark.parametrize(
    ("targets", "status", "exports"),
    [
        (["lib/"], 0, LIB),
        (["lib"], 0, LIB),
        (["lib/crc32.o"], 0, {"crc32_le"}),
        (["drivers/i2c/"], 1, I2C),
        (["drivers/i2c/i2c-core-base.o"], 1, {"i2c_add_adapter", "i2c_transfer"}),
        (["lib/", "kernel/async.o"], 1, {*LIB, *ASYNC, "async_schedule_node", "async_synchronize_full"}),
    ],
)
def test_targets(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path,
    targets: list[str], status: int, exports: set[str],
) -> None:  # fmt: skip
    xml = tmp_path / "report.xml"
    run = check("--base", demo.base, *targets, "-o", "text", "-o", f"junit:{xml}")
    assert junit(xml).keys() == exports
    assert (run.status, run.notes) == (status, [])


def test_a_target_that_neither_side_has(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", demo.base, "lib/", "lib/gone.o", "gone/")
    assert run.error == "neither side has gone/, lib/gone.o (is the target spelled right?)"


@pytest.mark.parametrize(
    ("target", "file"), [("net/", "net/Makefile"), ("lib/sort.o", "lib/sort.c")], ids=["folder", "object"]
)
def test_a_target_that_one_side_has_not(
    demo: DemoRepository, check: Callable[..., Run], target: str, file: str
) -> None:
    """What came is no failure, what went is one; both are remarked on."""
    folder = file.partition("/")[0]
    source = "#include <linux/export.h>\nvoid sort(void);\nvoid sort(void)\n{\n}\nEXPORT_SYMBOL(sort);\n"
    makefile = (demo.path / folder / "Makefile").read_text() if folder == "lib" else ""
    demo.commit(
        {
            f"{folder}/sort.c": source,
            f"{folder}/Makefile": makefile + "obj-y += sort.o\n",
            "Kbuild": demo.read("Kbuild") + ("" if folder == "lib" else f"obj-y += {folder}/\n"),
        },
        "Add sort",
    )
    came = check("--base", "HEAD~1", target)
    assert (came.status, came.notes, came.verdict) == (
        0,
        [f"base has no {target}"],
        "OK: 1 export added, 1 commit responsible",
    )
    demo.git("revert", "--no-edit", "HEAD")
    went = check("--base", "HEAD~1", target)
    assert (went.status, went.notes, went.verdict) == (
        1,
        [f"head has no {target}"],
        "FAILED: 1 export removed, 1 commit responsible",
    )


def test_a_configuration_file_and_a_fragment(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("CONFIG_PRINTK=y\nCONFIG_LEDS_CLASS=y\n# CONFIG_I2C is not set\n")
    (tmp_path / "fragment").write_text("# CONFIG_CRC32 is not set\nCONFIG_DEBUG_KOBJECT_RELEASE=y\n")
    xml = tmp_path / "report.xml"
    seed = ["--config", tmp_path / "config", "--fragment", tmp_path / "fragment"]
    run = check("--base", demo.base, *seed, "-o", "text", "-o", f"junit:{xml}")
    found = junit(xml)
    assert (run.status, run.notes, failures(xml)) == (1, [], ASYNC)
    assert not found.keys() & {*I2C, "crc32_le"}
    led = found["led_classdev_register"].getparent()
    assert led is not None
    assert led.get("name") == "vmlinux", "built in, as the file says"


def test_a_target_that_configures_nothing(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", demo.base, "--config", "listnewconfig")
    assert run.status == 2
    assert "wrote no .config (--config defconfig)\n  whole log: " in run.err


def test_tinyconfig(demo: DemoRepository, check: Callable[..., Run]) -> None:
    run = check("--base", demo.base, "--config", "tinyconfig")
    assert run.status == 1
    assert "i2c_transfer" not in run.out


def test_an_option_that_a_commit_disables(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    kconfig = demo.read("Kconfig")
    disabled = kconfig.replace('tristate "I2C support"\n\tdefault m', 'tristate "I2C support"\n\tdefault n')
    demo.commit({"Kconfig": disabled}, "Disable I2C")
    xml = tmp_path / "report.xml"
    run = check("--base", "HEAD~1", "-o", "text", "-o", f"junit:{xml}")
    assert run.notes == ["the configuration differs: CONFIG_I2C m → n"]
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports removed, 1 commit responsible")
    assert failures(xml) == I2C


def test_an_option_that_builds_a_module_in(demo: DemoRepository, check: Callable[..., Run]) -> None:
    kconfig = demo.read("Kconfig")
    builtin = kconfig.replace('tristate "I2C support"\n\tdefault m', 'tristate "I2C support"\n\tdefault y')
    demo.commit({"Kconfig": builtin}, "Build I2C in")
    run = check("--base", "HEAD~1")
    assert run.notes == ["the configuration differs: CONFIG_I2C m → y"]
    assert "    i2c_transfer: moved from i2c-core to vmlinux  (drivers/i2c/i2c-core-base.o)\n" in run.out
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports moved to another module, 1 commit responsible")


def move_strlen(demo: DemoRepository, signature: str) -> None:
    """Move the function to another object, with a signature that may be another one."""
    function, export, rest = demo.read("lib/string.c").partition("EXPORT_SYMBOL(strlen);\n")
    includes, start, body = function.partition("size_t strlen(const char *s)")
    moved = f"{signature}{body}{export}"
    header = demo.read("include/linux/string.h").replace(start, signature)
    demo.commit(
        {
            "lib/string.c": includes + rest,
            "lib/string_helpers.c": demo.read("lib/string_helpers.c") + moved,
            "include/linux/string.h": header,
        },
        "Move strlen",
    )


def test_an_export_that_moves_between_objects(demo: DemoRepository, check: Callable[..., Run]) -> None:
    move_strlen(demo, "size_t strlen(const char *s)")
    run = check("--base", "HEAD~1")
    assert (run.status, run.verdict) == (0, "OK: 31 exports compared, none changed")


def test_an_export_that_moves_and_changes(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    move_strlen(demo, "ssize_t strlen(const char *s)")
    xml = tmp_path / "report.xml"
    run = check("--base", "HEAD~1", "-o", "text", "-o", f"junit:{xml}")
    assert (run.status, run.verdict) == (1, "FAILED: 1 export changed by 1 cause, 1 commit responsible")
    assert "  - size_t strlen(const char *s);\n  + ssize_t strlen(const char *s);  " in run.out
    assert junit(xml)["strlen"].get("classname") == "vmlinux.lib/string_helpers"


def test_an_assembly_export_whose_prototype_changes(demo: DemoRepository, check: Callable[..., Run]) -> None:
    header = demo.read("include/asm/asm-prototypes.h").replace("unsigned long ip", "unsigned int ip")
    demo.commit({"include/asm/asm-prototypes.h": header}, "Change a prototype, and nothing else")
    run = check("--base", "HEAD~1")
    assert (run.status, run.verdict) == (1, "FAILED: 1 export changed by 1 cause, 1 commit responsible")
    assert "  1 export changes: ftrace_stub 0x" in run.out
    assert "  - void ftrace_stub(long unsigned int, long unsigned int, struct ftrace_ops *);\n" in run.out
    assert "  + void ftrace_stub(unsigned int, long unsigned int, struct ftrace_ops *);  " in run.out


@pytest.mark.parametrize(("options", "status"), [([], 1), (["-s"], 0)])
def test_kabi_rules_are_obeyed_when_asked_for(
    demo: DemoRepository, check: Callable[..., Run], options: list[str], status: int
) -> None:
    header = demo.read("include/linux/kobject.h").replace("KOBJ_CHANGE,", "KOBJ_CHANGE,\n\tKOBJ_MOVE,")
    assert "KOBJ_MOVE" in header
    source = demo.read("lib/kobject.c") + RULE
    demo.commit(
        {"include/linux/kobject.h": header, "lib/kobject.c": source}, "Add an action, hidden by a rule"
    )
    run = check("--base", "HEAD~1", "lib/", *options)
    assert run.status == status, run.out
    assert ("kobject_uevent" in run.out) == (status == 1)
