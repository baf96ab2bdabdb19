"""Types that merely follow a type that they contain, and types with a change of their own, as gcc lays them out."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.compare.followers import followers
from kabicheck.symver.object import ExportReading
from tests.compare.fixture_pairs import CASES

if TYPE_CHECKING:
    from pathlib import Path

OLD_INNER = "struct inner { int a; };"
NEW_INNER = {
    "larger": "struct inner { int a; int b; int c; };",
    "stricter": "struct inner { int a; long b; };",
}


def types(folder: Path, header: str, *names: str, dwarf: int = 5) -> dict[str, str]:
    """The type strings of what a header declares, each structure being used by an export."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "export.h").write_text((CASES / "export.h").read_text())
    uses = "".join(f"void use_{name}(struct {name} *p) {{ }}\nEXPORT_SYMBOL(use_{name});\n" for name in names)
    (folder / "api.h").write_text(f'#include "export.h"\n{header}\n{uses}')
    (folder / "x.c").write_text('#include "api.h"\n')
    subprocess.run(["gcc", "-c", f"-gdwarf-{dwarf}", "-w", "x.c", "-o", "x.o"], cwd=folder, check=True)
    return dict(ExportReading(folder / "x.o").types())


def following(old: dict[str, str], new: dict[str, str]) -> dict[str, frozenset[str]]:
    return followers([name for name in old if old[name] != new.get(name)], old, new)


@pytest.mark.parametrize("dwarf", [4, 5])
@pytest.mark.parametrize("inner", NEW_INNER.values(), ids=NEW_INNER)
@pytest.mark.parametrize(
    "members",
    [
        "struct inner i; void *p;",
        "char c; struct inner i[3]; short s;",
        "inner_t i; int flags : 3; int more : 7; int wide : 30; char c; int rest[];",
        "union { struct inner i; long l; }; char c;",
        "struct { char c; struct inner i; } s; char c;",
        "char c; struct inner i; struct { int x : 5; long y; } *p; void (*call)(struct outer *, int);",
        "struct inner i; int line __attribute__((aligned(8))); char c;",
        "struct inner i; int a, b, c; int line __attribute__((aligned(16))); char d;",
        "char c[64]; struct { int x; } __attribute__((aligned(64))) line; struct inner i; char d;",
    ],
)
def test_followers(members: str, inner: str, dwarf: int, tmp_path: Path) -> None:
    more = f"typedef struct inner inner_t; struct outer {{ {members} }}; struct far {{ struct outer o; char c; }};"
    old = types(tmp_path / "old", f"{OLD_INNER} {more}", "outer", "far", dwarf=dwarf)
    new = types(tmp_path / "new", f"{inner} {more}", "outer", "far", dwarf=dwarf)
    differing = {name for name in old if old[name] != new[name]} - {"s#inner"}
    assert "s#outer" in differing
    assert following(old, new) == dict.fromkeys(differing, frozenset({"s#inner"}))


@pytest.mark.parametrize(
    ("old_outer", "new_outer"),
    [
        (
            "struct outer { char c; struct inner i; long l; };",
            "struct outer { char c; struct inner i; int l; };",
        ),
        ("struct outer { char c; struct inner i; };", "struct outer { char c; struct inner i; char d; };"),
        (
            "struct outer { char c; struct inner i; };",
            "struct outer { char c; struct inner i; } __attribute__((packed));",
        ),
        (
            "struct outer { char c; struct inner i; } __attribute__((packed));",
            "struct outer { char c; struct inner i; };",
        ),
        (
            "struct outer { struct inner i; char c; };",
            "struct outer { struct inner i; char c __attribute__((aligned(32))); };",
        ),
        ("struct outer { struct inner i; int a : 3; };", "struct outer { struct inner i; int a : 4; };"),
        (
            "struct outer { struct inner i; int a : 3; int b : 3; };",
            "struct outer { struct inner i; int a : 3; int : 0; int b : 3; };",
        ),
        ("struct outer { struct inner i; int a; };", "struct outer { struct inner i; int b; };"),
        ("struct outer { struct inner i; int a, b; };", "struct outer { struct inner i; int b, a; };"),
    ],
)
def test_an_own_change_beside_it_is_a_root(old_outer: str, new_outer: str, tmp_path: Path) -> None:
    old = types(tmp_path / "old", f"{OLD_INNER} {old_outer}", "outer")
    new = types(tmp_path / "new", f"{NEW_INNER['larger']} {new_outer}", "outer")
    assert following(old, new) == {}


def test_without_a_root_there_is_no_follower(tmp_path: Path) -> None:
    text = "struct outer { char c; int i; }"
    old = types(tmp_path / "old", f"{text};", "outer")
    new = types(tmp_path / "new", f"{text} __attribute__((packed));", "outer")
    assert old["s#outer"] != new["s#outer"]
    assert following(old, new) == {}


MEMBERS = ["char", "short", "int", "long", "void *", "struct inner", "struct inner", "struct pair"]
OWN = ["", "", " __attribute__((packed))", " __attribute__((aligned(16)))"]


def structure(number: int, dice: random.Random) -> tuple[str, str]:
    """A random structure that contains others, before and after a change of its own, or after none."""
    members = []
    for place in range(dice.randint(1, 6)):
        bits = f" : {dice.randint(1, 20)}" if dice.random() < 0.3 else ""
        members.append(f"int m{place}{bits};" if bits else f"{dice.choice(MEMBERS)} m{place};")
    members.insert(dice.randint(0, len(members)), "struct inner contained;")
    attribute = dice.choice(OWN)
    changed, changed_attribute = list(members), attribute
    match dice.randint(0, 5):
        case 0:
            changed.insert(dice.randint(0, len(changed)), "char more;")
        case 1:
            dice.shuffle(changed)
        case 2:
            changed_attribute = dice.choice(OWN)
        case 3:
            place = dice.randrange(len(changed))
            changed[place] = changed[place].replace(
                ";", f" __attribute__((aligned({dice.choice([8, 32])})));"
            )
    old, new = " ".join(members), " ".join(changed)
    return (
        f"struct s{number} {{ {old} }}{attribute};",
        f"struct s{number} {{ {new} }}{changed_attribute};",
    )


@pytest.mark.parametrize("dwarf", [4, 5])
@pytest.mark.parametrize("inner", NEW_INNER.values(), ids=NEW_INNER)
def test_random_structures(inner: str, dwarf: int, tmp_path: Path) -> None:
    """gcc says which changes of its own a structure shows: neither declaration alone gives both layouts."""
    dice = random.Random(5)
    both = [structure(number, dice) for number in range(400)]
    names = [f"s{number}" for number in range(len(both))]

    def side(folder: str, first: str, bodies: list[str]) -> dict[str, str]:
        header = "\n".join([first, "struct pair { struct inner a; char b; };", *bodies])
        return types(tmp_path / folder, header, *names, dwarf=dwarf)

    old = side("old", OLD_INNER, [old_body for old_body, _ in both])
    unchanged = side("unchanged", inner, [old_body for old_body, _ in both])
    new = side("new", inner, [new_body for _, new_body in both])
    backdated = side("backdated", OLD_INNER, [new_body for _, new_body in both])
    own = {name for name in new if new[name] != unchanged[name] and old[name] != backdated[name]}
    assert len(own) > 100
    found = following(old, new)
    hidden = own & found.keys()
    assert not hidden, [(both[int(name[3:])], old[name], new[name]) for name in hidden][:3]
    merely = {name for name in old if old[name] != new[name]} - own - {"s#inner"}
    assert len(merely) > 100
    assert len(merely & found.keys()) > 0.8 * len(merely)
    assert all(roots == {"s#inner"} for roots in found.values())


def test_circles_and_depth_are_no_trouble() -> None:
    chain = {
        f"s#{n}": f"structure_type {n} {{ member s#{n + 1} x data_member_location(0) }} byte_size(4)"
        for n in range(5000)
    }
    assert followers(list(chain), chain, {k: v.replace("(4)", "(8)") for k, v in chain.items()}) is not None
    circle = {
        "s#a": "structure_type a { member s#b x data_member_location(0) } byte_size(4)",
        "s#b": "structure_type b { member s#a x data_member_location(0) } byte_size(4)",
    }
    grown = {name: text.replace("(4)", "(8)") for name, text in circle.items()}
    assert followers(list(circle), circle, grown) == {}


def rust(inner: int, outer: int, places: tuple[int, int]) -> dict[str, str]:
    """A structure that contains another and a pointer, of which rustc does not say the size."""
    pointer = "member pointer_type &b::T { s#b::T }"
    word = "base_type usize byte_size(8) encoding(7)"
    return {
        "f": f"subprogram ( formal_parameter {word} n ) -> s#b::Outer",
        "s#b::Inner": f"structure_type b::Inner {{ member array_type[{inner // 8}] {{ {word} }} words "
        f"data_member_location(0) }} byte_size({inner}) alignment(8)",
        "s#b::Outer": f"structure_type b::Outer {{ {pointer} p data_member_location({places[0]}) , member s#b::Inner "
        f"inner data_member_location({places[1]}) }} byte_size({outer}) alignment(8)",
    }


def test_rust_orders_fields_as_it_likes() -> None:
    root = {"s#b::Outer": frozenset({"s#b::Inner"})}
    assert following(rust(8, 16, (8, 0)), rust(16, 24, (16, 0))) == root
    assert following(rust(8, 16, (0, 8)), rust(16, 24, (0, 8))) == root
    assert following(rust(8, 16, (0, 8)), rust(16, 24, (16, 0))) == {}, "another order is not shown to follow"
    assert following(rust(8, 16, (8, 0)), rust(16, 32, (16, 0))) == {}, "a size that nothing explains"
