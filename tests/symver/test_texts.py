"""Type strings, checked by hand against dwarf.c and types.c of the kernel's scripts/gendwarfksyms."""

from __future__ import annotations

from zlib import crc32

import pytest

from kabicheck.errors import ObjectError
from tests.dwarf_writer import Die, Form, Unit, die, function, member, pointer, struct_type, variable
from tests.symver.objects import INT, INT_TEXT, Answer, version

MAX = (1 << 64) - 1


def of(target: Die, *others: Die) -> Answer:
    """The types of an object whose variable `v` has this type; the quick way must have an answer."""
    answer = version(variable("v", target), *others)
    assert answer.proven
    return answer


def text(target: Die) -> str:
    """The type string of a variable of this type."""
    string = of(target).types["v"]
    assert string.startswith("variable ")
    return string.removeprefix("variable ")


# --- types that are written out ------------------------------------------------------------------------


def test_base_types() -> None:
    assert text(INT) == INT_TEXT
    assert text(die("base_type", name="long unsigned int", byte_size=8, encoding=7)) == (
        "base_type long unsigned int byte_size(8) encoding(7)"
    )
    assert text(die("base_type", byte_size=8, alignment=8)) == "base_type byte_size(8) alignment(8)"
    assert text(die("unspecified_type", name="decltype(nullptr)")) == "unspecified_type"


@pytest.mark.parametrize(
    "word",
    ["atomic", "const", "immutable", "packed", "pointer", "reference", "restrict", "rvalue_reference", "shared",
     "volatile"],
)  # fmt: skip
def test_modifiers(word: str) -> None:
    assert text(die(f"{word}_type", type=INT)) == f"{word}_type {{ {INT_TEXT} }}"
    assert text(die(f"{word}_type", byte_size=8, alignment=16)) == (
        f"{word}_type {{ base_type void }} byte_size(8) alignment(16)"
    )
    assert text(die(f"{word}_type", name="&str", type=INT)) == f"{word}_type &str {{ {INT_TEXT} }}"


def test_arrays() -> None:
    def array(*subranges: Die) -> str:
        return text(die("array_type", *subranges, type=INT))

    assert array() == f"array_type {{ {INT_TEXT} }}"
    assert array(die("subrange_type")) == f"array_type[] {{ {INT_TEXT} }}"
    assert array(die("subrange_type", count=3)) == f"array_type[3] {{ {INT_TEXT} }}"
    assert array(die("subrange_type", upper_bound=3)) == f"array_type[4] {{ {INT_TEXT} }}"
    assert array(die("subrange_type", upper_bound=9, count=3)) == f"array_type[3] {{ {INT_TEXT} }}"
    assert array(die("subrange_type", upper_bound=-1)) == f"array_type[0] {{ {INT_TEXT} }}"
    assert array(die("subrange_type", upper_bound=-2)) == f"array_type[{MAX}] {{ {INT_TEXT} }}"
    assert array(die("subrange_type", upper_bound=b"\x31")) == f"array_type[] {{ {INT_TEXT} }}"
    assert (
        array(die("subrange_type", count=2), die("subrange_type", count=5))
        == f"array_type[2][5] {{ {INT_TEXT} }}"
    )


def test_functions() -> None:
    def parameters(*types: Die) -> list[Die]:
        return [die("formal_parameter", type=each) for each in types]

    assert text(die("subroutine_type")) == "subroutine_type ( ) -> base_type void"
    assert text(die("subroutine_type", *parameters(INT), type=INT)) == (
        f"subroutine_type ( formal_parameter {INT_TEXT} ) -> {INT_TEXT}"
    )
    assert text(die("subroutine_type", *parameters(INT, pointer()), die("unspecified_parameters"))) == (
        f"subroutine_type ( formal_parameter {INT_TEXT} , "
        "formal_parameter pointer_type { base_type void } byte_size(8) ) -> base_type void"
    )


def test_exported_functions_and_variables() -> None:
    named = die("formal_parameter", name="count", type=INT)
    body = die("lexical_block", die("variable", name="inner", type=INT))
    answer = version(
        die("subprogram", named, die("variable", name="inner", type=INT), body, name="f", type=INT),
        function("g"),
        die("variable", name="v"),
        names=("f", "g", "v", "inner"),
    )
    assert answer.types == {
        "f": f"subprogram ( formal_parameter {INT_TEXT} count ) -> {INT_TEXT}",
        "g": "subprogram ( ) -> base_type void",
        "v": "variable base_type void",
    }


# --- types that are referred to ------------------------------------------------------------------------


def test_typedefs() -> None:
    answer = of(die("typedef", name="u32", type=die("typedef", name="__u32", type=INT)))
    assert answer.types == {
        "v": "variable t#u32",
        "t#u32": "typedef_type u32 { t#__u32 }",
        "t#__u32": f"typedef_type __u32 {{ {INT_TEXT} }}",
    }
    assert answer.expanded["v"] == f"variable typedef_type u32 {{ typedef_type __u32 {{ {INT_TEXT} }} }}"


def test_structures() -> None:
    s = struct_type("s", member("a", INT, data_member_location=0), byte_size=16)
    s.children.append(member("next", pointer(s), data_member_location=8))
    answer = of(s)
    assert answer.types == {
        "v": "variable s#s",
        "s#s": f"structure_type s {{ member {INT_TEXT} a data_member_location(0) , "
        "member pointer_type { s#s } byte_size(8) next data_member_location(8) } byte_size(16)",
    }
    assert answer.expanded["v"] == "variable " + answer.types["s#s"]
    assert answer.versions["v"] == crc32(answer.expanded["v"].encode())


@pytest.mark.parametrize(("tag", "prefix"), [("structure", "s"), ("class", "s"), ("union", "u")])
def test_containers(tag: str, prefix: str) -> None:
    container = die(f"{tag}_type", name="x", byte_size=0, alignment=64)
    assert of(container).types[f"{prefix}#x"] == f"{tag}_type x {{ }} byte_size(0) alignment(64)"


def test_attributes_of_members() -> None:
    each = member(
        "m",
        INT,
        data_member_location=8,
        data_bit_offset=70,
        bit_size=3,
        accessibility=1,
        decl_line=7,
        alignment=4,
    )
    expected = f"member {INT_TEXT} m accessibility(1) bit_size(3) data_bit_offset(70) data_member_location(8)"
    assert of(struct_type("s", each)).types["s#s"] == f"structure_type s {{ {expected} }}"


def test_children_of_structures_that_are_no_members() -> None:
    others = [
        die("template_type_param", name="T", type=INT),
        struct_type("nested", member("n", INT)),
        die("subprogram", die("formal_parameter", type=INT), name="method"),
        die("union_type", name="u"),
        die("class_type", name="c"),
        die("enumeration_type", die("enumerator", name="E", const_value=0), name="e"),
    ]
    for siblings in (False, True):
        s = struct_type("s", member("a", INT), *others, member("b", INT))
        answer = version(Unit(variable("v", s), siblings=siblings))
        assert answer.types == {
            "v": "variable s#s",
            "s#s": f"structure_type s {{ member {INT_TEXT} a , member {INT_TEXT} b }}",
        }
    with pytest.raises(ObjectError, match=r"unexpected member: tag 0x16 at \.debug_info\+0x"):
        version(variable("v", struct_type("s", die("typedef", name="t", type=INT))))


def test_enumerations() -> None:
    enumeration = die(
        "enumeration_type",
        die("enumerator", name="A", const_value=0),
        die("enumerator", name="MINUS", const_value=-1),
        die("enumerator", name="BIG", const_value=Form("data8", MAX - 1)),
        die("enumerator", name="BYTE", const_value=Form("data1", 255)),
        die("enumerator", name="IMPLICIT", const_value=Form("implicit_const", -3)),
        die("enumerator", name="NONE"),
        name="e",
        byte_size=8,
    )
    assert of(enumeration).types["e#e"] == (
        "enumeration_type e { enumerator A = 0 , enumerator MINUS = 18446744073709551615 , "
        "enumerator BIG = 18446744073709551614 , enumerator BYTE = 255 , "
        "enumerator IMPLICIT = 18446744073709551613 , enumerator NONE } byte_size(8)"
    )


def test_variants() -> None:
    """Rust's enumerations."""
    part = die(
        "variant_part",
        member("", INT, data_member_location=0),
        die("variant", member("None", INT), discr_value=0),
        die("variant", member("Some", INT), member("more", INT)),
    )
    del part.children[0].attributes[0]  # the discriminant has no name
    assert of(struct_type("Option", part, byte_size=8)).types["s#Option"] == (
        f"structure_type Option {{ variant_part {{ member {INT_TEXT} data_member_location(0) , "
        f"variant {{ member {INT_TEXT} None }} discr_value(0) , "
        f"variant {{ member {INT_TEXT} Some , member {INT_TEXT} more }} }} }} byte_size(8)"
    )


def test_unnamed_types_are_inlined() -> None:
    inner = struct_type(None, member("x", INT), byte_size=4)
    union = die("union_type", member("s", inner), byte_size=4)
    enumeration = die("enumeration_type", die("enumerator", name="E", const_value=1))
    outer = struct_type("s", die("member", type=union), member("e", enumeration))
    answer = of(outer)
    assert answer.types == {
        "v": "variable s#s",
        "s#s": "structure_type s { member union_type { member structure_type { "
        f"member {INT_TEXT} x }} byte_size(4) s }} byte_size(4) , "
        "member enumeration_type { enumerator E = 1 } e }",
    }


def test_line_breaks() -> None:
    """One space where line breaks meet in one DIE's own pieces; an empty container has two of them."""
    assert text(struct_type(None)) == "structure_type { }"
    assert text(pointer(struct_type(None))) == "pointer_type { structure_type { } } byte_size(8)"
    assert text(die("enumeration_type")) == "enumeration_type { }"
    nested = struct_type(None, die("member", type=struct_type(None)))
    assert text(nested) == "structure_type { member structure_type { } }"


# --- definitions and declarations ----------------------------------------------------------------------


def test_declarations() -> None:
    for flag in (True, Form("flag", True)):
        answer = of(struct_type("s", member("a", INT), declaration=flag, byte_size=4))
        assert answer.types["s#s"] == "structure_type s { }"
    answer = of(struct_type("s", declaration=Form("flag", False), byte_size=4))
    assert answer.types["s#s"] == "structure_type s { } byte_size(4)"


@pytest.mark.parametrize("dwarf", [4, 5])
@pytest.mark.parametrize(
    ("file", "private"),
    [
        ("drivers/a.c", True),
        ("include/a.h", False),
        ("a.c.h", False),
        ("b.inc", False),
        ("A.C", False),
        ("noext", False),
        (".c", True),
    ],
)
def test_definitions_in_c_files_are_private(file: str, private: bool, dwarf: int) -> None:
    containers = {
        "s#s": struct_type("s", member("a", INT), byte_size=4, decl_file=2),
        "u#u": die("union_type", member("a", INT), name="u", byte_size=4, decl_file=2),
        "e#e": die("enumeration_type", die("enumerator", name="E"), name="e", byte_size=4, decl_file=2),
    }
    for reference, container in containers.items():
        unit = Unit(variable("v", container), files=["x.h", file], version=dwarf)
        whole = version(unit).types[reference]
        assert whole.endswith("{ }") is private
        assert whole.endswith("byte_size(4)") is not private
    t = die("typedef", name="t", type=INT, decl_file=2)  # typedefs are never private
    unit = Unit(variable("v", t), files=["x.h", file], version=dwarf)
    assert version(unit).types["t#t"] == f"typedef_type t {{ {INT_TEXT} }}"


def test_a_file_number_that_does_not_exist() -> None:
    s = struct_type("s", decl_file=9)
    with pytest.raises(ObjectError, match=r"^x\.o: file number 9 does not exist at \.debug_info\+0x"):
        version(Unit(variable("v", s), files=["x.h"]))


# --- names ---------------------------------------------------------------------------------------------


def test_names_with_spaces_are_quoted() -> None:
    for tag, prefix in (("structure", "s"), ("union", "u"), ("enumeration", "e")):
        answer = of(die(f"{tag}_type", name="a b"))
        assert answer.types == {"v": f"variable {prefix}#'a b'", f"{prefix}#'a b'": f"{tag}_type a b {{ }}"}
        assert answer.expanded["v"] == f"variable {tag}_type a b {{ }}"


def test_names_of_every_byte() -> None:
    assert of(struct_type("caf\xe9\x7f")).types["v"] == "variable s#caf\xe9\x7f"
    assert of(struct_type("{type#0}<&str, 3>")).types["v"] == "variable s#'{type#0}<&str, 3>'"


def test_scopes() -> None:
    """Namespaces and structures pass their names on; unions, enumerations and functions do not (resolve_fqns)."""
    leaf = struct_type("leaf")
    nested = die("namespace", struct_type("b", leaf), name="a")
    assert version(nested, variable("v", leaf)).types["v"] == "variable s#a::b::leaf"

    leaf, base = struct_type("leaf"), die("base_type", name="u8", byte_size=1)
    nameless = die("namespace", die("namespace", leaf, base), name="a")
    answer = version(nameless, variable("v", leaf), variable("w", base), names=("v", "w"))
    assert answer.types["v"] == "variable s#a::<anonymous>::leaf"
    assert answer.types["w"] == "variable base_type a::<anonymous>::u8 byte_size(1)"

    leaf = struct_type("leaf")
    assert version(die("namespace", leaf), variable("v", leaf)).types["v"] == "variable s#leaf"

    for tag in ("union_type", "subprogram", "enumeration_type"):
        leaf = struct_type("leaf", name_only := struct_type("inner"))
        outer = die("namespace", die(tag, leaf, name="middle"), name="a")
        answer = version(outer, variable("v", leaf), variable("w", name_only), names=("v", "w"))
        assert (answer.types["v"], answer.types["w"]) == ("variable s#leaf", "variable s#leaf::inner")


def test_symbols_in_scopes() -> None:
    """rustc gives exported symbols a linkage name; what functions contain is no symbol."""
    inner = die("variable", name="x", linkage_name="_R1x", type=INT)
    method = die("subprogram", name="new", linkage_name="_R3new")
    hidden = die("subprogram", die("variable", name="x", linkage_name="_R6hidden", type=INT), name="f")
    answer = version(
        die("namespace", struct_type("s", method), inner, hidden, name="a"),
        names=("_R1x", "_R3new", "_R6hidden", "x"),
    )
    assert answer.types == {"_R1x": f"variable {INT_TEXT}", "_R3new": "subprogram ( ) -> base_type void"}


def test_names_that_look_like_references() -> None:
    """__calculate_version takes any piece that starts like `s#` for a reference."""
    s = struct_type("s", member("s#s", INT))
    answer = version(variable("v", s))
    assert not answer.proven
    assert answer.expanded["v"] == f"variable structure_type s {{ member {INT_TEXT} s#s }}"
    with pytest.raises(ObjectError, match="unknown type reference to 't#x'"):
        version(variable("v", struct_type("s", member("t#x", INT))))
