"""Suspects in real histories, from places that a compiler would give."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from kabicheck.attribute.suspects import MOST_SUSPECTS, DeclarationSide, suspects
from kabicheck.model import Location
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kabicheck.vcs.blame import Origin

HEADER = """\
struct before {
	int a;
};

struct domain {
	struct list_head pending;

	unsigned int registered : 1;
	int state;
};

enum color {
	RED,
	GREEN,
};

int
start(struct domain *domain,
      int flags);
"""
DEPENDS = ("lib/domain.c", "include/domain.h", "include/list.h")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    made = Git(tmp_path)
    made("init", "-q", "-b", "main")
    made.commit("base", {"include/domain.h": HEADER, "lib/domain.c": "\n", "lib/Makefile": "\n", "y": "\n"})
    return made


class Source:
    """The source files of a commit, and who touched their lines."""

    def __init__(self, git: Git, commit: str, origins: Callable[..., Mapping[int, Origin | None]]) -> None:
        self._git = git
        self._commit = commit
        self.origins = origins

    def text(self, path: str) -> str | None:
        known = self._git("ls-tree", "-r", "--name-only", self._commit).splitlines()
        return self._git("show", f"{self._commit}:{path}") if path in known else None


def _edit(git: Git, subject: str, old: str, new: str, path: str = "include/domain.h") -> None:
    text = (git.path / path).read_text()
    assert old in text
    git.commit(subject, {path: text.replace(old, new)})


def _suspects(
    git: Git,
    declared: str,
    changed: Collection[str] = (),
    places: Mapping[str, str] | None = None,
    *,
    file: str = "include/domain.h",
    depends: Collection[str] = DEPENDS,
) -> list[str]:
    """ "subject: reason" of those who may have changed what a line of HEADER declares. places: member → its line."""
    repository = Repository.discover(git.path)
    base, head = map(repository.commit, (git("rev-list", "--max-parents=0", "HEAD"), "HEAD"))
    chain = repository.history().chain(base, head)
    blame = repository.blame()
    sides = []
    for commit, path, follow in ((base, "include/domain.h", blame.removed), (head, file, blame.blame)):
        source = Source(git, commit.id, partial(follow, chain))

        def line_of(part: str, text: str = source.text(path) or "") -> int:
            return next((number for number, line in enumerate(text.splitlines(), 1) if part in line), 0)

        known = {
            name: Location(path, line_of(part)) for name, part in (places or {}).items() if line_of(part)
        }
        here = Location(path, line_of(declared)) if line_of(declared) else None
        sides.append(DeclarationSide(source, here, changed, known))
    subjects = dict(line.split(" ", 1) for line in git("log", "--all", "--format=%H %s").splitlines())
    return [
        f"{subjects[each.commit]}: {each.reason}" for each in suspects(sides[0], sides[1], chain, depends)
    ]


def test_those_who_touched_the_changed_member_come_first(git: Git) -> None:
    _edit(git, "bool", "unsigned int registered : 1", "bool registered")
    _edit(git, "comment", "struct list_head pending;", "struct list_head pending; /* jobs */")
    _edit(git, "elsewhere", "\tint a;", "\tlong a;")
    _edit(git, "makefile", "\n", "obj-y += domain.o\n", "lib/Makefile")
    assert _suspects(git, "struct domain {", ["registered"], {"registered": " registered"}) == [
        "bool: changed include/domain.h:8",
        "comment: changed include/domain.h:6",
    ]


def test_removed_and_added_members(git: Git) -> None:
    _edit(git, "remove", "\tint state;\n", "")
    assert _suspects(git, "struct domain {", ["state"], {"state": "int state"}) == [
        "remove: removed line 9 of include/domain.h"
    ]
    _edit(git, "add", "\tunsigned", "\tlong more;\n\tunsigned")
    assert _suspects(
        git, "struct domain {", ["more", "state"], {"state": "int state", "more": "long more"}
    ) == [
        "add: changed include/domain.h:8",
        "remove: removed line 9 of include/domain.h",
    ]


def test_both_of_two_commits_on_one_member_are_suspects(git: Git) -> None:
    """Blame of the new side has but the last one, which changed blanks only."""
    _edit(git, "long", "int state", "long state")
    _edit(git, "blanks", "long state", "long  state")
    assert _suspects(git, "struct domain {", ["state"], {"state": " state;"}) == [
        "blanks: changed include/domain.h:9",
        "long: removed line 9 of include/domain.h",
    ]


def test_enumerators_are_found_by_their_names(git: Git) -> None:
    _edit(git, "other", "\tRED,", "\tRED, /* as blood */")
    _edit(git, "blue", "\tGREEN,", "\tBLUE, GREEN,")
    assert _suspects(git, "enum color", ["GREEN", "BLUE"])[0] == "blue: changed include/domain.h:14"


def test_lines_around_the_declared_one_count(git: Git) -> None:
    _edit(git, "static", "int\nstart", "long\nstart")
    _edit(git, "flags", "      int flags", "      long flags")
    assert _suspects(git, "start(struct") == [
        "flags: changed include/domain.h:19",
        "static: changed include/domain.h:17",
    ]


def test_a_renamed_file_is_followed(git: Git) -> None:
    _edit(git, "before", "int state", "long state")
    (git.path / "include/domain.h").rename(git.path / "include/moved.h")
    git.commit("rename", {})
    found = _suspects(git, "struct domain {", ["state"], {"state": " state;"}, file="include/moved.h")
    assert found == ["before: changed include/domain.h:9"]


def test_a_merged_commit_is_the_suspect_and_not_its_merge(git: Git) -> None:
    git("checkout", "-q", "-b", "side")
    _edit(git, "long", "int state", "long state")
    git("checkout", "-q", "main")
    git.commit("main", {"y": "1\n"})
    git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert _suspects(git, "struct domain {", ["state"], {"state": " state;"}) == [
        "long: changed include/domain.h:9"
    ]


def test_without_a_matching_line_it_is_who_touched_what_is_read(git: Git) -> None:
    """A macro, an include or the configuration: the declaration's own file comes first, makefiles last."""
    git.commit("configuration", {"lib/Kconfig": "config X\n"})
    _edit(git, "own", "\tint a;", "\tlong a;")
    git.commit("include", {"lib/domain.c": '#include "x.h"\n'})
    _edit(git, "makefile", "\n", "ccflags-y += -m32\n", "lib/Makefile")
    git.commit("list", {"include/list.h": "\n"})
    git.commit("unrelated", {"net/socket.c": "\n", "Documentation/x.rst": "\n"})
    assert _suspects(git, "struct domain {") == [
        "own: touches include/domain.h",
        "list: touches include/list.h",
        "include: touches lib/domain.c",
        "makefile: touches lib/Makefile",
        "configuration: touches lib/Kconfig",
    ]


def test_a_declaration_without_a_place_has_suspects_too(git: Git) -> None:
    git.commit("list", {"include/list.h": "\n"})
    assert _suspects(git, "no such line") == ["list: touches include/list.h"]


def test_a_declaration_outside_of_the_tree_has_suspects_too(git: Git) -> None:
    git.commit("list", {"include/list.h": "\n"})
    assert _suspects(git, "struct domain {", file="/usr/include/domain.h") == ["list: touches include/list.h"]


def test_nobody_touched_anything_of_it(git: Git) -> None:
    git.commit("unrelated", {"net/socket.c": "\n"})
    assert _suspects(git, "struct domain {", ["state"], {"state": " state;"}) == []


def test_suspects_are_few(git: Git) -> None:
    for number in range(MOST_SUSPECTS + 3):
        git.commit(f"{number}", {"include/list.h": f"{number}\n"})
    found = _suspects(git, "struct domain {")
    assert found == [f"{number}: touches include/list.h" for number in range(MOST_SUSPECTS + 2, 2, -1)]
