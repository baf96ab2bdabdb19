from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kabicheck.demo.repository import DemoRepository
    from tests.objects.conftest import Driver

HEADER = "include/linux/kobject.h"


def commit(demo: DemoRepository, path: str, text: str = "") -> None:
    """A commit that adds a line to a file, or makes the file."""
    before = demo.read(path) if (demo.path / path).exists() else ""
    demo.commit({path: f"{before}{text}\n"}, f"Touch {path}")


def configured(driver: Driver) -> int:
    """How often `.config` was made."""
    return sum(line.startswith("configuring") for line in driver.said)


@pytest.mark.parametrize(
    ("path", "times"),
    [
        (HEADER, 1),
        ("lib/kobject.c", 1),
        ("lib/Makefile", 1),
        ("lib/new.c", 2),
        ("Kconfig", 2),
        ("Makefile", 2),
        ("scripts/new.c", 2),
        ("drivers/options.in", 2),
    ],
)
def test_it_is_made_where_something_may_read_what_differs(
    driver: Driver, demo: DemoRepository, path: str, times: int
) -> None:
    commit(demo, path)
    with driver.kbuild() as kbuild:
        for ref in ("HEAD~1", "HEAD"):
            kbuild.some(driver.repository.commit(ref), ["lib/kobject.o"])
    assert configured(driver) == times


def test_a_changed_option_is_met_on_the_way_there_and_back(driver: Driver, demo: DemoRepository) -> None:
    kconfig = demo.read("Kconfig").replace(
        'tristate "I2C support"\n\tdefault m', 'tristate "I2C support"\n\tdefault n'
    )
    demo.commit({"Kconfig": kconfig}, "Disable I2C")
    commit(demo, HEADER)
    path = "drivers/i2c/i2c-core-base.o"
    with driver.kbuild() as kbuild:
        found = [kbuild.some(driver.repository.commit(ref), [path]) for ref in ("HEAD~1", "HEAD", "HEAD~2")]
    assert [one.absent for one in found] == [(path,), (path,), ()]
    assert configured(driver) == 2


def test_what_another_process_left_is_not_taken(driver: Driver, demo: DemoRepository) -> None:
    commit(demo, HEADER)
    with driver.kbuild() as kbuild:
        kbuild.some(driver.repository.commit("HEAD~1"), ["lib/kobject.o"])
        config = next(driver.cache.rglob("build/.config"))
        config.write_text(config.read_text().replace("CONFIG_CRC32=y", "# CONFIG_CRC32 is not set"))
        found = kbuild.some(driver.repository.commit("HEAD"), ["lib/crc32.o"])
    assert found.absent == ()
    assert configured(driver) == 2


def test_it_is_made_again_in_the_next_process(driver: Driver, demo: DemoRepository) -> None:
    """The compiler, or a program that Kconfig asks for, may be another one by then."""
    commit(demo, HEADER)
    driver.some("HEAD~1", ["lib/kobject.o"])
    driver.some("HEAD", ["lib/kobject.o"])
    assert configured(driver) == 2
