"""Module.symvers of all ages."""

from __future__ import annotations

import gzip
import lzma
import subprocess
from typing import TYPE_CHECKING

import pytest
import zstandard

from kabicheck.errors import ObjectError
from kabicheck.formats import symvers as module
from kabicheck.formats.symvers import is_symvers, parse_symvers, read_symvers
from kabicheck.model import Export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TODAY = "0x0000000a\tf\tvmlinux\tEXPORT_SYMBOL_GPL\tNS\n0x0000000b\tg\tdrivers/x\tEXPORT_SYMBOL\t\n"
LINUX_5_4 = "0x0000000a\tf\tNS\tvmlinux\tEXPORT_SYMBOL_GPL\n0x0000000b\tg\t\tdrivers/x\tEXPORT_SYMBOL\n"
SPACES = "0x0000000a f vmlinux  EXPORT_SYMBOL_GPL NS\n0x0000000b g drivers/x EXPORT_SYMBOL\n"
OLD = "0x0000000a\tf\tvmlinux\tEXPORT_SYMBOL_GPL\n0x0000000b\tg\tdrivers/x\tEXPORT_SYMBOL\n"


@pytest.mark.parametrize(
    ("content", "namespace"), [(TODAY, "NS"), (LINUX_5_4, "NS"), (SPACES, "NS"), (OLD, "")]
)
def test_columns(content: str, namespace: str) -> None:
    driver, vmlinux = parse_symvers(content, "Module.symvers")
    assert (driver.module, driver.path) == ("drivers/x", "drivers/x")
    assert (driver.exports, driver.versions) == ((Export("g"),), {"g": 11})
    assert (vmlinux.exports, vmlinux.versions) == ((Export("f", "GPL", namespace),), {"f": 10})


def test_a_version_of_zero_is_none() -> None:
    (vmlinux,) = parse_symvers("0x00000000\tf\tvmlinux\tEXPORT_SYMBOL\t\n", "Module.symvers")
    assert not vmlinux.versions
    assert list(vmlinux.unversioned) == ["f"]


@pytest.mark.parametrize(
    "line",
    [
        "0x1\tf\tvmlinux\tEXPORT_SYMBOL\t",
        "0x00000001 f vmlinux",
        "0x00000001 f vmlinux EXPORT_SYMBOL NS more",
        "0x00000001\tf\tvmlinux\tEXPORT\t",
        "0x00000001\t\tvmlinux\tEXPORT_SYMBOL\t",
        "0x00000001\tf\tvmlinux\tEXPORT_SYMBOL\t\t",
        "0x00000002\tok\tvmlinux\tEXPORT_SYMBOL\t",
    ],
)
def test_errors_name_file_and_line(line: str) -> None:
    with pytest.raises(ObjectError, match=r"^Module.symvers:2: "):
        parse_symvers(f"0x00000001\tok\tvmlinux\tEXPORT_SYMBOL\t\n{line}\n", "Module.symvers")


UBUNTU = (
    "EXPORT_SYMBOL drivers/x 0x0000000b\tg\n"
    "EXPORT_SYMBOL_GPL vmlinux 0x0000000a f\n"
    "EXPORT_SYMBOL\t drivers/x 0x0000000c\th\n"  # of a line with an empty last column
    "NS EXPORT_SYMBOL_GPL 0x0000000d\ti\tdrivers/x\n"
)


def test_ubuntu_s_lists_have_the_columns_turned_around() -> None:
    driver, vmlinux = parse_symvers(UBUNTU, "abi/generic")
    assert driver.exports == (Export("g"), Export("h"), Export("i", "GPL", "NS"))
    assert driver.versions == {"g": 11, "h": 12, "i": 13}
    assert (vmlinux.exports, vmlinux.versions) == ((Export("f", "GPL"),), {"f": 10})


def test_a_module_symvers_turned_as_ubuntu_s_packages_do_it(tmp_path: Path) -> None:
    """sed and sort, as debian/rules.d/2-binary-arch.mk has them."""
    (tmp_path / "Module.symvers").write_text(TODAY)
    turn = r"sed -e 's/^\(.\+\)[[:space:]]\+\(.\+\)[[:space:]]\+\(.\+\)$/\3 \2 \1/' Module.symvers | sort"
    turned = subprocess.run(
        ["sh", "-c", turn], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert turned != TODAY
    assert parse_symvers(turned, "abi/generic") == parse_symvers(TODAY, "Module.symvers")


@pytest.mark.parametrize(
    "content", [TODAY, LINUX_5_4, SPACES, OLD, UBUNTU, UBUNTU.split("\n")[-2], "\n" + TODAY]
)
def test_it_is_recognised(content: str) -> None:
    assert is_symvers(content)
    assert not is_symvers("walk int walk ( )\n" + content)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
def test_packed_lists(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "symvers-7.3.gz"
    path.write_bytes(pack(TODAY.encode()))
    assert read_symvers(path) == parse_symvers(TODAY, path)
    path.write_bytes(pack(TODAY.encode())[:-3])
    with pytest.raises(
        ObjectError, match=r"symvers-7.3.gz: (the packed file is cut short|cannot be unpacked)"
    ):
        read_symvers(path)
    path.write_bytes(pack(bytes(65 << 20)))
    with pytest.raises(ObjectError, match=r"larger than 67108864 bytes: not a Module.symvers"):
        read_symvers(path)


def test_a_file_that_is_cut_short() -> None:
    """The last line may have lost its licence or namespace, and still look whole."""
    for end in range(1, len(TODAY)):
        if TODAY[end - 1] != "\n":
            with pytest.raises(ObjectError, match=r"cut short|not a Module\.symvers line"):
                parse_symvers(TODAY[:end], "Module.symvers")


def test_more_exports_than_a_kernel_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.MAX_EXPORTS == 200_000
    monkeypatch.setattr(module, "MAX_EXPORTS", 500)
    line = "0x0000000a\tf{}\tvmlinux\tEXPORT_SYMBOL\t\n"
    most = "".join(map(line.format, range(500)))
    assert len(parse_symvers(most, "Module.symvers")[0].exports) == 500
    with pytest.raises(
        ObjectError, match=r"^Module\.symvers: more than 500 lines, which no kernel has exports"
    ):
        parse_symvers(most + line.format("more"), "Module.symvers")
