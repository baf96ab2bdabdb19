"""Where members and parameters stand, in objects of a real compiler and in damaged ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.model import Location
from kabicheck.symver.locations import Locations
from kabicheck.symver.object import read_symbols
from tests.dwarf_writer import Unit, die, member, struct_type, write

HEADER = """\
struct inner {
	int deep;
};

struct outer {
	int a;
	struct inner named;
	union {
		long b;
		struct {
			short c,
				d;
		};
	};
	struct {
		int e;
	} u;
	struct outer *next;
	int :3;
};

typedef struct {
	int f;
} unnamed_t;

typedef struct outer outer_t;
typedef int (*call_t)(int x);
enum color { RED, GREEN };
"""

SOURCE = """\
#include "outer.h"

struct { int g; } v;
struct outer w;
enum color c;
call_t t;
unnamed_t n;
int plain;

int f(struct outer *first,
      outer_t *second)
{
	return first == second;
}
"""


@pytest.mark.parametrize("dwarf", [4, 5])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_members_and_parameters_have_places(compiler: str, dwarf: int, tmp_path: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    (tmp_path / "outer.h").write_text(HEADER)
    (tmp_path / "x.c").write_text(SOURCE)
    command = [compiler, f"-gdwarf-{dwarf}", "-O2", "-c", "x.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    names = [
        "s#inner",
        "s#outer",
        "t#outer_t",
        "t#unnamed_t",
        "t#call_t",
        "e#color",
        *"vwctnf",
        "plain",
        "absent",
    ]
    found = read_symbols(tmp_path / "x.o", [*"vwctnf", "plain"]).members(names)
    lines = {name: {key: place.line for key, place in places.items()} for name, places in found.items()}
    assert lines == {
        "s#inner": {"deep": 2},
        "s#outer": {"a": 6, "named": 7, "b": 9, "c": 11, "d": 12, "u": 17, "u.e": 16, "next": 18},
        "t#unnamed_t": {"f": 23},
        "v": {"g": 3},
        "f": {"first": 10, "second": 11},
    }
    files = {name: {Path(place.file).name for place in places.values()} for name, places in found.items()}
    assert files == {name: {"x.c" if len(name) == 1 else "outer.h"} for name in found}


def test_types_that_hold_themselves_end() -> None:
    int_type = die("base_type", name="int", byte_size=4)
    inner = struct_type(None, member("a", int_type, decl_file=1, decl_line=2))
    inner.children.append(member("b", inner, decl_file=1, decl_line=3))
    inner.children.append(member("c", inner, decl_file=1, decl_line=4))
    circle = die("typedef", name="t")
    circle.attributes.append(("type", die("const_type", type=circle)))
    content = write([Unit(inner, circle, files=["x.h"], comp_dir="/src")])
    info = DebugInfo(Image("x.o", content))
    reader = DieReader(info, info.units[0])
    dies = dict(
        zip(("inner", "circle"), (each.offset for each in reader.children(reader.root())), strict=False)
    )
    places = {"a": Location("/src/x.h", 2), "b": Location("/src/x.h", 3), "c": Location("/src/x.h", 4)}
    assert Locations(info).members(dies) == {"inner": places}
