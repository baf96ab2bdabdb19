from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import UsageError
from kabicheck.objects.kernel_config import Seed, Setting, differences, forced, merged, settings

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_are_read_as_kconfig_writes_them() -> None:
    text = '# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C="a=b # c"\n# CONFIG_D=y\nCONFIG_E=0x10\n#\n'
    assert settings(text) == {"A": "n", "B": "y", "C": '"a=b # c"', "E": "0x10"}


def test_later_fragments_win() -> None:
    assert merged("CONFIG_A=y\nCONFIG_B=m\n", ["# CONFIG_A is not set\n", "CONFIG_C=1\nCONFIG_A=m\n"]) == (
        "CONFIG_A=m\nCONFIG_B=m\nCONFIG_C=1\n"
    )


@pytest.mark.parametrize(
    ("chosen", "formats"),
    [
        ("CONFIG_DEBUG_INFO_NONE=y\n", {"DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT": "y"}),
        ("CONFIG_DEBUG_INFO_DWARF4=y\n", {"DEBUG_INFO_DWARF4": "y"}),
        ("# CONFIG_DEBUG_INFO_DWARF5 is not set\n", {"DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT": "y"}),
    ],
)
def test_debug_information_is_forced_on_in_the_format_of_the_seed(
    chosen: str, formats: dict[str, str]
) -> None:
    found = settings(forced(chosen + "CONFIG_GENKSYMS=y\nCONFIG_DEBUG_INFO_REDUCED=y\n"))
    assert {name: value for name, value in found.items() if "DWARF" in name and value == "y"} == formats | {
        "GENDWARFKSYMS": "y"
    }
    assert (found["DEBUG_INFO_NONE"], found["DEBUG_INFO_REDUCED"], found["GENKSYMS"]) == ("n", "n", "n")
    assert (found["MODULES"], found["MODVERSIONS"]) == ("y", "y")


def test_differences_are_by_name_and_take_absence_for_off() -> None:
    old, new = "CONFIG_B=y\n# CONFIG_A is not set\nCONFIG_C=1\n", "CONFIG_C=2\nCONFIG_D=m\n"
    assert differences(old, new) == (Setting("B", "y", "n"), Setting("C", "1", "2"), Setting("D", "n", "m"))


def test_a_seed_is_identified_by_its_content(tmp_path: Path) -> None:
    file, fragment = tmp_path / "config", tmp_path / "fragment"
    file.write_text("CONFIG_A=y\n")
    fragment.write_text("CONFIG_B=y\n")
    seeds = [Seed(), Seed(target="tinyconfig"), Seed(file=file), Seed(file=file, fragments=(fragment,))]
    digests = [seed.digest for seed in seeds]
    assert len(set(digests)) == 4
    fragment.write_text("CONFIG_B=m\n")
    assert seeds[3].digest != digests[3]
    assert seeds[2].digest == digests[2]


def test_a_seed_that_cannot_be_read_or_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none"):
        _ = Seed(file=tmp_path / "none").digest
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        _ = Seed(fragments=(tmp_path / "pipe",)).digest
    for target in ("-j", "clean", "x; config", ""):
        with pytest.raises(UsageError, match="not a configuration target"):
            Seed(target=target)
