"""Suspects and hunks of declarations, from objects that gcc made of each commit."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.model import BuiltObject
from kabicheck.pipeline.attribution.declarations import Declarations
from kabicheck.pipeline.object_reader import ObjectReader, ReadObject
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import Hunk

HEADER = """\
#define LENGTH 8

enum color {
	RED,
	GREEN,
};

struct domain {
	int first;

	struct {
		unsigned int registered;
	} flags;

	char name[LENGTH];
	enum color color;
};
"""
SOURCE = """\
#include "domain.h"

int start(struct domain *domain,
		int flags)
{
	return domain->first + flags;
}

__asm__(".pushsection .export_symbol, \\"a\\"\\n"
	"__export_symbol_start:\\n.asciz \\"\\"\\n.asciz \\"\\"\\n.balign 8\\n.quad start\\n.popsection\\n");
"""
DEPENDS = ("domain.h", "start.c")


class World:
    """A repository, and the object of each commit."""

    def __init__(self, folder: Path) -> None:
        self.git = Git(folder / "user")
        self.git.path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.objects: dict[str, ReadObject] = {}
        self._folder = folder
        self.commit("base", {"domain.h": HEADER, "start.c": SOURCE})

    def commit(self, subject: str, files: dict[str, str]) -> None:
        commit = self.git.commit(subject, files)
        path = self._folder / f"{commit}.o"
        subprocess.run(["gcc", "-g", "-c", "start.c", "-o", path], cwd=self.git.path, check=True)
        built = BuiltObject("start.o", path, "vmlinux", depends=DEPENDS)
        self.objects[commit] = ObjectReader().object(built, source=str(self.git.path))

    def edit(self, subject: str, old: str, new: str, path: str = "domain.h") -> None:
        text = (self.git.path / path).read_text()
        assert old in text
        self.commit(subject, {path: text.replace(old, new)})

    def ask(self, name: str) -> tuple[list[str], list[list[str]]]:
        """The suspects of what changed from the first commit to the last, and the hunks of the best one."""
        repository = Repository.discover(self.git.path)
        base, *_, head = self.objects
        chain = repository.history().chain(repository.commit(base), repository.commit(head))
        declarations = Declarations(repository, chain)
        found = declarations.suspects(name, self.objects[base], self.objects[head], DEPENDS)
        steps = {step.commit.id: step for step in chain}
        step = steps[found[0].commit]
        before, after = self.objects[step.parent.id], self.objects[step.commit.id]
        hunks = declarations.hunks(name, step, before, after, DEPENDS)
        return [f"{steps[each.commit].commit.subject}: {each.reason}" for each in found], _changed(hunks)


def _changed(hunks: tuple[Hunk, ...]) -> list[list[str]]:
    return [[f"{line.mark}{line.text}" for line in hunk.lines if line.mark != " "] for hunk in hunks]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_member(world: World) -> None:
    world.edit("comment", "struct domain {", "/* Work. */\nstruct domain {")
    world.edit("bool", "\t\tunsigned int registered", "\t\t_Bool registered")
    world.edit("other", "\tint first;", "\tint first;\t/* of all */")
    suspects, hunks = world.ask("s#domain")
    assert suspects == ["bool: changed domain.h:13", "other: changed domain.h:10"]
    assert hunks == [["-\t\tunsigned int registered;", "+\t\t_Bool registered;"]]


def test_a_parameter(world: World) -> None:
    world.edit("body", "return domain", "return 1 + domain", "start.c")
    world.edit("long", "int flags", "long flags", "start.c")
    suspects, hunks = world.ask("start")
    assert suspects == ["long: changed start.c:4"]
    assert hunks == [["-\t\tint flags)", "+\t\tlong flags)"]]


def test_an_enumerator(world: World) -> None:
    world.edit("red", "\tRED,", "\tRED,\t/* as blood */")
    world.edit("blue", "\tGREEN,", "\tBLUE,\n\tGREEN,")
    suspects, hunks = world.ask("e#color")
    assert suspects[0] == "blue: changed domain.h:5"
    assert hunks == [["+\tBLUE,"]]


def test_a_macro_elsewhere_shows_what_the_object_reads(world: World) -> None:
    world.edit("body", "return domain", "return 1 + domain", "start.c")
    world.edit("macro", "LENGTH 8", "LENGTH 16")
    suspects, hunks = world.ask("s#domain")
    assert suspects == ["macro: touches domain.h", "body: touches start.c"]
    assert hunks == [["-#define LENGTH 8", "+#define LENGTH 16"]]


def test_who_wrote_and_who_removed_a_member(world: World) -> None:
    world.edit("long", "int first", "long first")
    world.edit("wide", "long first", "long long first")
    repository = Repository.discover(world.git.path)
    base, *_, head = world.objects
    chain = repository.history().chain(repository.commit(base), repository.commit(head))
    sides = Declarations(repository, chain).sides("s#domain", world.objects[base], world.objects[head])
    origins = [side.origin("first") for side in sides]
    assert [origin and origin.step.commit.subject for origin in origins] == ["long", "wide"]
    assert [side.origin("color") for side in sides] == [None, None]


def test_an_object_that_one_side_has_not(world: World) -> None:
    world.edit("long", "int first", "long first")
    repository = Repository.discover(world.git.path)
    base, *_, head = world.objects
    chain = repository.history().chain(repository.commit(base), repository.commit(head))
    declarations = Declarations(repository, chain)
    [suspect] = declarations.suspects("s#domain", None, world.objects[head], DEPENDS)
    assert suspect.reason == "changed domain.h:9"
    assert _changed(declarations.hunks("s#domain", chain[0], None, world.objects[head])) == [
        ["-\tint first;", "+\tlong first;"]
    ]


def test_what_happened_to_an_export(world: World) -> None:
    """The line that exports it comes before others that name it."""
    exported = 'EXPORT_SYMBOL_NS(start, "DOMAIN");'
    world.edit("export", "#include", f"// {exported}\n#include", "start.c")
    world.edit("namespace", exported, exported.replace("DOMAIN", "OTHER"), "start.c")
    world.edit("rename", "start(", "begin(", "start.c")
    repository = Repository.discover(world.git.path)
    base, *_, head = world.objects
    chain = repository.history().chain(repository.commit(base), repository.commit(head))
    declarations = Declarations(repository, chain)
    found = [_changed(declarations.naming("start", step, DEPENDS)) for step in chain]
    assert found[:2] == [
        [[f"+// {exported}"]],
        [[f"-// {exported}", f"+// {exported.replace('DOMAIN', 'OTHER')}"]],
    ]
    assert [line for hunk in found[2] for line in hunk if "start(" in line]
    assert declarations.naming("star", chain[0], DEPENDS) == ()
    assert declarations.naming("start", chain[0], ["domain.h"]) == ()
