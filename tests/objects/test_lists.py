"""Lists that lead out of their folder, that were cut short, or that hold what no build writes."""

from __future__ import annotations

import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import KabicheckError, ObjectError
from kabicheck.objects.archive import read_archive
from kabicheck.objects.directory import read_directory
from kabicheck.objects.lists import module_parts
from kabicheck.objects.store import Store
from tests.dwarf_writer import Unit, die, exported, variable, write

if TYPE_CHECKING:
    from pathlib import Path

INT = die("base_type", name="int", byte_size=4, encoding=5)


def write_object(path: Path, name: str) -> None:
    """An object with one export."""
    path.parent.mkdir(parents=True, exist_ok=True)
    section, labels = exported((name, "GPL", ""))
    path.write_bytes(write([Unit(variable(name, INT))], labels, [section]))


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build of four objects, and one elsewhere that is none of its."""
    root = tmp_path / "build"
    for name in ("init/main", "lib/string", "drivers/disk", "drivers/disk_queue"):
        write_object(root / f"{name}.o", name.replace("/", "_"))
    write_object(tmp_path / "elsewhere/host.o", "secret")
    (root / "scripts").mkdir()
    ar(root, "built-in.a", "init/main.o")
    ar(root / "lib", "lib.a", "string.o")
    (root / "modules.order").write_text("drivers/storage.o\n")
    (root / "drivers/storage.mod").write_text("drivers/disk.o\ndrivers/disk_queue.o\n")
    return root


def ar(folder: Path, *arguments: str) -> None:
    """A thin archive, as kbuild makes them."""
    subprocess.run(["ar", "cDPrST", *arguments], cwd=folder, check=True)


def read(build: Path, packed: bool) -> set[str]:
    """The paths of the objects that a folder, or an archive of it, is taken to hold."""
    if not packed:
        return {built.path for built in read_directory(build).objects}
    archive = build.with_suffix(".tar")
    with tarfile.open(archive, "w") as file:
        file.add(build, ".")
    with Store.opened(build.with_suffix(".store")) as store:
        return {built.path for built in read_archive(archive, store).objects}


EVERYTHING = {"init/main.o", "lib/string.o", "drivers/disk.o", "drivers/disk_queue.o"}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
@pytest.mark.parametrize(
    "name", ["../elsewhere/host.o", "{root}/../elsewhere/host.o", "lib/../../elsewhere/host.o"]
)
@pytest.mark.parametrize("listing", ["built-in.a", "modules.order", "drivers/storage.mod", "lib/lib.a"])
def test_a_list_that_leads_out(build: Path, listing: str, name: str, packed: bool) -> None:
    assert read(build, packed) == EVERYTHING
    outside = name.format(root=build)
    path = build / listing
    if listing.endswith(".a"):
        path.unlink()
        (build / "lib/lib").mkdir(exist_ok=True)
        ar(path.parent, path.name, outside if listing == "built-in.a" or name[0] == "{" else f"../{outside}")
    else:
        (build / "lib/../../elsewhere/host.mod").write_text("init/main.o\n")
        path.write_text(f"{path.read_text()}{outside}\n")
    with pytest.raises(
        ObjectError, match=rf"{listing}: names .*host.*, which leads out of the build's folder"
    ):
        read(build, packed)


@pytest.mark.parametrize("listed", [True, False])
def test_a_link_that_leads_out(build: Path, listed: bool) -> None:
    """Of an object, or of a folder on the way."""
    if not listed:
        for name in ("built-in.a", "lib/lib.a", "modules.order"):
            (build / name).unlink()
    (build / "lib/string.o").unlink()
    (build / "lib/string.o").symlink_to("../init/main.o")
    assert len(read(build, packed=False)) == 4
    (build / "lib/string.o").unlink()
    (build / "lib/string.o").symlink_to("../../elsewhere/host.o")
    with pytest.raises(ObjectError, match=r"names lib/string\.o, which leads out"):
        read(build, packed=False)
    if listed:
        (build / "lib/string.o").unlink()
        (build / "far").symlink_to("../elsewhere")
        (build / "drivers/storage.mod").write_text("far/host.o\n")
        with pytest.raises(ObjectError, match=r"storage\.mod: names far/host\.o, which leads out"):
            read(build, packed=False)


def test_absolute_names_of_what_is_inside(build: Path) -> None:
    """As modules.order and .mod of an external module have them until Linux 6.12, by whatever name of the folder."""
    other = build.parent / "other name"
    other.symlink_to(build)
    (build / "modules.order").write_text(f"{build}/drivers/storage.ko\n")
    (build / "drivers/storage.mod").write_text(f"{build}/drivers/disk.o {build}/drivers/disk_queue.o\n\n")
    assert read(other, packed=False) == EVERYTHING


@pytest.mark.parametrize("name", ["drivers/\0.o", "drivers/\x1b[2J.o", "d/" * 2000 + "x.o", "x" * 300 + ".o"])
def test_names_that_no_file_has(build: Path, name: str) -> None:
    (build / "drivers/storage.mod").write_text(f"drivers/disk.o\n{name}\n")
    with pytest.raises(ObjectError, match=r"storage\.mod: names ") as error:
        read(build, packed=False)
    assert len(str(error.value)) < 400
    (build / "modules.order").write_text(f"{name}\n")
    with pytest.raises(KabicheckError):
        read(build, packed=False)


@pytest.mark.parametrize("listing", ["built-in.a", "modules.order", "drivers/storage.mod", "lib/lib.a"])
def test_a_list_that_was_cut_short(build: Path, listing: str) -> None:
    """But where a line, or a whole list, is missing, which is what another build could have; objects tell."""
    path = build / listing
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        try:
            found = read_directory(build)
        except KabicheckError:
            continue
        assert content[:end].endswith(b"\n") or not end, end
        missing = EVERYTHING - {built.path for built in found.objects}
        assert not missing or all(name in found.notes[0] for name in sorted(missing)[:3]), end


def test_damaged_lists(build: Path) -> None:
    for listing, text, problem in (
        (
            "modules.order",
            "drivers/storage.p\n",
            "modules.order: names 'drivers/storage.p', which is no module",
        ),
        (
            "drivers/storage.mod",
            "drivers/disk.o\ndrivers/disk_queue.n\n",
            "disk_queue.n', which is no object",
        ),
        ("drivers/storage.mod", "drivers/disk.o drivers/disk_queue.n\n", "disk_queue.n', which is no object"),
        ("drivers/storage.mod", "\n", "storage.mod: names no object file"),
    ):
        before = (build / listing).read_text()
        (build / listing).write_text(text)
        with pytest.raises(ObjectError, match=problem):
            read(build, packed=False)
        (build / listing).write_text(before)
    (build / "init/main.o").rename(build / "init/main.a")
    (build / "built-in.a").unlink()
    ar(build, "built-in.a", "init/main.a")
    with pytest.raises(ObjectError, match=r"names 'init/main\.a', which is no object file"):
        read(build, packed=False)


def test_symbols_beside_a_module_s_objects(tmp_path: Path) -> None:
    """Until Linux 5.18 with CONFIG_TRIM_UNUSED_KSYMS."""
    listing = tmp_path / "x.mod"
    listing.write_text("a/b.o a/c.o\nprintk .TOC. __this_module\n")
    assert module_parts(listing) == ["a/b.o", "a/c.o"]
    listing.write_text("a/b.o\n\n")
    assert module_parts(listing) == ["a/b.o"]
