"""One export, in each kind of input that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.model import Export
from kabicheck.pipeline.lookup import ExportLookup
from tests.pipeline.desk import Desk, write_builds

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_in_symtypes_files(desk: Desk) -> None:
    desk.write("a/lib/one.symtypes", "walk int walk ( )", "s#leg struct leg { int a ; }")
    desk.write("a/lib/two.symtypes", "halt int halt ( )")
    exports = ExportLookup(desk.folder("a"))
    [found] = exports.find("walk")
    assert (found.object, found.export, found.types["walk"]) == ("lib/one.o", None, "int walk ( )")
    assert found.version.startswith("0x")
    assert exports.names == {"walk", "halt"}
    assert not list(exports.find("leg"))


def test_in_a_list_of_versions(desk: Desk) -> None:
    path = desk.write(
        "Module.symvers",
        "0x0000000a\twalk\tvmlinux\tEXPORT_SYMBOL_GPL\tNS",
        "0x00000000\twalk\tlib/x\tEXPORT_SYMBOL\t",
    )
    known, unknown = sorted(ExportLookup(path).find("walk"), key=lambda each: each.version)
    assert (known.module, known.version, known.export) == (
        "vmlinux",
        "0x0000000a",
        Export("walk", "GPL", "NS"),
    )
    assert (known.object, known.types, known.declared) == (str(path), {}, None)
    assert unknown.version == "Module.symvers holds no version for it"


def test_in_objects(tmp_path: Path) -> None:
    old, _ = write_builds(tmp_path)
    exports = ExportLookup(old)
    name = min(exports.names)
    [found] = exports.find(name)
    assert (found.object, name in found.types) == ("lib/x.o", True)
    assert found.declared
    assert found.declared.line
    [built] = exports.restricted(name).objects.objects
    assert built.path == "lib/x.o"
    assert not exports.restricted("stranger").objects.objects
    assert not list(exports.find("stranger"))
