"""A kernel build with Rust: exports count for the objects that define them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.compare.declaration import parse
from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import rust_exports
from kabicheck.errors import BuildError
from kabicheck.formats.symtypes import read_symtypes
from kabicheck.objects.collect import listed_objects, read_exporting
from kabicheck.objects.directory import read_directory
from kabicheck.objects.provider import ReadyMade
from kabicheck.objects.store import Store
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.reading import read_object
from kabicheck.symver.object import ExportReading, read_symbols
from tests.rust_build import (
    OBJECTS,
    compile_c,
    exports_c,
    recorded_versions,
    write_changed_builds,
    write_rust_build,
)

if TYPE_CHECKING:
    from pathlib import Path


AREA = recorded_versions("shapes")["area"]


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    return write_changed_builds(tmp_path)


def test_exports_get_the_versions_of_the_objects_that_define_them(builds: tuple[Path, Path]) -> None:
    found = {built.path: built for built in read_directory(builds[0]).objects}
    assert list(found) == ["rust/helpers/helpers.o", "rust/kernel.o"]
    kernel = read_object(found["rust/kernel.o"]).versions()
    assert kernel.versions == recorded_versions("shapes")
    assert not kernel.unversioned
    assert {(export.licence, export.namespace) for export in kernel.exports} == {("GPL", "")}
    helpers = read_object(found["rust/helpers/helpers.o"]).versions()
    alone = read_symbols(builds[0] / "rust/helpers/helpers.o", helpers.versions)
    assert helpers.versions == alone.versions
    assert set(helpers.versions) == {"rust_helper_kmap", "rust_helper_page_flags"}
    assert len(set(helpers.versions.values())) == 2, "not the `int` that exports.o says"


def test_an_object_is_read_with_its_whole_list(builds: tuple[Path, Path]) -> None:
    """As kbuild does, whatever is exported: the list has a say in some versions."""
    root = builds[0]
    compile_c(exports_c(["area", "rust_helper_kmap"]), root / "rust" / "exports.o")
    for built in read_directory(root).objects:
        reading = read_object(built)
        assert isinstance(reading, ExportReading)
        assert len(reading.exports) == 1
        assert {symbol.name for symbol in reading.reading.symbols} == set(rust_exports(Image(built.file)))
        assert reading.versions().versions.keys() == {reading.exports[0].name}


def test_what_the_cmd_file_of_the_defining_object_says(tmp_path: Path, builds: tuple[Path, Path]) -> None:
    source = tmp_path / "source"
    command = (
        "savedcmd_rust/kernel.o := rustc\n\n"
        f"source_rust/kernel.o := {source}/rust/kernel/lib.rs\n\n"
        f"deps_rust/kernel.o := \\\n  {source}/rust/kernel/page.rs \\\n  $(wildcard include/config/X) \\\n\n"
        f"#SYMVER area {AREA:#010x}\n#SYMVER draw 0x00000001\n"
    )
    (builds[0] / "rust/.kernel.o.cmd").write_text(command)
    listed = listed_objects(builds[0], "rust/")
    assert listed is not None
    kernel = {b.path: b for b in read_exporting(builds[0], source, listed)}["rust/kernel.o"]
    assert kernel.reference == {"area": AREA, "draw": 1}
    assert kernel.depends == ("rust/kernel/lib.rs", "rust/kernel/page.rs")
    old = read_directory(builds[0])
    notes = compare_builds(old, old, jobs=1).notes
    assert any("rust/kernel.o: the build itself has other versions for draw (1 in all)" in n for n in notes)


def test_every_rust_type_is_read_as_a_declaration() -> None:
    """Names with spaces, commas, brackets and quotes, variant parts, discriminants."""
    for name, text in read_symtypes(OBJECTS / "shapes.symtypes").items():
        assert parse(text) is not None, name


def test_an_export_that_moved_between_objects_is_the_same(tmp_path: Path) -> None:
    """Where the compiler generates the code of a generic function is up to it."""
    source = {"bindings.o": "struct a { int x; }; int generic(struct a *a) { return a->x; }"}
    kernel = (OBJECTS / "shapes.o").read_bytes()
    old = write_rust_build(tmp_path / "old", kernel, source)
    new = write_rust_build(tmp_path / "new", kernel, {"core.o": source["bindings.o"]})
    comparison = compare_builds(read_directory(old), read_directory(new), jobs=1)
    assert comparison.changes == ()
    assert comparison.compared == 7


def test_the_store_keeps_the_exporter(tmp_path: Path, builds: tuple[Path, Path]) -> None:
    archive = tmp_path / "build.tar"
    subprocess.run(["tar", "-cf", archive, "-C", builds[0], "."], check=True)
    with Store.opened(tmp_path / "cache") as store:
        first = ReadyMade(archive, store).objects()
        again = ReadyMade(archive, store).objects()
        assert first == again
        store.prune(0)
        kernel = next(built for built in again.objects if built.path == "rust/kernel.o")
        assert read_object(kernel).versions().versions == recorded_versions("shapes")


def test_a_folder_without_lists(builds: tuple[Path, Path]) -> None:
    for path in builds[0].rglob("built-in.a"):
        path.unlink()
    assert [b.path for b in read_directory(builds[0]).objects] == ["rust/helpers/helpers.o", "rust/kernel.o"]
    assert [b.path for b in read_directory(builds[0] / "rust").objects] == ["helpers/helpers.o", "kernel.o"]


def test_a_defining_object_that_is_not_there(builds: tuple[Path, Path]) -> None:
    listed = {"rust/exports.o": "vmlinux", "rust/kernel.o": "vmlinux"}
    with pytest.raises(BuildError, match=r"rust_helper_kmap, which no object here defines \(2 in all\)"):
        read_exporting(builds[0], None, listed)
