"""What is called safe for old members, held against what gcc does: every old bit at its place, in what is as large and
aligned as before.

A seeded generator makes structures and changes them; a compiled program sets each member of each side to ones and shows
which bits of the whole those are, which is the truth that the rules are measured against.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kabicheck.pipeline.input_pairs import compare_inputs
from kabicheck.pipeline.inputs import read_input
from tests.compare.fixture_pairs import CASES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


COUNT = 150
SEED = 20
MILD = {
    "member-in-hole",
    "bits-in-use",
    "member-overlaid",
    "reserve-used",
    "member-grouped",
    "flexible-array",
}
TYPES = """
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
struct small { u16 a; u8 b; };
typedef struct { void *p; u8 n; } pair_t;
enum state { ON, OFF };
"""
PLAIN = ["u8 {}", "u16 {}", "u32 {}", "u64 {}", "void *{}", "struct small {}", "pair_t {}", "u8 {}[3]", "enum state {}",
         "long double {}", "u16 {} __attribute__((aligned(4)))"]  # fmt: skip
BITS = ["u32 {} : 1", "u32 {} : 5", "u8 {} : 3", "u64 {} : 33", "u16 {} : 9", "enum state {} : 2"]


@dataclass
class Generated:
    """One structure before and after; members: the paths of the old ones."""

    name: str
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def generated(number: int, draw: random.Random) -> Generated:
    """A structure, and one or two changes of it."""
    made = Generated(f"gen_{number}")
    for place in range(draw.randint(1, 7)):
        made.members.append(f"m{place}")
        kinds = PLAIN if draw.random() < 0.65 else BITS
        made.old.append(draw.choice(kinds).format(f"m{place}") + ";")
    made.new = list(made.old)
    for count in range(draw.choice([1, 1, 2])):
        draw.choice([_insert, _insert, _insert, _wrap, _group, _tag])(made, f"n{count}", draw)
    return made


def _insert(made: Generated, name: str, draw: random.Random) -> None:
    kind = draw.choice(PLAIN[:5] + BITS)
    made.new.insert(draw.randint(0, len(made.new)), kind.format(name) + ";")
    made.added.append(name)


def _wrap(made: Generated, name: str, draw: random.Random) -> None:
    place = draw.randrange(len(made.new))
    made.new[place] = f"union {{ {made.new[place]} {draw.choice(PLAIN[:5]).format(name)}; }};"
    made.added.append(name)


def _group(made: Generated, name: str, draw: random.Random) -> None:
    start = draw.randrange(len(made.new))
    end = draw.randint(start + 1, len(made.new))
    inside = " ".join(made.new[start:end])
    if "struct gen_" in inside:  # which can be defined once
        _insert(made, name, draw)
        return
    made.new[start:end] = [f"union {{ struct {{ {inside} }}; struct {{ {inside} }} g{name}; }};"]


def _tag(made: Generated, name: str, draw: random.Random) -> None:
    start = draw.randrange(len(made.new))
    end = draw.randint(start + 1, len(made.new))
    made.new[start:end] = [f"struct {made.name}_{name} {{ {' '.join(made.new[start:end])} }};"]


def built(folder: Path, structures: Sequence[Generated], side: str) -> tuple[Path, Mapping[str, str]]:
    """The object of one side; and of each structure's members, its size and its alignment: the bits, the numbers."""
    folder.mkdir()
    definitions = [f"struct {made.name} {{ {' '.join(getattr(made, side))} }};" for made in structures]
    (folder / "api.h").write_text("\n".join([TYPES, *definitions]))
    shutil.copy(CASES / "export.h", folder)
    uses = (f"void use_{s.name}(struct {s.name} *p) {{ }}\nEXPORT_SYMBOL(use_{s.name});" for s in structures)
    (folder / "object.c").write_text("\n".join(['#include "export.h"', '#include "api.h"', *uses]))
    options = ["-w", "-fms-extensions"]
    compile_it = ["gcc", "-c", "-gdwarf-5", "-O0", "-fno-pic", *options, "object.c", "-o", "object.o"]
    subprocess.run(compile_it, cwd=folder, check=True)
    shows = ["#include <stdio.h>", "#include <string.h>", '#include "api.h"', SHOW, "int main(void) {"]
    for made in structures:
        shows.append(f'NUMBER("{made.name}", sizeof(struct {made.name}), _Alignof(struct {made.name}));')
        for member in made.members + (made.added if side == "new" else []):
            bits = any(f" {member} :" in text for text in getattr(made, side))
            shows.append(f"{'BITS' if bits else 'BYTES'}({made.name}, {member});")
    (folder / "show.c").write_text("\n".join([*shows, "return 0; }"]))
    subprocess.run(["gcc", "-O0", *options, "show.c", "-o", "show"], cwd=folder, check=True)
    shown = subprocess.run([folder / "show"], check=True, capture_output=True, text=True).stdout
    return folder / "object.o", dict(line.split("=") for line in shown.splitlines())


SHOW = """
#define NUMBER(name, size, align) printf("%s=%d/%d\\n", name, (int)(size), (int)(align))
#define DUMP(s, m, code) do { struct s it; memset(&it, 0, sizeof it); code; printf(#s "." #m "="); \\
        for (int i = 0; i < sizeof it; i++) printf("%02x", ((unsigned char *)&it)[i]); printf("\\n"); } while (0)
#define BYTES(s, m) DUMP(s, m, memset(&it.m, 255, sizeof it.m))
#define BITS(s, m) DUMP(s, m, it.m = -1)
"""


def test_what_is_called_safe_is_where_it_was(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    structures = [generated(number, draw) for number in range(COUNT)]
    old_object, old = built(tmp_path / "old", structures, "old")
    new_object, new = built(tmp_path / "new", structures, "new")
    comparison = compare_inputs(read_input(old_object), read_input(new_object))
    causes = {cause.reference.removeprefix("s#"): cause for cause in comparison.causes.values()}
    found = dict.fromkeys(MILD, 0)
    kept_of = {made.name: kept(made, old, new) for made in structures}
    for made in structures:
        rules = {finding.rule for finding in causes[made.name].findings}
        described = f"{made.name}: {' '.join(made.old)} -> {' '.join(made.new)}: {sorted(rules)}"
        assert (rules <= MILD) == kept_of[made.name], described
        for rule in rules & MILD:
            found[rule] += 1
        if "member-in-hole" in rules and rules == {"member-in-hole"}:
            assert not any(meets(old[f"{made.name}.{m}"], new[f"{made.name}.{n}"])
                           for m in made.members for n in made.added), described  # fmt: skip
    assert 20 < sum(kept_of.values()) < COUNT - 20, "both happen often"
    assert found.keys() - {rule for rule, times in found.items() if times > 2} == {
        "reserve-used",
        "flexible-array",
    }


def kept(made: Generated, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether all that was there is the same in both programs."""
    names = [made.name, *(f"{made.name}.{member}" for member in made.members)]
    return all(old[name] == new[name] for name in names)


def meets(one: str, other: str) -> bool:
    """Whether two members share a bit."""
    return bool(int(one, 16) & int(other, 16))
