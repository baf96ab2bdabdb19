"""What dwz took apart has the versions that it had before: partial units, imports, a supplementary file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf.joined import JoinedInfo
from kabicheck.errors import ObjectError
from kabicheck.symver.engine import exact
from kabicheck.symver.linked import LinkedFile
from kabicheck.symver.linked_unit import read_unit
from kabicheck.symver.survey import LinkedInput, built_objects, survey
from tests.lacking import skip_or_fail
from tests.symver.links import SOURCES, link, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What all units have in common: types that refer to each other, unnamed ones, declarations of what one unit defines,
# and a function that every unit has a copy of.
COMMON = """
struct peer;
struct thing { int a; long b; struct thing *next; char name[40]; union { int x; struct peer *peer; } u; };
enum state { OFF, ON, BROKEN = 7 };
typedef struct { struct thing s; int (*call)(struct thing *, enum state); volatile const char *label; } thing_t;
typedef int (*handler_t)(thing_t *, const struct thing *);
extern thing_t table[];
extern int register_thing(thing_t *thing, handler_t handler);
static inline __attribute__((noinline)) int state_of(const thing_t *t) { return t->s.a + t->label[0]; }
"""
BOTH = {
    "include/export.h": SOURCES["include/export.h"] + COMMON,
    "lib/one.c": SOURCES["lib/one.c"]
    + """
thing_t table[5];
EXPORT(table);
int register_thing(thing_t *thing, handler_t handler) { return handler(thing, &thing->s) + state_of(thing); }
EXPORT(register_thing);
""",
    "kernel/two.c": SOURCES["kernel/two.c"]
    + """
int use_thing(thing_t *t, struct thing *o, handler_t *h) { return state_of(t) + register_thing(&table[1], *h); }
EXPORT(use_thing);
struct { enum state state; const thing_t *all; } overview;
EXPORT(overview);
""",
}
PARTED = SOURCES | BOTH
GNU, STANDARD = (), ("-5",)
FORMS = pytest.mark.parametrize("form", [GNU, STANDARD], ids=["gnu_debugaltlink", "debug_sup"])


@pytest.fixture(autouse=True)
def dwz() -> None:
    if shutil.which("dwz") is None:
        skip_or_fail("no dwz (Debian: apt-get install dwz)")


def versions(path: Path) -> dict[str, int]:
    units = [read_unit(built).versions() for built in built_objects([survey(LinkedInput(path, path.name))])]
    return {name: crc for unit in units for name, crc in unit.versions.items()}


def described(path: Path) -> Mapping[str, tuple[Mapping[str, str], object]]:
    """Type strings, and where declarations stand, of each unit."""
    found = {}
    for built in built_objects([survey(LinkedInput(path, path.name))]):
        reading = read_unit(built)
        types = reading.types()
        found[built.path] = types, (reading.reading.locations(types), reading.reading.members(types))
    return found


def pair(folder: Path, *flags: str, compiler: str = "gcc") -> tuple[Path, Path]:
    """Two kernels that have something in common, and something of their own."""
    first = link(folder / "a", "vmlinux", *flags, compiler=compiler, sources=PARTED).path
    other = PARTED | {
        "lib/one.c": PARTED["lib/one.c"] + "int one_more(enum state s) { return s; }\nEXPORT(one_more);\n"
    }
    return first, link(folder / "b", "vmlinux", *flags, compiler=compiler, sources=other).path


# dwz 0.15 does not read what clang writes of DWARF 5
@pytest.mark.parametrize(("compiler", "dwarf"), [("gcc", 4), ("gcc", 5), ("clang", 4)])
def test_partial_units_of_the_file(tmp_path: Path, dwarf: int, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    small = link(tmp_path / "k", "vmlinux", f"-gdwarf-{dwarf}", compiler=compiler, sources=PARTED)
    expected = described(small.path)
    run("dwz", small.path, cwd=tmp_path)
    assert any(unit_is_joined(small.path))
    assert versions(small.path) == small.versions
    assert described(small.path) == expected


def unit_is_joined(path: Path) -> list[bool]:
    """Whether what is read of each unit is more than the unit."""
    file = LinkedFile(path)
    return [
        isinstance(file.unit(built.unit.number, built.unit), JoinedInfo)
        for built in built_objects([survey(LinkedInput(path, path.name))])
        if built.unit and built.unit.number is not None
    ]


@FORMS
@pytest.mark.parametrize("dwarf", [4, 5])
def test_a_supplementary_file(tmp_path: Path, dwarf: int, form: tuple[str, ...]) -> None:
    files = pair(tmp_path, f"-gdwarf-{dwarf}")
    expected = [(versions(file), described(file)) for file in files]
    run("dwz", *form, "-m", "common.debug", "-M", "../common.debug", *files, cwd=tmp_path)
    assert [(versions(file), described(file)) for file in files] == expected


def test_the_exact_walk_reads_them_too(tmp_path: Path) -> None:
    first, _ = files = pair(tmp_path)
    expected = versions(first)
    run("dwz", "-m", "common.debug", "-M", "../common.debug", *files, cwd=tmp_path)
    file, found = LinkedFile(first), dict[str, int]()
    for built in built_objects([survey(LinkedInput(first, "vmlinux"))]):
        if built.unit and built.unit.number is not None:
            info = file.unit(built.unit.number, built.unit)
            names = [export.name for export in built.unit.exports]
            found |= {symbol.name: symbol.crc for symbol in exact(info, names, None).symbols}
    assert found == expected


@pytest.mark.parametrize(
    "place", ["root/usr/lib/debug/.dwz/common", ".dwz/common", "root/a/common", "common"], ids=str
)
def test_a_package_that_was_unpacked_elsewhere(tmp_path: Path, place: str) -> None:
    """The link says where the file lies on an installed system."""
    first, _ = files = pair(tmp_path / "root")
    expected = versions(first)
    run("dwz", "-m", "common", "-M", "/usr/lib/debug/.dwz/common", *files, cwd=tmp_path)
    target = tmp_path / place
    target.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "common").rename(target)
    assert versions(first) == expected


@FORMS
def test_a_supplementary_file_that_is_not_there_or_another_one(tmp_path: Path, form: tuple[str, ...]) -> None:
    first, second = files = pair(tmp_path)
    run("dwz", *form, "-m", "common.debug", "-M", "../common.debug", *files, cwd=tmp_path)
    more = tmp_path / "more"
    shutil.copytree(tmp_path / "a", more / "a")
    others = PARTED | {"include/hidden.h": "struct hidden { long inner; char more[20]; };\n"}
    third = link(more / "b", "vmlinux", sources=others).path
    fourth = link(more / "c", "vmlinux", sources=others).path
    run("dwz", *form, "-m", "common.debug", "-M", "../common.debug", third, fourth, cwd=more)
    (tmp_path / "common.debug").unlink()
    for path in (second, more / "a/vmlinux"):  # missing; that of other files
        with pytest.raises(
            ObjectError, match=r"supplementary debug file \.\./common\.debug \([0-9a-f]{40}\) is not there"
        ):
            survey(LinkedInput(path, "vmlinux"))
    assert first.exists()


def test_damage_is_an_error(tmp_path: Path) -> None:
    """Bytes of the supplementary file that make no sense: never a version that is none, and no crash."""
    first, second = files = pair(tmp_path)
    right = versions(first)
    run("dwz", "-m", "common.debug", "-M", "../common.debug", *files, cwd=tmp_path)
    common = tmp_path / "common.debug"
    data = common.read_bytes()
    section = LinkedFile(common).units.section
    for at in range(section.offset, section.offset + section.size, 7):
        common.write_bytes(data[:at] + b"\xff\xff\xff" + data[at + 3 :])
        try:
            found = versions(first)
        except ObjectError:
            continue
        assert found.keys() <= right.keys()
    assert second.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".gnu_debugaltlink", b"common"),
        (".gnu_debugaltlink", b"common\0"),
        (".gnu_debugaltlink", b"\0" + bytes(20)),
        (".gnu_debugaltlink", b"common\0" + bytes(100)),
        (".debug_sup", b"\5\0\0common"),
        (".debug_sup", b"\5\0\0common\0\x14abc"),
        (".debug_sup", b"\5\0\0common\0\0"),
        (".debug_sup", b""),
    ],
)
def test_links_that_make_no_sense(tmp_path: Path, name: str, content: bytes) -> None:
    path = link(tmp_path / "k", "vmlinux", sources=PARTED).path
    (tmp_path / "link").write_bytes(content)
    run("objcopy", "--add-section", f"{name}={tmp_path / 'link'}", path, cwd=tmp_path)
    with pytest.raises(ObjectError, match="of a supplementary file"):
        survey(LinkedInput(path, "vmlinux"))


def test_a_circle_of_supplementary_files(tmp_path: Path) -> None:
    """The supplementary file that refers to itself as its own."""
    first, _ = files = pair(tmp_path)
    expected = versions(first)
    run("dwz", "-m", "common.debug", "-M", "../common.debug", *files, cwd=tmp_path)
    own = tmp_path / "link"
    run("objcopy", "--dump-section", f".gnu_debugaltlink={own}", first, cwd=tmp_path)
    run("objcopy", "--add-section", f".gnu_debugaltlink={own}", tmp_path / "common.debug", cwd=tmp_path)
    assert versions(first) == expected  # nothing in it makes use of the link
