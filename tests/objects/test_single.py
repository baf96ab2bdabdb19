"""Single objects of a commit, made by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import BuildError
from kabicheck.pipeline.reading import read_object
from tests.rust_build import exports_c

if TYPE_CHECKING:
    from kabicheck.demo.repository import DemoRepository
    from kabicheck.model import ObjectSet
    from tests.objects.conftest import Driver

KOBJECT, STRING, ASYNC, I2C = (
    "lib/kobject.o",
    "lib/string.o",
    "kernel/async.o",
    "drivers/i2c/i2c-core-base.o",
)


def paths(found: ObjectSet) -> list[str]:
    """Of the objects."""
    return [built.path for built in found.objects]


def test_only_what_is_asked_for_is_built_and_kept(driver: Driver) -> None:
    first = driver.some("HEAD", [KOBJECT, I2C])
    assert (paths(first), first.built, first.absent) == ([I2C, KOBJECT], 2, ())
    driver.said.clear()
    again = driver.some("HEAD", [KOBJECT])
    assert driver.said == [], "not even a checkout"
    assert again.objects == (first.objects[1],)
    assert driver.some("HEAD", [KOBJECT, ASYNC]).built == 1


def test_they_equal_those_of_a_whole_build(driver: Driver, demo: DemoRepository) -> None:
    whole = {built.path: built for built in driver.objects("HEAD").objects}
    asked = [KOBJECT, I2C, "kernel/ftrace_stub.o", "lib/string_helpers.o", "drivers/leds/led-class.o"]
    driver.forget()
    with driver.kbuild() as kbuild:
        kbuild.objects(driver.repository.commit(demo.base))
        some = kbuild.some(driver.repository.commit("HEAD"), asked)
    assert {built.path: built for built in some.objects} == {path: whole[path] for path in asked}
    assert all(built.complete for built in some.objects)


def test_a_whole_build_answers_for_its_objects(driver: Driver) -> None:
    whole = driver.objects("HEAD")
    driver.said.clear()
    found = driver.some("HEAD", [KOBJECT, "lib/gone.o"])
    assert driver.said == []
    assert found.objects == tuple(built for built in whole.objects if built.path == KOBJECT)
    assert found.absent == ("lib/gone.o",)


def test_what_the_commit_does_not_build_is_absent_though_it_could_be_made(
    driver: Driver, demo: DemoRepository
) -> None:
    """make compiles any source when it is told to; what counts is whether the makefile lists its object."""
    makefile = demo.read("lib/Makefile").replace("obj-$(CONFIG_CRC32) += crc32.o\n", "")
    demo.commit({"lib/Makefile": makefile, "lib/loose.c": "int broken = ;\n"}, "Leave crc32 out")
    found = driver.some("HEAD", [KOBJECT, "lib/crc32.o", "lib/loose.o", "lib/none.o", "drivers/none/x.o"])
    assert paths(found) == [KOBJECT]
    assert found.absent == ("drivers/none/x.o", "lib/crc32.o", "lib/loose.o", "lib/none.o")
    driver.said.clear()
    assert driver.some("HEAD", ["lib/none.o"]).absent == ("lib/none.o",)
    assert driver.said == [], "that is kept, too"
    assert paths(driver.some("HEAD~1", ["lib/crc32.o"])) == ["lib/crc32.o"]


def test_a_folder_that_the_configuration_leaves_out(driver: Driver, demo: DemoRepository) -> None:
    assert paths(driver.some("HEAD", [I2C])) == [I2C]
    kconfig = demo.read("Kconfig").replace(
        'tristate "I2C support"\n\tdefault m', 'tristate "I2C support"\n\tdefault n'
    )
    demo.commit({"Kconfig": kconfig}, "Disable I2C")
    assert driver.some("HEAD", [I2C]).absent == (I2C,), "although its object is left in the build folder"


def test_an_object_without_exports_is_there(driver: Driver, demo: DemoRepository) -> None:
    source = "\n".join(
        line for line in demo.read("lib/crc32.c").splitlines() if not line.startswith("EXPORT_SYMBOL")
    )
    demo.commit({"lib/crc32.c": source + "\n"}, "Export nothing")
    found = driver.some("HEAD", ["lib/crc32.o"])
    assert (found.objects, found.absent, found.without_exports) == ((), (), ("lib/crc32.o",))


def test_what_can_be_made_is_kept_beside_what_cannot(driver: Driver, demo: DemoRepository) -> None:
    demo.commit({"lib/string.c": demo.read("lib/string.c") + "int broken = ;\n"}, "Break it")
    head = driver.repository.commit("HEAD")
    with driver.kbuild() as kbuild:
        with pytest.raises(BuildError, match="Break it") as error:
            kbuild.some(head, [STRING, KOBJECT, ASYNC])
        assert any("string.c" in line for line in error.value.lines)
        driver.said.clear()
        assert paths(kbuild.some(head, [KOBJECT, ASYNC])) == [ASYNC, KOBJECT]
        with pytest.raises(BuildError):
            kbuild.some(head, [STRING])
        assert driver.said == [], "nothing is tried twice"
    assert paths(driver.some("HEAD~1", [STRING])) == [STRING]


def test_a_commit_that_cannot_even_be_prepared(driver: Driver, demo: DemoRepository) -> None:
    demo.commit({"Makefile": demo.read("Makefile") + "$(error broken)\n"}, "Break the makefile")
    with pytest.raises(BuildError, match="Break the makefile"):
        driver.some("HEAD", [KOBJECT, STRING])


def test_an_object_without_exports_keeps_what_it_is_made_from(driver: Driver, demo: DemoRepository) -> None:
    source = demo.read("lib/crc32.c").replace("EXPORT_SYMBOL", "// EXPORT_SYMBOL")
    demo.commit({"lib/crc32.c": source}, "Export nothing")
    whole = driver.objects("HEAD")
    assert "lib/crc32.o" in whole.without_exports
    assert not whole.made_from, "lists of thousands of objects, which hardly anybody asks for"
    found = driver.some("HEAD", ["lib/crc32.o"])
    assert "lib/crc32.c" in found.made_from["lib/crc32.o"]
    assert (found.built, driver.some("HEAD", ["lib/crc32.o"])) == (0, found)


RUST = {
    "Kbuild": "obj-y += kernel/ lib/ drivers/ rust/\n",
    "rust/Makefile": "obj-y += kernel.o core.o exports.o\n",
    "rust/kernel.c": "int area(int width) { return width; }\n",
    "rust/core.c": "int panic_fmt(void) { return 0; }\n",
    "rust/exports.c": exports_c(["area", "panic_fmt"]),
}


def test_rust_objects_have_the_exports_of_exports_o(driver: Driver, demo: DemoRepository) -> None:
    demo.commit(RUST, "Add rust/")
    demo.commit({"rust/kernel.c": RUST["rust/kernel.c"].replace("int width", "long width")}, "Change area()")
    found = driver.some("HEAD", ["rust/kernel.o", KOBJECT])
    assert paths(found) == [KOBJECT, "rust/kernel.o"]
    kernel = found.objects[1]
    assert kernel.exporter is not None
    assert {"rust/kernel.c", "rust/exports.c"} <= set(kernel.depends), "either may change its exports"
    assert kernel.complete
    assert read_object(kernel).versions().versions.keys() == {"area"}
    driver.said.clear()
    assert driver.some("HEAD", ["rust/core.o"]).objects[0].exporter == kernel.exporter
    assert driver.said == [], "the whole build says it of all"


def test_rust_objects_by_themselves_are_refused(driver: Driver, demo: DemoRepository) -> None:
    demo.commit(RUST, "Add rust/")
    driver.build = replace(driver.build, targets=("lib/",))
    with pytest.raises(BuildError, match=r"rust/kernel\.o: what it exports is said by rust/exports\.o"):
        driver.some("HEAD", ["rust/kernel.o"])
