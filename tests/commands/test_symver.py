"""`kabicheck symver`, from the command line to the exit status: a drop-in for gendwarfksyms."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.dwarf_writer import (
    Unit,
    die,
    exported,
    function,
    member,
    pointer,
    rules,
    struct_type,
    variable,
    write,
)
from tests.elf_writer import Symbol
from tests.kabi_macros import compile_header
from tests.oracle.gendwarfksyms import kabicheck

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.dwarf_writer import Die
    from tests.elf_writer import Section

INT = "base_type int byte_size(4) encoding(5)"


def integer() -> Die:
    return die("base_type", name="int", byte_size=4, encoding=5)


@pytest.fixture
def obj(tmp_path: Path) -> str:
    """`v` is a structure, `f` and `g` take it; `h` is an alias of `g`; `f` and `g` are exported."""
    s = struct_type("s", member("a", integer()), byte_size=4)
    section, labels = exported(("f", "GPL", ""), ("g", "", ""))
    aliases = [Symbol("g", ".text", 8), Symbol("h", ".text", 8)]
    return make(
        tmp_path / "x.o", variable("v", s), function("f", s), function("g", pointer(s)),
        symbols=[*labels, *aliases], sections=[section],
    )  # fmt: skip


def make(path: Path, *dies: Die, symbols: Sequence[Symbol] = (), sections: Sequence[Section] = ()) -> str:
    path.write_bytes(write([Unit(*dies)], symbols, sections))
    return str(path)


def symver(*arguments: str, names: str = "") -> tuple[int, list[str], str]:
    """Exit status, lines of standard output, standard error."""
    status, out, errors = kabicheck(["symver", *arguments], names)
    assert "Traceback" not in errors
    return status, out.splitlines(), errors


def one_error(errors: str) -> str:
    """The only line of standard error."""
    (line,) = errors.splitlines()
    assert line.startswith("kabicheck: error: ")
    assert "internal error" not in line
    return line


# --- with a list ---------------------------------------------------------------------------------------


def test_versions_of_listed_symbols(obj: str) -> None:
    status, out, errors = symver(obj, names="v\nf\ng\n")
    assert (status, errors) == (0, "")
    # the CRCs and the order are those of the kernel's gendwarfksyms
    assert out == ["#SYMVER v 0x0da7ace0", "#SYMVER g 0x55c18b0c", "#SYMVER f 0x021c3703"]


def test_a_missing_symbol_is_a_warning(obj: str) -> None:
    status, out, errors = symver(obj, names="absent\nv\n")
    assert status == 0
    assert "#SYMVER absent 0x00000000" in out
    assert len(out) == 2
    assert errors == "kabicheck: warning: no information for symbol absent\n"


def test_an_empty_list(obj: str, tmp_path: Path) -> None:
    """Nothing is read and nothing written, as in the C tool."""
    types = tmp_path / "types"
    assert symver("-T", str(types), obj, str(tmp_path / "absent.o")) == (0, [], "")
    assert not types.exists()


def test_duplicates_are_ignored(obj: str) -> None:
    assert symver(obj, names="v\nv\nv\n") == symver(obj, names="v\n")


def test_the_first_word_of_a_line_counts(obj: str) -> None:
    assert symver(obj, names="  v\tEXPORT_SYMBOL\nf x\r\n") == symver(obj, names="v\nf\n")
    assert symver(obj, names="v\nf") == symver(obj, names="v\nf\n")


@pytest.mark.parametrize(("names", "line"), [("\n", 1), ("v\n\nf\n", 2), ("v\n \t\n", 2)])
def test_a_malformed_line(obj: str, names: str, line: int) -> None:
    status, out, errors = symver(obj, names=names)
    assert (status, out) == (2, [])
    assert f"standard input, line {line}: malformed input line" in one_error(errors)


@pytest.mark.parametrize("name", [b"na\xc3\xa0ve", b"\xff\x85\xa0", b"\x1c\x1d", b"caf\xe9"])
def test_names_are_bytes(name: bytes, tmp_path: Path) -> None:
    """Only what isspace knows in the C locale ends a name."""
    path = make(tmp_path / "x.o", variable(name.decode("latin-1"), integer()))
    command = [sys.executable, "-m", "kabicheck", "symver", "--dump-versions", path]
    done = subprocess.run(command, input=name + b"\n", capture_output=True, check=True)
    assert done.stdout.startswith(b"#SYMVER " + name + b" 0x")
    assert done.stderr == name + f" variable {INT}\n".encode()


def test_aliases(obj: str) -> None:
    out = symver(obj, names="g\nh\n")[1]
    assert len({line.split()[2] for line in out}) == 1
    assert {line.split()[1] for line in out} == {"g", "h"}


# --- several objects -----------------------------------------------------------------------------------


def test_objects_are_independent(tmp_path: Path) -> None:
    """The C tool mixes their symbols' addresses, and gives `a` the version of `b` in the other object."""
    s = struct_type("s", member("a", integer()))
    one = make(tmp_path / "one.o", variable("a", integer()), symbols=[Symbol("a", ".data", 8)])
    two = make(tmp_path / "two.o", variable("b", s), symbols=[Symbol("b", ".data", 8)])
    alone = symver(one, names="a\n")[1] + symver(two, names="b\n")[1]
    for order in ((one, two), (two, one)):
        status, out, errors = symver(*order, names="a\nb\n")
        assert (status, errors) == (0, "")
        assert sorted(out) == sorted(alone)


def test_where_several_objects_define_a_symbol_the_first_counts(tmp_path: Path) -> None:
    one = make(tmp_path / "one.o", variable("v", integer()))
    two = make(tmp_path / "two.o", variable("v", struct_type("s")))
    assert symver(one, two, names="v\n") == symver(one, names="v\n")
    assert symver(two, one, names="v\n") == symver(two, names="v\n")
    assert symver(one, names="v\n") != symver(two, names="v\n")


# --- every export --------------------------------------------------------------------------------------


def test_every_export(obj: str) -> None:
    status, out, errors = symver("--exports", obj)
    assert (status, errors) == (0, "")
    assert sorted(out) == sorted(symver(obj, names="f\ng\n")[1])
    assert symver("--exports", obj, names="rubbish that is not read\n\n") == (0, out, "")


def test_an_export_without_a_version(tmp_path: Path) -> None:
    section, labels = exported(("v", "", ""), ("absent", "", ""))
    path = make(tmp_path / "x.o", variable("v", integer()), symbols=labels, sections=[section])
    status, out, errors = symver("--exports", path)
    assert status == 2
    assert [line.split()[1] for line in out] == ["v"]
    assert f"{path}: no version for absent: " in one_error(errors)


def test_nothing_is_exported(tmp_path: Path) -> None:
    path = make(tmp_path / "x.o", variable("v", integer()))
    status, out, errors = symver("--exports", path)
    assert (status, out) == (2, [])
    assert one_error(errors) == f"kabicheck: error: {path}: exports nothing"


# --- options -------------------------------------------------------------------------------------------


def test_a_symtypes_file(obj: str, tmp_path: Path) -> None:
    types = tmp_path / "x.symtypes"
    plain = symver(obj, names="v\ng\nh\n")
    for option in ("-T", "--symtypes"):
        types.unlink(missing_ok=True)
        assert symver(option, str(types), obj, names="v\ng\nh\n") == plain
        assert types.read_text() == (
            "g subprogram ( formal_parameter pointer_type { s#s } byte_size(8) ) -> base_type void\n"
            "h subprogram ( formal_parameter pointer_type { s#s } byte_size(8) ) -> base_type void\n"
            f"s#s structure_type s {{ member {INT} a }} byte_size(4)\n"
            "v variable s#s\n"
        )


def test_a_symtypes_file_of_several_objects(obj: str, tmp_path: Path) -> None:
    other = make(tmp_path / "other.o", variable("w", integer()))
    types = tmp_path / "all.symtypes"
    symver("-T", str(types), obj, other, names="v\nw\n")
    assert [line.split()[0] for line in types.read_text().splitlines()] == ["s#s", "v", "w"]


def test_a_symtypes_file_that_cannot_be_written(obj: str, tmp_path: Path) -> None:
    for path in (tmp_path / "absent" / "x.symtypes", tmp_path):
        status, _, errors = symver("-T", str(path), obj, names="v\n")
        assert status == 2
        assert str(path) in one_error(errors)


def test_dumps(obj: str) -> None:
    status, out, errors = symver("--dump-types", obj, names="v\n")
    assert (status, out) == (0, symver(obj, names="v\n")[1])
    s = f"structure_type s {{ member {INT} a }} byte_size(4)"
    assert sorted(errors.splitlines()) == [f"s#s {s}", "v variable s#s"]
    assert symver("--dump-versions", obj, names="v\n") == (0, out, f"v variable {s}\n")


def test_stable(tmp_path: Path) -> None:
    s = struct_type("s", byte_size=4)
    path = make(tmp_path / "x.o", variable("v", s), sections=[rules(("byte_size", "s", "8"))])
    for option in ("-s", "--stable"):
        _, out, errors = symver(option, "--dump-versions", path, names="v\n")
        assert errors == "v variable structure_type s { } byte_size(8)\n"
        assert out != symver(path, names="v\n")[1]


@pytest.mark.parametrize("option", ["-d", "--debug", "--dump-dies", "--dump-die-map"])
def test_refused_options(option: str, obj: str) -> None:
    status, out, errors = symver(option, obj, names="v\n")
    assert (status, out) == (2, [])
    assert "--dump-types and --dump-versions" in one_error(errors)


def test_no_objects() -> None:
    with pytest.raises(SystemExit) as caught:
        kabicheck(["symver"], "v\n")
    assert caught.value.code == 2


# --- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--exports",)], ids=["listed", "exports"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an ELF file"),
        (b"rubbish" * 100, "not an ELF file"),
        (b"\x7fELF\x02\x01\x01" + b"x" * 99, ""),
    ],
)
def test_rubbish(content: bytes, words: str, options: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(content)
    status, out, errors = symver(*options, str(path), names="v\n")
    assert (status, out) == (2, [])
    line = one_error(errors)
    assert line.startswith(f"kabicheck: error: {path}: ")
    assert words in line


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.o", tmp_path):
        status, _, errors = symver(str(path), names="v\n")
        assert status == 2
        assert one_error(errors).startswith(f"kabicheck: error: {path}: cannot be read (")


def test_no_debug_information(tmp_path: Path) -> None:
    section, labels = exported(("v", "", ""))
    path = tmp_path / "x.o"
    path.write_bytes(write([], labels, [section]))
    for options in ((), ("--exports",)):
        status, _, errors = symver(*options, str(path), names="v\n")
        assert status == 2
        assert "no debug information" in one_error(errors)


def test_warnings_are_safe_for_a_terminal(tmp_path: Path) -> None:
    name = "s\x1b[31m\r\nkabicheck: error: "
    one, two = struct_type(name, member("a", integer())), struct_type(name, member("b", integer()))
    path = make(tmp_path / "x.o", variable("v", one), variable("w", two))
    status, _, errors = symver(path, names="v\nw\n")
    assert status == 0
    (line,) = errors.splitlines()
    assert line.startswith(f"kabicheck: warning: {path}: s#")
    assert line.isprintable()


# --- rules outside the objects -------------------------------------------------------------------------


def test_rules_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = "struct s { int a; %s long b; };"
    old, new = (
        compile_header(header % added, tmp_path / side / "x.o", "struct s v;", ("v",))
        for side, added in (("old", ""), ("new", "int n;"))
    )
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[kabi]]\nrule = "member_ignore"\ntarget = "s n"\n[[kabi]]\nrule = "declonly"\ntarget = "t"\n'
    )
    assert main(["symver", "--exports", str(old)]) == 0
    before = capsys.readouterr().out
    assert main(["symver", "--exports", str(new)]) == 0
    assert capsys.readouterr().out != before
    assert main(["symver", "--exports", "--kabi", str(rules), str(new)]) == 0
    captured = capsys.readouterr()
    assert captured.out == before
    assert captured.err == f"kabicheck: warning: {rules}: [[kabi]] 2: declonly t: applies to nothing\n"
    rules.write_text('[[kabi]]\nrule = "member_ignore"\n')
    assert main(["symver", "--exports", "--kabi", str(rules), str(new)]) == 2
    assert f"{rules}: [[kabi]] 1: target is missing" in capsys.readouterr().err
