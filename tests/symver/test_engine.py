"""The quick way and the exact walk agree on whatever compilers make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.symver.engine import version_symbols
from tests.dwarf_writer import Unit, die, function, member, struct_type, variable, write
from tests.oracle.compilers import compile_source
from tests.parity import corpus
from tests.symver.mutations import Original
from tests.symver.objects import INT, both_ways, version

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dwarf_writer import Die

__all__ = ["corpus"]

PROGRAMS = {
    "callbacks": """\
# 1 "include/a.h"
struct bus; struct device;
typedef int (*match_t)(struct device *, const struct bus *);
struct ops { match_t match; int (*probe)(struct device *, match_t); void (*release)(struct device *); };
struct bus { const char *name; const struct ops *ops; struct device *devices[8]; };
struct device { struct bus *bus; struct device *parent; union { long a; void *b; }; unsigned flags : 3; };
int bus_register(struct bus *bus, match_t match) { return 0; }
void device_release(struct device *dev, int (*how)(struct device *, struct ops *)) {}
struct bus platform_bus;
""",
    "private": """\
# 1 "include/a.h"
struct hidden; enum kind { ONE, TWO = -1, BIG = 0x7fffffff };
typedef struct { enum kind kind; int pair[2][3]; } pair_t;
# 1 "drivers/a.c"
struct hidden { pair_t p; };
struct hidden *open_it(pair_t *p, enum kind k) { return 0; }
extern pair_t pairs[]; pair_t pairs[4];
static int counter; int *counter_pointer = &counter;
""",
    "inlined": """\
# 1 "include/a.h"
struct list { struct list *next, *prev; };
static inline __attribute__((always_inline)) int empty(const struct list *l) { return l->next == l; }
int list_empty(const struct list *l) { return empty(l); }
int list_two(const struct list *a, const struct list *b) { return empty(a) + empty(b) + list_empty(a); }
extern int list_alias(const struct list *) __attribute__((alias("list_empty"), weak));
""",
}


@pytest.mark.parametrize("options", ["-O0", "-O2", "-gdwarf-4", "-gdwarf-5 -gdwarf64", "-gstrict-dwarf"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program: str, options: str, tmp_path: Path) -> None:
    obj = compile_source(PROGRAMS[program], tmp_path / "x.o", options=["-g", *options.split()])
    names = Original(obj.read_bytes()).globals
    image = Image(obj)
    together = both_ways(image, names)
    assert together.proven
    assert set(together.versions) == set(names)
    for name in names:
        assert both_ways(image, [name]).proven


def test_real_kernel_objects(corpus: Path) -> None:
    proven = 0
    entries = json.loads((corpus / "manifest.json").read_text())
    for entry in entries:
        if (corpus / entry["object"]).stat().st_size < 400_000:
            proven += both_ways(Image(corpus / entry["object"]), entry["exports"]).proven
    assert proven


def test_types_in_another_unit_are_walked_exactly() -> None:
    s = struct_type("s", member("a", INT))
    answer = version(Unit(variable("v", s)), Unit(s, function("f", s)), names=("v", "f"))
    assert not answer.proven
    assert answer.types["v"] == "variable s#s"


@pytest.mark.parametrize("machine", ["x86_64", "i386", "arm", "aarch64", "s390x", "powerpc"])
@pytest.mark.parametrize("dwarf", [4, 5])
@pytest.mark.parametrize("relocations", [True, False])
def test_the_same_on_every_machine(machine: str, dwarf: int, relocations: bool) -> None:
    """What is said counts, not how it is written."""

    def types() -> tuple[Die, Die]:
        integer = die("base_type", name="int", byte_size=4, encoding=5)
        values = die("enumeration_type", die("enumerator", name="E", const_value=-5), name="e", byte_size=4)
        members = member("a", integer, data_member_location=300), member("e", values)
        return integer, struct_type("s", *members, byte_size=70000, decl_file=1)

    _, s = types()
    integer, t = types()
    units = [
        Unit(variable("v", s), files=["a.h"], version=dwarf, siblings=True),
        Unit(function("f", t, type=integer), files=["b.h"], version=dwarf),
    ]
    content = write(units, machine=machine, relocations=relocations)
    answer = both_ways(Image("x.o", content), ("v", "f"))
    assert answer.proven
    text = (
        "structure_type s { member base_type int byte_size(4) encoding(5) a data_member_location(300) , "
        "member enumeration_type e { enumerator E = 18446744073709551611 } byte_size(4) e } byte_size(70000)"
    )
    assert answer.expanded == {
        "v": f"variable {text}",
        "f": f"subprogram ( formal_parameter {text} ) -> base_type int byte_size(4) encoding(5)",
    }


def test_why_the_exact_walk_was_needed() -> None:
    def why(*written: Unit) -> str:
        return version_symbols(DebugInfo(Image("x.o", write(written))), ["v"], None).exact

    s = struct_type("s")
    assert why(Unit(variable("v", s))) == ""
    assert why(Unit(variable("v", s)), Unit(s)) == "a reference outside its unit"
    named = struct_type("s", member("s#s", INT))
    assert why(Unit(variable("v", named))) == "a name that looks like a reference"
