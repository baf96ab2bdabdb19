"""Module.symvers of all ages."""

from __future__ import annotations

import pytest

from kabicheck.errors import ObjectError
from kabicheck.formats.symvers import parse_symvers
from kabicheck.model import Export

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
