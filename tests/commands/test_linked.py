"""`kabicheck symver --exports` and `kabicheck compare` on vmlinux, modules and folders of them."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.pipeline import linked_surveys, spread
from tests.symver.links import SOURCES, Link, link, run

if TYPE_CHECKING:
    from pathlib import Path


def command(*arguments: str | Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, list[str], str]:
    """Exit status, lines of standard output, standard error."""
    status = main([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    return status, out.splitlines(), err


def lines(small: Link) -> list[str]:
    return sorted(f"#SYMVER {name} 0x{crc:08x}" for name, crc in small.versions.items())


@pytest.fixture
def folder(tmp_path: Path) -> tuple[Path, Link]:
    """A module, packed, one that exports nothing, a link to it, and what is neither."""
    small = link(tmp_path / "k", "small.ko")
    modules = tmp_path / "lib/modules/7.3"
    (modules / "kernel").mkdir(parents=True)
    (modules / "kernel/small.ko.gz").write_bytes(gzip.compress(small.path.read_bytes()))
    (tmp_path / "silent.c").write_text("int here;\n")
    run("gcc", "-g", "-c", "silent.c", cwd=tmp_path)
    record = ["--add-section", ".gnu.linkonce.this_module=silent.c"]
    run("objcopy", *record, "silent.o", modules / "silent.ko", cwd=tmp_path)
    (modules / "again.ko").symlink_to("silent.ko")
    (modules / "modules.dep").write_text("kernel/small.ko.gz:\n")
    return modules, small


def test_all_of_a_folder_is_versioned(folder: tuple[Path, Link], capfd: pytest.CaptureFixture[str]) -> None:
    modules, small = folder
    status, out, err = command("symver", "--exports", modules, capfd=capfd)
    assert sorted(out) == lines(small)
    assert status == 2
    assert "error: small: no version for 1 export: its type is in no linked file" in err
    assert "2 linked files, 1 without exports; 3 units with exports; 13 exports, 1 without" in err


def test_links_that_lead_out_of_a_folder_count(
    folder: tuple[Path, Link], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, small = folder
    links = tmp_path / "links"
    links.mkdir()
    (links / "small.ko").symlink_to(small.path)
    (links / "once-more.ko").symlink_to("small.ko")
    assert sorted(command("symver", "--exports", links, capfd=capfd)[1]) == lines(small)
    (links / "gone.ko").symlink_to("nowhere")
    (links / "round.ko").symlink_to("round.ko")
    status, out, err = command("symver", "--exports", links, capfd=capfd)
    assert (status, sorted(out)) == (2, lines(small))
    assert "gone.ko: cannot be read (No such file" in err
    assert "round.ko: cannot be read (Too many levels" in err


def test_processes_say_what_one_says(
    folder: tuple[Path, Link], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    modules, _ = folder
    vmlinux = link(modules.parent / "k", "vmlinux").path
    one = command("symver", "--exports", "--no-cache", "-j1", vmlinux, modules, capfd=capfd)
    monkeypatch.setattr(spread, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(linked_surveys, "LARGE", 0)
    monkeypatch.setattr(linked_surveys, "UNITS", 1)
    assert command("symver", "--exports", "--no-cache", "-j2", vmlinux, modules, capfd=capfd) == one
    assert len(one[1]) == 14 + 12


def test_a_damaged_module_does_not_hide_the_others(
    folder: tuple[Path, Link], capfd: pytest.CaptureFixture[str]
) -> None:
    modules, small = folder
    (modules / "broken.ko").write_bytes(small.path.read_bytes()[:5000])
    status, out, err = command("symver", "--exports", modules, capfd=capfd)
    assert (status, sorted(out)) == (2, lines(small))
    assert "broken.ko" in err


@pytest.mark.parametrize("name", ["pipe.o", "pipe.ko", "."])
def test_a_pipe_is_not_waited_for(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for pipe in ("pipe.o", "pipe.ko"):
        os.mkfifo(tmp_path / pipe)
    status, out, err = command("symver", "--exports", tmp_path / name, capfd=capfd)
    assert (status, out) == (2, [])
    assert "not a regular file" in err


def test_lists_that_are_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    link(tmp_path, "vmlinux")
    (tmp_path / "lib/one.mod").write_bytes(b"\xff\xfe\n")
    (tmp_path / "modules.order").write_bytes(b"lib/one.o\nlib/\xff.o\n")
    status, out, err = command("symver", "--exports", tmp_path, capfd=capfd)
    assert (status, out) == (2, [])
    assert "one.mod: names" in err


def test_compare_does_not_wait_for_a_pipe(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.ko")
    status, out, err = command("compare", tmp_path / "pipe.ko", tmp_path / "pipe.ko", capfd=capfd)
    assert (status, out) == (2, [])
    assert "pipe.ko: not a regular file" in err


def test_objects_and_linked_files_together(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    small = link(tmp_path / "k", "small.ko")
    status, out, _ = command("symver", "--exports", tmp_path / "k/kernel/two.o", small.path, capfd=capfd)
    assert status == 2
    assert len(out) == 5 + len(small.versions)


def test_nothing_exported_is_no_success(folder: tuple[Path, Link], capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = command("symver", "--exports", folder[0] / "silent.ko", capfd=capfd)
    assert (status, out) == (2, [])
    assert "nothing is exported" in err


def test_a_folder_with_neither_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, _, err = command("symver", "--exports", tmp_path, capfd=capfd)
    assert status == 2
    assert "holds no object, no module and no vmlinux" in err


def test_rules_of_the_source_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    vmlinux = link(tmp_path / "k", "vmlinux").path
    status, out, err = command("symver", "--exports", "--stable", vmlinux, capfd=capfd)
    assert (status, out) == (2, [])
    assert "kABI rules are in no linked file" in err


def stripped(small: Link, folder: Path, debug: Path) -> Path:
    """A file without debug information, and the debug file."""
    folder.mkdir(parents=True)
    debug.parent.mkdir(parents=True)
    run("objcopy", "--only-keep-debug", small.path, debug, cwd=folder)
    run("objcopy", "--strip-debug", small.path, folder / small.path.name, cwd=folder)
    return folder / small.path.name


@pytest.mark.parametrize("how", ["file", "folder", "beside"])
def test_debug_files_are_found(tmp_path: Path, how: str, capfd: pytest.CaptureFixture[str]) -> None:
    small = link(tmp_path / "k", "small.ko")
    place = tmp_path / "lib/modules/7.3"
    debug = tmp_path / "dbg" / {"folder": "lib/modules/7.3/small.ko"}.get(how, "small.ko.debug")
    if how == "beside":
        debug = place / ".debug/small.ko.debug"
        place.parent.mkdir(parents=True)
        shutil.rmtree(place, ignore_errors=True)
    path = stripped(small, place / "x" if how == "beside" else place, debug)
    if how == "beside":
        path = path.rename(place / path.name)
        run("objcopy", f"--add-gnu-debuglink={debug}", path, cwd=tmp_path)
    given = {"file": debug, "folder": tmp_path / "dbg"}.get(how)
    options = ["--debug-files", str(given)] if given else []
    _, out, _ = command("symver", "--exports", *options, path, capfd=capfd)
    assert sorted(out) == lines(small)


def test_without_its_debug_file_nothing_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    small = link(tmp_path / "k", "small.ko")
    path = stripped(small, tmp_path / "lib", tmp_path / "dbg/other.ko")
    status, out, err = command("symver", "--exports", path, capfd=capfd)
    assert (status, out) == (2, [])
    assert "--debug-files" in err


def test_a_debug_file_of_another_module_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As far as can be told without a build id."""
    small = link(tmp_path / "k", "small.ko")
    path = stripped(small, tmp_path / "lib", tmp_path / "dbg/other.ko")
    symbols = ["--redefine-sym", "__ksymtab_counter=__ksymtab_foreign"]
    run("objcopy", *symbols, tmp_path / "dbg/other.ko", cwd=tmp_path)
    options = ["--debug-files", str(tmp_path / "dbg/other.ko")]
    status, out, err = command("symver", "--exports", *options, path, capfd=capfd)
    assert (status, out) == (2, [])
    assert "other.ko is not its debug file: it has other exports" in err


def test_a_file_without_symbols_is_not_one_without_exports(
    folder: tuple[Path, Link], capfd: pytest.CaptureFixture[str]
) -> None:
    modules, small = folder
    run("strip", "-s", link(modules.parent / "k", "vmlinux").path, "-o", modules / "vmlinux", cwd=modules)
    status, out, err = command("symver", "--exports", modules, capfd=capfd)
    assert (status, sorted(out)) == (2, lines(small))
    assert "error: vmlinux: exports something, but was stripped of its symbol table" in err


@pytest.mark.parametrize("name", ["vmlinux", "small.ko"])
def test_compare_names_what_changed(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = link(tmp_path / "old", name)
    monkeypatch.setitem(SOURCES, "include/hidden.h", "struct hidden { long inner; };\n")
    new = link(tmp_path / "new", name)
    changed = {export for export, crc in old.versions.items() if new.versions[export] != crc}
    assert changed == {"shared", "real", "other"}
    status, out, _ = command("compare", "--no-cache", old.path, new.path, capfd=capfd)
    text = "\n".join(out)
    assert status == 2  # of the assembly export nothing can be said
    assert "struct hidden" in text
    assert "include/hidden.h" in text
    assert "3 exports change" in text
    assert "only_here" in text
    assert "neighbour" not in text


def test_a_unit_that_an_object_is_compared_with_has_no_path(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link(tmp_path / "old", "vmlinux")
    monkeypatch.setitem(SOURCES, "include/hidden.h", "struct hidden { long inner; };\n")
    new = link(tmp_path / "new", "vmlinux")
    sides = tmp_path / "old/lib/one.o", new.path
    status, out, err = command("compare", "--no-cache", *sides, "-o", "json", capfd=capfd)
    assert (status, err) == (1, "")
    changes = json.loads("\n".join(out))["changes"]
    assert {(change["name"], change["object"]) for change in changes} == {
        (name, "") for name in ("shared", "real", "other")
    }


def test_what_can_have_no_version_is_allowed_on_request(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    small = link(tmp_path / "k", "vmlinux").path
    xml = tmp_path / "report.xml"
    status, out, _ = command("compare", "--no-cache", small, small, capfd=capfd)
    assert (status, out[-1].partition(":")[0]) == (2, "FAILED")
    allowing = ["compare", "--no-cache", "--allow-unversioned", "-o", "text", "-o", f"junit:{xml}"]
    status, out, _ = command(*allowing, small, small, capfd=capfd)
    assert status == 0
    assert out[-1] == "OK: 1 export without a version, 1 excused"
    assert "  allowed: without a version on both sides, for the same reason · 1 export" in out
    assert "<error" not in xml.read_text()
    settings = tmp_path / "settings.toml"
    settings.write_text("[policy]\nallow_unversioned = true\n")
    assert command("compare", "--no-cache", "--settings", settings, small, small, capfd=capfd)[0] == 0


def test_compare_with_a_debug_file_leaves_licences_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    small = link(tmp_path / "k", "small.ko")
    debug = tmp_path / "dbg/small.ko"
    stripped(small, tmp_path / "lib", debug)
    _, out, _ = command("compare", "--no-cache", debug, small.path, capfd=capfd)
    text = "\n".join(out)
    assert "does not say which exports are GPL-only" in text
    assert "licence" not in text.replace("licences", "")
