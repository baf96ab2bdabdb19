"""Which DIE is a symbol's, who shares its version, and in which order symbols are listed."""

from __future__ import annotations

import pytest

from kabicheck.errors import ObjectError
from kabicheck.symver.symbols import State, Symbols
from tests.dwarf_writer import Unit, die, function, pointer, struct_type, variable
from tests.elf_writer import LOCAL, WEAK, Symbol
from tests.symver.objects import INT, INT_TEXT, version

VOID_FUNCTION = "subprogram ( ) -> base_type void"


@pytest.mark.parametrize(
    ("listed", "printed"),
    # as the kernel's gendwarfksyms prints them
    [
        (
            "a b c d e f g h kmalloc kfree kobject_add printk zz y1 y2 y3 y4 y5",
            "y1 kmalloc y2 e y3 printk d g kobject_add h f y4 a y5 kfree zz c b",
        ),
        ("sym14 sym199 sym1949", "sym1949 sym199 sym14"),  # one bucket: the last comes first
        ("sym1949 sym199 sym14", "sym14 sym199 sym1949"),
        (
            "caf\xe9 \xff\xfe na\xc3\xafve plain other third",
            "third caf\xe9 other na\xc3\xafve \xff\xfe plain",
        ),
        ("b b a b", "a b"),  # duplicates are ignored
        ("f __gendwarfksyms_ptr_f", "f"),
    ],
)
def test_the_order_of_the_hash_table(listed: str, printed: str) -> None:
    symbols = Symbols(listed.split())
    assert " ".join(symbol.name for symbol in symbols) == printed
    assert len(symbols) == len(printed.split())


def test_aliases_share_a_version() -> None:
    at = [Symbol(name, ".text", 0x10) for name in ("f", "alias")]
    weak = Symbol("weak", ".text", 0x10, binding=WEAK)
    other = [Symbol("other", ".text", 0x20), Symbol("data", ".data", 0x10)]
    local = Symbol("local", ".text", 0x10, binding=LOCAL)
    names = ("f", "alias", "weak", "other", "data", "local", "nowhere", "undefined")
    answer = version(function("f"), names=names, symbols=[*at, weak, *other, local, Symbol("undefined")])
    assert answer.types == dict.fromkeys(("alias", "f", "weak"), VOID_FUNCTION)
    assert set(answer.versions) == {"f", "alias", "weak"}
    assert len(set(answer.versions.values())) == 1


def test_undefined_symbols_are_at_no_address() -> None:
    answer = version(function("f"), names=("f", "g"), symbols=[Symbol("f"), Symbol("g")])
    assert set(answer.versions) == {"f"}


def test_an_alias_is_described_once() -> None:
    """The DIE that comes first counts for both names; the other one is never looked at."""
    symbols = [Symbol("a", ".data", 8), Symbol("b", ".data", 8)]
    answer = version(variable("b", INT), variable("a", struct_type("s")), names=("a", "b"), symbols=symbols)
    assert answer.types == {"a": f"variable {INT_TEXT}", "b": f"variable {INT_TEXT}"}


def test_two_addresses() -> None:
    symbols = [Symbol("v", ".data", 8), Symbol("v", ".data", 16), Symbol("v", ".data", 8)]
    answer = version(variable("v", INT), symbols=symbols)
    assert answer.warnings == ["multiple addresses for symbol v?"]
    assert set(answer.versions) == {"v"}


def test_the_first_die_wins() -> None:
    """`extern int a[]; int a[5];`: declarations count, and DW_AT_specification is not followed."""
    array = die("array_type", die("subrange_type"), type=INT)
    declared = die("variable", name="a", type=array, declaration=True, external=True)
    whole = die("array_type", die("subrange_type", upper_bound=4), type=INT)
    defined = die("variable", specification=declared, type=whole)
    assert version(declared, defined, names=("a",)).types == {"a": f"variable array_type[] {{ {INT_TEXT} }}"}
    again = variable("a", whole)
    assert version(declared, again, names=("a",)).types == {"a": f"variable array_type[] {{ {INT_TEXT} }}"}
    assert version(again, declared, names=("a",)).types == {"a": f"variable array_type[5] {{ {INT_TEXT} }}"}


def test_the_first_unit_wins() -> None:
    answer = version(Unit(variable("v", INT)), Unit(function("v")), names=("v",))
    assert answer.types == {"v": f"variable {INT_TEXT}"}


def test_abstract_origins() -> None:
    """An inlined function that also stands for itself: its type is the origin's."""
    origin = function("f", INT, type=INT)
    text = f"subprogram ( formal_parameter {INT_TEXT} ) -> {INT_TEXT}"
    concrete = die("subprogram", die("formal_parameter", name="other"), abstract_origin=origin)
    assert version(concrete, origin, names=("f",)).types == {"f": text}
    assert version(origin, concrete, names=("f",)).types == {"f": text}
    renamed = die("subprogram", abstract_origin=origin, linkage_name="g")
    answer = version(renamed, origin, names=("f", "g"))
    assert answer.types == {"f": text, "g": text}
    assert version(renamed, origin, names=("f",)).types == {"f": text}


def test_linkage_names_come_first() -> None:
    each = die("variable", name="v", linkage_name="_Zv", type=INT)
    assert set(version(each, names=("v", "_Zv")).types) == {"_Zv"}


def test_pointers_carry_the_types_of_symbols_that_are_defined_elsewhere() -> None:
    f = die("subroutine_type", die("formal_parameter", type=INT), type=INT)
    s = struct_type("s")
    answer = version(
        variable("__gendwarfksyms_ptr_f", pointer(f)),
        variable("__gendwarfksyms_ptr_v", pointer(s)),
        variable("__gendwarfksyms_ptr_unasked", pointer(INT)),
        names=("f", "v"),
    )
    assert answer.types == {
        "f": f"subprogram ( formal_parameter {INT_TEXT} ) -> {INT_TEXT}",
        "v": "variable s#s",
        "s#s": "structure_type s { }",
    }


def test_a_description_comes_before_a_pointer() -> None:
    v, p = variable("v", INT), variable("__gendwarfksyms_ptr_v", pointer(struct_type("s")))
    for dies in ((v, p), (p, v)):
        assert version(*dies).types == {"v": f"variable {INT_TEXT}"}
    # … within a unit: pointers are followed at the end of each
    assert version(Unit(p), Unit(v)).types["v"] == "variable s#s"


def test_pointers_serve_aliases() -> None:
    symbols = [Symbol("v", ".data", 8), Symbol("w", ".data", 8)]
    answer = version(variable("__gendwarfksyms_ptr_v", pointer(INT)), names=("v", "w"), symbols=symbols)
    assert answer.types == {"v": f"variable {INT_TEXT}", "w": f"variable {INT_TEXT}"}


def test_symbol_pointers_that_are_none() -> None:
    for target, words in ((INT, "is no pointer"), (pointer(), "has no type")):
        with pytest.raises(ObjectError, match=rf"^x\.o: the pointer for v {words} at \.debug_info\+0x"):
            version(variable("__gendwarfksyms_ptr_v", target))


def test_states() -> None:
    symbols = Symbols(["a", "b"])
    assert symbols.get("absent") is None
    assert symbols.get("") is None
    assert symbols.get(None) is None
    a = symbols.get("__gendwarfksyms_ptr_a")
    assert a is not None
    assert a.name == "a"
    symbols.set_die(a, 7)
    assert (a.state, a.die) == (State.MAPPED, 7)
    assert symbols.get("a") is None
    symbols.set_crc(a, 9)
    assert (a.state, a.crc) == (State.PROCESSED, 9)
    assert symbols.wanted == {"a", "b", "__gendwarfksyms_ptr_a", "__gendwarfksyms_ptr_b"}
