"""Which linked files are meant by folders, and what is read of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import FetchError, NoExports, ObjectError
from kabicheck.objects.directory import read_directory
from kabicheck.pipeline.linked import objects_and_linked_files, read_linked
from kabicheck.progress import SILENT
from tests.symver.links import link

if TYPE_CHECKING:
    from pathlib import Path


def test_objects_and_linked_files(tmp_path: Path) -> None:
    """A folder with objects is a build, of which linked files are no further part."""
    small = link(tmp_path / "build", "small.ko").path
    modules = tmp_path / "modules/kernel"
    modules.mkdir(parents=True)
    (modules / "small.ko").write_bytes(small.read_bytes())
    (modules / "again.ko").symlink_to("small.ko")
    objects, requests = objects_and_linked_files(
        [str(tmp_path / "build"), str(small), str(tmp_path / "modules")]
    )
    assert {built.path for built in objects} >= {"kernel/two.o"}
    assert [(request.path, request.name) for request in requests] == [
        (small, str(small)),
        (modules / "small.ko", "kernel/small.ko"),
    ]


def test_a_file_that_cannot_be_read_is_an_error_and_none_that_exports_something_another(
    tmp_path: Path,
) -> None:
    small = link(tmp_path / "build", "small.ko")
    whole = read_linked(small.path, SILENT)
    exports = {export.name for built in whole.objects if built.unit for export in built.unit.exports}
    assert exports >= small.versions.keys()
    broken = tmp_path / "modules"
    broken.mkdir()
    with pytest.raises(NoExports, match="holds no object, no module and no vmlinux"):
        read_linked(broken, SILENT)
    (broken / "small.ko").write_bytes(small.path.read_bytes())
    (broken / "broken.ko").write_bytes(small.path.read_bytes()[:5000])
    with pytest.raises(ObjectError, match=r"broken\.ko"):
        read_linked(broken, SILENT)


def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    """Since a test may be root, who may read everything, it is one with too long a path."""
    below = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=below)
        below, above = os.open("x" * 250, os.O_RDONLY, dir_fd=below), below
        os.close(above)
    os.close(below)
    with pytest.raises(FetchError, match="xxx: the folder cannot be read: File name too long"):
        objects_and_linked_files([str(tmp_path)])
    with pytest.raises(FetchError, match="xxx: the folder cannot be read: File name too long"):
        read_directory(tmp_path)
