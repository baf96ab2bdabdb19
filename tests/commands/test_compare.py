"""`kabicheck compare` on each kind of input, from the command line to the exit status."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from kabicheck.cli import main
from tests.compare.fixture_pairs import compile_side

if TYPE_CHECKING:
    from pathlib import Path

INT = "base_type int byte_size(4) encoding(5)"


@pytest.fixture
def objects(tmp_path: Path) -> tuple[Path, Path]:
    """One object before and after a member of a structure changed."""
    return compile_side("member_retyped", "old", tmp_path), compile_side("member_retyped", "new", tmp_path)


def symvers(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def symtypes(path: Path, member: str = "x") -> Path:
    """An export `f` of a `struct a` with one member."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"structure_type a {{ member {INT} {member} data_member_location(0) }} byte_size(4)"
    path.write_text(f"f variable s#a\ns#a {text}\n")
    return path


def test_object_files(objects: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    old, new = map(str, objects)
    assert main(["compare", old, new]) == 1
    out = capsys.readouterr().out
    assert "struct async_domain: member type changed, bit-field changed" in out
    assert "2 exports change: async_schedule" in out
    assert "note: OLD and NEW are the same" not in out
    assert main(["compare", new, new]) == 0
    assert "note: OLD and NEW are the same file or folder\n" in capsys.readouterr().out


def test_folders_of_objects_in_several_processes(objects: tuple[Path, Path], tmp_path: Path) -> None:
    for side, obj in zip(("old", "new"), objects, strict=True):
        for name in ("lib/one.o", "net/two.o"):
            (tmp_path / side / name).parent.mkdir(parents=True)
            shutil.copy(obj, tmp_path / side / name)
    xml = tmp_path / "out.xml"
    command = ["compare", str(tmp_path / "old"), str(tmp_path / "new"), "-j", "2", "-o", f"junit:{xml}"]
    assert main(command) == 1
    root = etree.parse(xml).getroot()
    assert (root.get("tests"), root.get("failures")) == ("6", "4")
    assert {case.get("classname") for case in root.iter("testcase")} == {"vmlinux.lib/one", "vmlinux.net/two"}


def test_what_modpost_writes_is_not_compared(objects: tuple[Path, Path], tmp_path: Path) -> None:
    """It exports what modules and vmlinux export, without a type."""
    bare = tmp_path / "bare.o"
    subprocess.run(["objcopy", "--strip-debug", objects[0], bare], check=True)
    folder = tmp_path / "build"
    folder.mkdir()
    shutil.copy(objects[0], folder / "one.o")
    for name in ("one.mod.o", ".vmlinux.export.o"):
        shutil.copy(bare, folder / name)
    assert main(["compare", str(folder), str(folder)]) == 0
    (folder / "one.o").rename(folder / "two.o")
    assert main(["compare", str(folder), str(folder)]) == 2, "nobody knows whose exports these are"


def test_an_error_in_a_worker_is_one_line(
    objects: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        for name in ("one.o", "two.o"):
            shutil.copy(objects[0], tmp_path / side / name)
    stripped = tmp_path / "new" / "two.o"
    subprocess.run(["objcopy", "--strip-debug", stripped], check=True)
    assert main(["compare", str(tmp_path / "old"), str(tmp_path / "new"), "-j", "2"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"kabicheck: error: {stripped}: no debug information")
    assert len(error.splitlines()) == 1


def test_symtypes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = symtypes(tmp_path / "old.symtypes"), symtypes(tmp_path / "new.symtypes", "y")
    assert main(["compare", str(old), str(new)]) == 1
    assert "struct a: only names changed" in capsys.readouterr().out
    old, new = symtypes(tmp_path / "a/lib/x.symtypes"), symtypes(tmp_path / "b/lib/x.symtypes")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    moved = symtypes(tmp_path / "c/net/x.symtypes", "y")
    assert main(["compare", str(tmp_path / "a"), str(moved.parents[1])]) == 1
    assert "struct a: only names changed" in capsys.readouterr().out


def test_symtypes_of_genksyms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.symtypes", tmp_path / "new.symtypes"
    old.write_text("s#a struct a { int x ; } \nf void f ( s#a * ) \ng int g ( void ) \n")
    new.write_text("s#a struct a { int x ; int y ; } \nf void f ( s#a * ) \ng int g ( void ) \n")
    assert main(["compare", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    assert "struct a: " in out
    assert "FAILED: 1 export changed by 1 cause" in out


def test_module_symvers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = symvers(
        tmp_path / "old",
        "0x00000001\tf\tvmlinux\tEXPORT_SYMBOL\t",
        "0x00000002\tg\tvmlinux\tEXPORT_SYMBOL\t",
    )
    new = symvers(
        tmp_path / "new", "0x00000001\tf\tx\tEXPORT_SYMBOL\t", "0x00000003\tg\tvmlinux\tEXPORT_SYMBOL\t"
    )
    assert main(["compare", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    assert "note: Module.symvers holds versions only" in out
    assert "g: 0x00000002 → 0x00000003  (vmlinux)" in out
    assert "f: moved from vmlinux to x" in out
    none = symvers(tmp_path / "none", "0x00000000\tf\tvmlinux\tEXPORT_SYMBOL\t")
    assert main(["compare", str(none), str(none)]) == 2


def test_only_new_exports_do_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "0x00000001\tf\tvmlinux\tEXPORT_SYMBOL\t"
    old = symvers(tmp_path / "old", line)
    new = symvers(tmp_path / "new", line, line.replace("f", "g"))
    assert main(["compare", str(old), str(new)]) == 0
    assert "OK: 1 export added" in capsys.readouterr().out


@pytest.mark.parametrize("broken", ["missing", "text", "empty", "folder", "mixed"])
def test_what_cannot_be_compared(broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = new = tmp_path / broken
    if broken == "text":
        old.write_text("hello\n")
    elif broken == "empty":
        old.write_bytes(b"")
    elif broken == "folder":
        old.mkdir()
    elif broken == "mixed":
        old = symvers(old, "0x00000001\tf\tvmlinux\tEXPORT_SYMBOL\t")
        new = symtypes(tmp_path / "x.symtypes")
    assert main(["compare", str(old), str(new)]) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err.startswith("kabicheck: error: ")
    assert len(captured.err.splitlines()) == 1


def test_other_compilers_are_not_compared(
    objects: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = objects[0].parent
    subprocess.run(
        ["gcc", "-c", "-gdwarf-4", "-O0", "-fno-pic", "object.c", "-o", tmp_path / "dwarf4.o"],
        cwd=source,
        check=True,
    )
    assert main(["compare", str(objects[0]), str(tmp_path / "dwarf4.o")]) == 2
    assert "DWARF version 5 on the old side, 4 on the new one" in capsys.readouterr().err


def test_outputs_are_whole_or_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = symtypes(tmp_path / "x.symtypes")
    text, xml = tmp_path / "out.txt", tmp_path / "out.xml"
    text.write_text("what was there before")
    assert main(["compare", str(path), str(path), "-o", f"text:{text}", "-o", f"junit:{xml}"]) == 0
    assert text.read_text().endswith("none changed\n")
    assert text.stat().st_mode & 0o777 == path.stat().st_mode & 0o777
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out.txt", "out.xml", "x.symtypes"]
    assert not capsys.readouterr().out
    assert main(["compare", str(path), str(path), "-o", f"text:{xml}/none"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["compare", "missing", "missing", "-o", "nonsense"]) == 2
    assert "no such output format" in capsys.readouterr().err


def test_colour_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = symtypes(tmp_path / "old.symtypes"), symtypes(tmp_path / "new.symtypes", "y")
    main(["compare", str(old), str(new), "--color=always"])
    coloured = capsys.readouterr().out
    main(["compare", str(old), str(new)])
    plain = capsys.readouterr().out
    assert "\x1b[31m  -         int x;" in coloured
    assert "\x1b" not in plain


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, io\nfrom kabicheck.cli import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main(['compare', '--help'])\n"
        "print(sorted({'pygit2', 'elftools', 'rich', 'junit_xml'} & {m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
