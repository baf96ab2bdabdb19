"""Wherever the quick way may give up, it does, for the reason that docs/quick-way.md lists, and the exact walk decides.

Each place in `kabicheck/symver` that raises NotProven has a call of `gives_up` here, which the last tests make sure of.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck import symver
from kabicheck.dwarf.info import DebugInfo
from kabicheck.dwarf.joined import JoinedInfo, joined
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError
from kabicheck.formats.kabi_rules import KabiRule
from kabicheck.symver import engine, ruled
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.rules import Rules, read_rules
from kabicheck.symver.unit_names import NamedUnits
from tests import dwarf_writer
from tests.dwarf_writer import Form, Unit, die, function, member, pointer, rules, struct_type, variable, write
from tests.elf_writer import uleb128
from tests.symver.objects import INT, INT_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.symver.engine import Versioned
    from tests.dwarf_writer import Die

PAGE = Path(__file__).parents[2] / "docs" / "quick-way.md"
PACKAGE = Path(symver.__file__).parent

U64 = die("base_type", name="u64", byte_size=8, encoding=7)


def gives_up(
    place: str,
    reason: str,
    *written: Die | Unit,
    names: Sequence[str] = ("v",),
    stable: bool = False,
    inside: Sequence[tuple[str, ...]] = (),
    outside: Sequence[KabiRule] = (),
) -> Versioned | None:
    """The exact walk's answer for an object that the quick way has none for; None where the walk has none either.

    place: "FILE.FUNCTION" where NotProven is raised; inside, outside: kABI rules in and outside of the object.
    """
    units = [each if isinstance(each, Unit) else Unit(each) for each in written]
    if not any(isinstance(each, Unit) for each in written):
        units = [Unit(*(each for each in written if isinstance(each, dwarf_writer.Die)))]
    image = Image("x.o", write(units, sections=[rules(*inside)] if inside else ()))
    stable = stable or bool(inside or outside)

    def rules_of() -> Rules | None:
        found = read_rules(image) if stable else None
        if found is not None:
            found.add(outside)
        return found

    info = DebugInfo(image)
    raises(place, reason, info, names, rules_of())
    try:
        found = engine.version_symbols(info, names, rules_of())
    except ObjectError:
        return None
    assert found.exact == reason
    return found


def raises(place: str, reason: str, info: DebugInfo, names: Sequence[str], kabi: Rules | None) -> None:
    """The quick way gives up at this place, for this reason."""
    with pytest.raises(NotProven) as caught:
        engine.quick(info, names, kabi)
    innermost = caught.traceback[-1]
    assert (f"{Path(innermost.path).stem}.{innermost.name}", str(caught.value)) == (place, reason)


# --- names -----------------------------------------------------------------------------------------------


def test_a_name_that_looks_like_a_reference() -> None:
    found = gives_up(
        "names.checked_name",
        "a name that looks like a reference",
        variable("v", struct_type("s", member("s#s", INT))),
    )
    assert found is not None
    assert found.strings.named["s#s"].count("s#s") == 1


# --- units -----------------------------------------------------------------------------------------------


def test_a_type_in_another_unit() -> None:
    s = struct_type("s", member("a", INT))
    assert gives_up("texts.elsewhere", "a reference outside its unit", Unit(variable("v", s)), Unit(s))


def test_a_symbol_pointer_to_another_unit() -> None:
    s = pointer(struct_type("s"))
    units = Unit(variable("__gendwarfksyms_ptr_g", s)), Unit(s)
    assert gives_up("texts._neighbour", "a type in another unit", *units, names=["g"])


def test_a_reference_into_a_header() -> None:
    v = die("variable", name="w", abstract_origin=Form("ref4", 4), type=INT)
    assert not gives_up("decoded_unit.code", "a reference into a unit's header", v)


def joined_units(first: Die, partial: Die) -> JoinedInfo:
    """A unit, and a partial one that it imports, as dwz leaves them."""
    there = Unit(partial, kind=3)
    here = Unit(first, die("imported_unit", **{"import": Form("ref_addr", partial)}))
    units = NamedUnits(Image("x.ko", write([there, here], relocations=False)))
    info = joined(units.read(1))
    assert isinstance(info, JoinedInfo)
    return info


def test_rules_for_joined_units() -> None:
    """No command asks for that: rules are in no linked file."""
    s = struct_type("s", member("a", INT))
    reason = "kABI rules for units that refer to each other"
    info = joined_units(variable("v", s), s)
    raises("quick.__init__", reason, info, ["v"], Rules("x.o", {("declonly", "s"): ""}))
    assert engine.version_symbols(info, ["v"], None).exact == ""


# --- exported symbols --------------------------------------------------------------------------------------


def test_an_abstract_origin_in_another_unit() -> None:
    origin = function("f", INT)
    units = Unit(die("subprogram", name="f", abstract_origin=origin)), Unit(origin)
    assert gives_up("quick._match", "an abstract origin in another unit", *units, names=["f"])


def test_an_abstract_origin_of_another_kind() -> None:
    copy = die("subprogram", name="f", abstract_origin=variable("f", INT))
    assert gives_up("quick._match", "an abstract origin of another name or kind", copy, names=["f"])
    nameless = die("subprogram", name="f", abstract_origin=die("subprogram"))
    assert gives_up("quick._match", "an abstract origin of another name or kind", nameless, names=["f"])


def test_an_abstract_origin_that_is_no_function() -> None:
    copy = die("subprogram", name="g", abstract_origin=struct_type("s"))
    reason = "an abstract origin that is no function or variable"
    assert gives_up("outline.name", reason, copy, variable("v", INT))


def test_a_symbol_pointer_that_is_none() -> None:
    v = variable("__gendwarfksyms_ptr_g", INT)
    assert not gives_up("texts.pointed_type", "a symbol pointer that is no pointer", v, names=["g"])
    v = variable("__gendwarfksyms_ptr_g", pointer())
    assert not gives_up("texts.type_of", "a symbol pointer without a type", v, names=["g"])


# --- entries that no compiler writes so ----------------------------------------------------------------------


def test_siblings_that_lead_backwards() -> None:
    back = {"sibling": Form("ref4", 12)}
    e = die("enumeration_type", die("enumerator", name="E"), **back)
    assert not gives_up("outline.candidates", "a sibling that leads backwards", e, variable("v", INT))
    f = die("subprogram", die("formal_parameter", type=INT), name="f", **back)
    assert not gives_up("outline._forward", "a sibling that leads backwards", f, variable("v", INT))


def test_children_that_are_not_foreseen() -> None:
    t = die("typedef", name="t", type=INT)
    assert not gives_up("texts._make_member", "tag 0x16 in a structure", variable("v", struct_type("s", t)))
    part = die("variant_part", die("variant", member("a", INT)), struct_type("inner"))
    found = gives_up(
        "texts._make_variant", "tag 0x13 in a variant part", variable("v", struct_type("s", part))
    )
    assert found is not None
    assert "s#inner" in found.strings.named["s#s"]


def test_a_long_unnamed_type() -> None:
    """Where it is written out a hundred times, the walk's bound is what counts."""
    members = [member(f"{'m' * 200}{number}", INT) for number in range(400)]
    long = struct_type(None, *members)
    assert gives_up("texts.__missing__", "a long unnamed type", variable("v", long))


# --- the order of the walk -------------------------------------------------------------------------------------


def test_a_typedef_of_itself() -> None:
    t = die("typedef", name="t")
    u = die("typedef", name="u", type=pointer(t))
    t.attributes.append(("type", die("const_type", type=u)))
    assert not gives_up("quick._refuse_cycles", "a typedef of itself", variable("v", t))


def test_parameter_lists_among_types_that_share_a_name() -> None:
    s = struct_type("a")
    call = die("subroutine_type", *(die("formal_parameter", type=each) for each in (INT, pointer(s))))
    t, other = die("typedef", name="cb", type=pointer(call)), die("typedef", name="cb", type=INT)
    s.children.append(member("f", t))
    reason = "parameter lists among types that share a name"
    assert gives_up("order.lost_commas", reason, function("f", other, t), names=["f"])


# --- `__kabi_*` members ------------------------------------------------------------------------------------------


def reserved(old: Die) -> Die:
    """A member that stands for its placeholder."""
    return die("member", type=die("union_type", member("now", INT), member("__kabi_reserved1", old)))


def renamed(old: Die, name: str = "old") -> Die:
    """A member that had another name, and maybe another type."""
    return die("member", type=die("union_type", member("now", INT), member(f"__kabi_renamed{name}", old)))


def test_a_placeholder_of_several_types() -> None:
    s, t = struct_type("s"), struct_type("t", member("a", INT))
    s.children.append(reserved(struct_type(None, member("a", pointer(s)), member("b", pointer(t)))))
    reason = "a placeholder that is made of several types"
    assert gives_up("stable._require_single_way", reason, variable("v", s), stable=True)


def test_a_placeholder_with_parameters() -> None:
    s, t = struct_type("s"), struct_type("t", member("a", INT))
    call = die("subroutine_type", *(die("formal_parameter", type=pointer(each)) for each in (s, t)))
    s.children.append(reserved(die("typedef", name="cb", type=pointer(call))))
    assert gives_up("stable.drain", "a placeholder with parameters", variable("v", s), stable=True)


def test_a_placeholder_whose_type_shares_its_name() -> None:
    word = die("typedef", name="word", type=U64)
    s = struct_type("s", reserved(word), member("other", pointer(struct_type("s", declaration=True))))
    assert gives_up("stable.drain", "a placeholder's type shares its name", variable("v", s), stable=True)


def test_an_ignored_placeholder() -> None:
    ignored = die("union_type", member("now", INT), member("__kabi_ignored0", INT))
    s = struct_type("s", reserved(ignored), member("b", INT))
    assert gives_up("stable._union", "an ignored placeholder", variable("v", s), stable=True)


def test_a_renamed_member_that_is_mentioned_elsewhere() -> None:
    union = die("union_type", member("now", INT), member("__kabi_renamedold", INT))
    s = struct_type("s", member("p", pointer(union)), member("b", INT))
    assert gives_up("stable._union", "a renamed member's type", variable("v", s), stable=True)
    twice = struct_type("s", die("member", type=union), die("member", type=union), member("b", INT))
    reason = "two renamed members with one type"
    assert gives_up("stable._without_marks", reason, variable("v", twice), stable=True)


def test_a_renamed_member_at_the_end() -> None:
    s = struct_type("s", member("a", INT), renamed(INT))
    assert gives_up("stable._without_marks", "a renamed member at the end", variable("v", s), stable=True)


def test_a_renamed_member_whose_name_may_be_forgotten() -> None:
    s = struct_type("s", renamed(pointer(struct_type("t", member("a", INT)))), member("b", INT))
    reason = "a placeholder that may forget a name"
    assert gives_up("stable._unnamed_member", reason, variable("v", s), stable=True)


def test_variants_where_members_may_be_hidden() -> None:
    part = die("variant_part", die("variant", member("a", INT)))
    s = struct_type("s", part, member("__kabi_reserved1", INT))
    reason = "variants where members may be hidden"
    assert gives_up("stable._make_member", reason, variable("v", s), stable=True)


# --- kABI rules ------------------------------------------------------------------------------------------------


def test_a_type_string_for_types_that_share_a_name() -> None:
    v = variable("v", pointer(struct_type("s", declaration=True)))
    w = variable("w", struct_type("s", member("a", INT)))
    found = gives_up(
        "engine.quick",
        "a type string for several types that share a name",
        *(v, w),
        names=["v", "w"],
        inside=[("type_string", "s#s", "structure_type s { anything }")],
    )
    assert found is not None
    assert found.strings.named["s#s"] == "structure_type s { anything }"


def test_rules_for_members_of_unnamed_structures() -> None:
    reason = "a rule for a member of an unnamed structure"
    inner = member("u", struct_type(None, member("a", INT), member("b", INT)))
    s = variable("v", struct_type("s", inner, member("c", INT)))
    found = gives_up("ruled._enter", reason, s, outside=[KabiRule("member_ignore", "s u.a")])
    assert found is not None
    assert f"structure_type {{ member {INT_TEXT} b }}" in found.strings.named["s#s"]
    t = variable("v", die("typedef", name="t", type=struct_type(None, member("a", INT), member("b", INT))))
    found = gives_up("ruled._own_ruled", reason, t, outside=[KabiRule("member_ignore", "t a")])
    assert found is not None
    assert f"structure_type {{ member {INT_TEXT} b }}" in found.strings.named["t#t"]


def test_a_rule_for_a_member_whose_old_name_may_be_forgotten() -> None:
    t = struct_type("t", member("x", INT))
    s = struct_type("s", member("a", INT), member("b", pointer(t)))
    rule = KabiRule("member_replace", "s a", "pointer_type { s#t } byte_size(8)", name="old")
    reason = "a placeholder that may forget a name"
    assert gives_up("ruled._placeholder", reason, variable("v", s), outside=[rule])


def test_a_rule_for_a_member_that_can_have_none() -> None:
    s = struct_type("s", die("member", name="a"), member("b", INT))
    reason = "a rule for a member that can have none"
    rule = KabiRule("member_use", "s a", INT_TEXT)
    assert not gives_up("ruled._placeholder", reason, variable("v", s), outside=[rule])


def test_long_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruled, "MAX_TEXT", 50)
    s = struct_type("s", *(member(name, INT) for name in "abc"))
    rule = KabiRule("member_use", "s b", "base_type long")
    assert gives_up("ruled._list_members", "long members", variable("v", s), outside=[rule])


def test_names_that_look_like_parts_of_a_type_string() -> None:
    odd = die("base_type", name="odd byte_size(3)", byte_size=4)
    reason = "a base type's name that looks like a size"
    assert gives_up("ruled._base", reason, variable("v", odd), inside=[("byte_size", "int", "2")])
    named = die("pointer_type", name="p", type=INT, byte_size=8)
    found = gives_up(
        "ruled._modifier",
        "the size of a pointer with a name",
        variable("v", named),
        inside=[("byte_size", "p", "2")],
    )
    assert found is not None
    assert found.strings.symbols["v"].endswith("byte_size(2)")
    e = die("enumeration_type", die("enumerator", name="A B", const_value=1), name="e")
    reason = "an enumerator's name with spaces"
    assert gives_up(
        "ruled._enumerator", reason, variable("v", e), inside=[("enumerator_value", "e A B", "7")]
    )


def test_a_code_that_is_longer_than_it_needs_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dwarf_writer, "uleb128", lambda value, size=0: uleb128(value, max(size, 2)))
    s = variable("v", struct_type("s", member("a", INT)))
    reason = "an abbreviation's code that is longer than it needs to be"
    assert gives_up("ruled._die_before", reason, s, inside=[("declonly", "s", "")])


# --- and no other ---------------------------------------------------------------------------------------------


def raised() -> set[tuple[str, str]]:
    """Each place that raises NotProven, with its reason; what an f-string puts in is `…`."""
    found = set()
    for path in PACKAGE.glob("*.py"):
        tree = ast.parse(path.read_text())
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NotProven":
                around = [f for f in functions if f.lineno <= node.lineno <= (f.end_lineno or 0)]
                function = max(around, key=lambda each: each.lineno).name
                found.add((f"{path.stem}.{function}", _text(node.args[0])))
    return found


def held() -> dict[str, set[tuple[str, str]]]:
    """Test → the places and reasons that it shows."""
    found: dict[str, set[tuple[str, str]]] = {}
    for test in ast.parse(Path(__file__).read_text()).body:
        if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test_"):
            continue
        constants: dict[str, str] = {}
        for node in ast.walk(test):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                constants[node.targets[0].id] = _text(node.value)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id not in {"gives_up", "raises"}:
                    continue
                place, reason = node.args[:2]
                text = _reason(test, reason, node.lineno)
                found.setdefault(test.name, set()).add((_text(place), re.sub("0x[0-9a-f]+", "…", text)))
    return found


def _reason(test: ast.FunctionDef, argument: ast.expr, line: int) -> str:
    """A constant, or the last one that was given its name before."""
    if not isinstance(argument, ast.Name):
        return _text(argument)
    given = [
        node
        for node in ast.walk(test)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == argument.id
        and node.lineno < line
    ]
    return _text(max(given, key=lambda node: node.lineno).value)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_every_place_that_gives_up_is_shown_here() -> None:
    assert set().union(*held().values()) == raised()


def test_the_page_lists_every_reason_with_the_test_that_holds_it() -> None:
    rows = re.findall(r"^\| (.+?) \| .+ \| `(\w+)` \|$", PAGE.read_text(), re.MULTILINE)
    listed = {(reason, test) for reason, test in rows}
    assert len(listed) == len(rows)
    assert listed == {(reason, test) for test, shown in held().items() for _, reason in shown}
