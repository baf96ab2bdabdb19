from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kabicheck.errors import RepositoryError
from kabicheck.vcs.blame import LONGEST_HUNK, LONGEST_LINE, MOST_BYTES, Blame
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from kabicheck.model import Hunk, Step
    from kabicheck.vcs.blame import Origin

HEADER = """\
struct domain {
	struct list_head pending;
	unsigned int registered : 1;
	int state;
};
"""


def _asked(git: Git, base: str, head: str = "HEAD") -> tuple[Blame, tuple[Step, ...]]:
    repository = Repository.discover(git.path)
    chain = repository.history().chain(repository.commit(base), repository.commit(head))
    return repository.blame(), chain


def _blame(git: Git, base: str, path: str, lines: Collection[int]) -> dict[int, str]:
    blame, chain = _asked(git, base)
    return _words(blame.blame(chain, path, lines))


def _removed(git: Git, base: str, path: str, lines: Collection[int]) -> dict[int, str]:
    blame, chain = _asked(git, base)
    return _words(blame.removed(chain, path, lines))


def _words(found: Mapping[int, Origin | None]) -> dict[int, str]:
    """Line → subject path:line, with the merges in front."""
    return {line: _origin(origin) if origin else "" for line, origin in sorted(found.items())}


def _origin(origin: Origin) -> str:
    steps = [step.commit.subject for step in (*origin.merges, origin.step)]
    return f"{'/'.join(steps)} {origin.path}:{origin.line}"


def _diff(hunks: tuple[Hunk, ...]) -> list[list[str]]:
    return [
        [f"@@ -{hunk.old_start} +{hunk.new_start}", *(line.mark + line.text for line in hunk.lines)]
        for hunk in hunks
    ]


def test_lines_are_of_the_step_that_wrote_them_last(git: Git) -> None:
    base = git.commit("a", {"x.h": HEADER})
    git.commit("bool", {"x.h": HEADER.replace("unsigned int registered : 1", "bool registered")})
    git.commit("other", {"y.h": "\n"})
    git.commit("comment", {"x.h": "/* Domains. */\n" + (git.path / "x.h").read_text()})
    found = _blame(git, base, "x.h", range(8))
    assert found == {1: "comment x.h:1", 2: "", 3: "", 4: "bool x.h:3", 5: "", 6: ""}
    assert _removed(git, base, "x.h", range(7)) == {1: "", 2: "", 3: "bool x.h:3", 4: "", 5: ""}


def test_renamed_files_are_followed_with_their_edits(git: Git) -> None:
    text = "".join(f"int member_{number};\n" for number in range(20))
    base = git.commit("a", {"old.h": text})
    git.commit("first", {"old.h": "int first;\n" + text})
    (git.path / "old.h").rename(git.path / "new.h")
    git.commit("rename", {"new.h": "int first;\n" + text.replace("int member_4;", "long member_4;")})
    git.commit("last", {"new.h": (git.path / "new.h").read_text().replace("int member_9;\n", "")})
    assert _blame(git, base, "new.h", (1, 2, 6)) == {1: "first old.h:1", 2: "", 6: "rename new.h:6"}
    found = _removed(git, base, "old.h", (1, 5, 10, 20))
    assert found == {1: "", 5: "rename old.h:6", 10: "last new.h:11", 20: ""}


def test_a_revert_and_a_change_of_blanks_count_as_changes(git: Git) -> None:
    base = git.commit("a", {"x.h": HEADER})
    git.commit("change", {"x.h": HEADER.replace("int state", "long state")})
    git.commit("revert", {"x.h": HEADER})
    git.commit("blanks", {"x.h": HEADER.replace("\tunsigned", "        unsigned")})
    assert _blame(git, base, "x.h", (3, 4)) == {3: "blanks x.h:3", 4: "revert x.h:4"}
    assert _removed(git, base, "x.h", (3, 4)) == {3: "blanks x.h:3", 4: "change x.h:4"}


def test_files_that_come_and_go(git: Git) -> None:
    base = git.commit("a", {"x.h": HEADER})
    git.commit("delete", {"x.h": None})
    git.commit("again", {"x.h": HEADER})
    assert _blame(git, base, "x.h", (2,)) == {2: "again x.h:2"}
    assert _removed(git, base, "x.h", (2,)) == {2: "delete x.h:2"}


def test_what_is_no_file_of_the_commit_has_no_lines(git: Git) -> None:
    base = git.commit("a", {"lib/x.h": HEADER, "empty": ""})
    git.commit("b", {"y": "\n"})
    for path in ("z.h", "lib", "", "/usr/include/x.h", "../x.h", "lib/../lib/x.h", "x\0y", "empty"):
        assert _blame(git, base, path, (0, 1, 2)) == {}, path
        assert _removed(git, base, path, (0, 1, 2)) == {}, path


def test_an_empty_chain_wrote_and_removed_nothing(git: Git) -> None:
    git.commit("a", {"x.h": HEADER})
    blame, chain = _asked(git, "HEAD")
    assert blame.blame(chain, "x.h", (1,)) == {1: None}
    assert blame.removed(chain, "x.h", (1,)) == {1: None}


def test_files_that_are_no_text_change_as_a_whole(git: Git) -> None:
    large = (b"x" * 99 + b"\n") * (MOST_BYTES // 100 + 1)
    files = {"binary": b"a\0b\nc\n", "large": large}
    base = git.commit("a", files)
    git.commit("b", {"binary": b"a\0b\nd\n", "large": large + b"end\n"})
    for path in files:
        assert _blame(git, base, path, (1,)) == {1: f"b {path}:1"}
        assert _removed(git, base, path, (1,)) == {1: f"b {path}:1"}
        blame, [step] = _asked(git, base)
        assert blame.hunks(step, path, range(10), range(10)) == ()


def test_text_of_any_bytes_has_lines(git: Git) -> None:
    name = os.fsdecode(b"caf\xe9.h")
    base = git.commit("a", {name: b"one\r\nt\xe9wo\rmore\nthree"})
    git.commit("b", {name: b"one\r\nt\xeawo\rmore\nthree\n" + b"y" * 10_000})
    found = _blame(git, base, name, range(9))
    assert found == {1: "", 2: f"b {name}:2", 3: f"b {name}:3", 4: f"b {name}:4"}
    blame, [step] = _asked(git, base)
    [hunk] = blame.hunks(step, name, (2,))
    assert [line.mark + line.text[:12] for line in hunk.lines] == [
        " one", "-t�wo\rmore", "-three", "+t�wo\rmore", "+three", "+yyyyyyyyyyyy",
    ]  # fmt: skip
    assert len(hunk.lines[-1].text) == LONGEST_LINE


@pytest.fixture
def merged(git: Git) -> str:
    """Main changes line 2 of x.h; a side adds a line at the top and removes line 4; their merge adds the end."""
    base = git.commit("a", {"x.h": HEADER + "\n" * 9})
    git.commit("main", {"x.h": HEADER.replace("pending", "waiting") + "\n" * 9})
    git("checkout", "-q", "-b", "side", base)
    git.commit("top", {"x.h": "/* top */\n" + HEADER + "\n" * 9})
    git.commit("less", {"x.h": ("/* top */\n" + HEADER + "\n" * 9).replace("\tint state;\n", "")})
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-commit", "side")
    git.commit("merge", {"x.h": (git.path / "x.h").read_text() + "/* end */\n"})
    git.commit("after", {"x.h": "\n" + (git.path / "x.h").read_text()})
    return base


def test_what_a_merge_brought_is_of_the_commit_in_its_side(git: Git, merged: str) -> None:
    found = _blame(git, merged, "x.h", (1, 2, 3, 4, 16))
    assert found == {
        1: "after x.h:1",
        2: "merge/top x.h:1",
        3: "",
        4: "main x.h:2",
        16: "merge x.h:15",
    }
    assert _removed(git, merged, "x.h", (2, 4, 5)) == {2: "main x.h:2", 4: "merge/less x.h:5", 5: ""}


def test_merges_within_sides_of_merges_are_looked_into(git: Git) -> None:
    base = git.commit("a", {"x.h": HEADER})
    git("checkout", "-q", "-b", "outer")
    git.commit("outer", {"y": "1\n"})
    git("checkout", "-q", "-b", "inner")
    git.commit("inner", {"x.h": HEADER.replace("int state", "long state")})
    git("checkout", "-q", "outer")
    git("merge", "-q", "--no-ff", "-m", "m1", "inner")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "m2", "outer")
    assert _blame(git, base, "x.h", (4,)) == {4: "m2/m1/inner x.h:4"}
    assert _removed(git, base, "x.h", (4,)) == {4: "m2/m1/inner x.h:4"}


def test_hunks_are_those_that_meet_the_lines(git: Git) -> None:
    before = [f"line {number}" for number in range(1, 41)]
    base = git.commit("a", {"x.h": "\n".join(before) + "\n"})
    after = [*before[:9], "ten", *before[10:29], *before[31:]]
    (git.path / "x.h").rename(git.path / "y.h")
    git.commit("b", {"y.h": "\n".join(after) + "\n"})
    blame, [step] = _asked(git, base)
    first = [
        "@@ -7 +7",
        " line 7",
        " line 8",
        " line 9",
        "-line 10",
        "+ten",
        " line 11",
        " line 12",
        " line 13",
    ]
    second = [
        "@@ -27 +27", " line 27", " line 28", " line 29", "-line 30", "-line 31", " line 32", " line 33",
        " line 34",
    ]  # fmt: skip
    assert _diff(blame.hunks(step, "y.h", new=(10,))) == [first]
    assert _diff(blame.hunks(step, "x.h", old=(10,))) == [first]
    assert _diff(blame.hunks(step, "x.h", old=(31,))) == [second]
    assert _diff(blame.hunks(step, "y.h", new=range(50), old=range(50))) == [first, second]
    assert _diff(blame.hunks(step, "y.h", new=(9, 11, 30), old=(29, 32))) == []
    assert blame.hunks(step, "z.h", new=(10,)) == ()
    [hunk] = blame.hunks(step, "y.h", new=(10,))
    assert (hunk.file, hunk.old_file) == ("y.h", "x.h")


def test_long_hunks_are_cut_around_the_lines(git: Git) -> None:
    base = git.commit("a", {"y": ""})
    git.commit("b", {"x.h": "".join(f"line {number}\n" for number in range(1, 1001))})
    blame, [step] = _asked(git, base)
    assert _diff(blame.hunks(step, "x.h", new=(1, 500, 502))) == [
        ["@@ -0 +1", "+line 1", "+line 2", "+line 3", "+line 4"],
        ["@@ -0 +497", *(f"+line {number}" for number in range(497, 506))],
    ]
    hunks = blame.hunks(step, "x.h", new=range(1, 1001))
    shown = [line.text for hunk in hunks for line in hunk.lines]
    assert shown == [f"line {number}" for number in range(1, 1001)]
    assert max(len(hunk.lines) for hunk in hunks) <= LONGEST_HUNK


def test_a_partial_clone_names_the_command_that_completes_it(git: Git, tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true")
    base = git.commit("a", {"x.h": HEADER})
    git.commit("b", {"x.h": HEADER + "\n"})
    clone = tmp_path / "partial"
    git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{git.path}", str(clone))
    for ask in (_blame, _removed):
        with pytest.raises(RepositoryError, match=r"missing.*git rev-list .* git fetch .* origin"):
            ask(Git(clone), base, "x.h", (1,))


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _in_a_row(texts: Iterable[str]) -> list[tuple[Collection[int], str]]:
    """Commits that follow each other, as `Git.commit_all` takes them."""
    return [((number - 1,) if number else (), text) for number, text in enumerate(texts)]


# Lines of a file, commit by commit: each an edit (where, how many go, what comes), with a branch to be merged.
EDITS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), st.lists(st.sampled_from("abcdef{}"), max_size=3)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(start=st.lists(st.sampled_from("abcdef{}"), min_size=1, max_size=12), edits=EDITS)
def test_random_histories_are_blamed_as_git_does(
    start: list[str], edits: list[tuple[int, int, list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    git = Git(tmp_path_factory.mktemp("blame"))
    git("init", "-q", "-b", "main")
    lines = list(start)
    texts = [_joined(lines)]
    for at, gone, come in edits:
        lines[at : at + gone] = come
        texts.append(_joined(lines))
    base, *_ = git.commit_all(_in_a_row(texts))
    blame, chain = _asked(git, base)
    found = blame.blame(chain, "x", range(1, len(lines) + 1))
    assert {line: origin.step.commit.id if origin else base for line, origin in found.items()} == {
        int(line): commit
        for commit, line in re.findall(
            r"^\^?([0-9a-f]{40}) \d+ (\d+)", git("blame", "--porcelain", f"{base}..HEAD", "--", "x"), re.M
        )
    }


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 12), edits=EDITS)
def test_lines_that_are_all_different_go_where_they_go(
    count: int, edits: list[tuple[int, int, list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each line's text says which one it is, so that there is but one way to tell where it came from."""
    git = Git(tmp_path_factory.mktemp("blame"))
    git("init", "-q", "-b", "main")
    states = [[f"base {number}" for number in range(count)]]
    for number, (at, gone, come) in enumerate(edits):
        lines = list(states[-1])
        lines[at : at + gone] = [f"{number} {place}" for place in range(len(come))]
        states.append(lines)
    base, *_ = git.commit_all(_in_a_row(map(_joined, states)))
    written, removed = {}, {}
    for line, text in enumerate(states[-1], 1):
        first = next(number for number, state in enumerate(states) if text in state)
        written[line] = f"{first} x:{states[first].index(text) + 1}" if first else ""
    for line, text in enumerate(states[0], 1):
        last = max(number for number, state in enumerate(states) if text in state)
        removed[line] = f"{last + 1} x:{states[last].index(text) + 1}" if last + 1 < len(states) else ""
    assert _blame(git, base, "x", range(1, 99)) == written
    assert _removed(git, base, "x", range(1, 99)) == removed


# Commits with their parents (by distance) and their lines, whatever a merge would have made of these.
GRAPHS = st.lists(
    st.tuples(
        st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True),
        st.lists(st.sampled_from("abcdef"), max_size=6),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(start=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6), graph=GRAPHS)
def test_a_line_is_the_same_where_it_is_said_to_come_from(
    start: list[str], graph: list[tuple[list[int], list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    git = Git(tmp_path_factory.mktemp("graph"))
    git("init", "-q", "-b", "main")
    commits: list[tuple[Collection[int], str]] = [((), _joined(start))]
    for number, (distances, lines) in enumerate(graph, 1):
        parents = dict.fromkeys(max(0, number - distance) for distance in distances)
        commits.append((list(parents), _joined(lines)))
    ids = git.commit_all(commits)
    base = ids[0]
    texts = dict(zip(ids, (start, *(lines for _, lines in graph)), strict=True))
    blame, chain = _asked(git, base, ids[-1])
    for line, origin in blame.blame(chain, "x", range(1, 9)).items():
        text = texts[ids[-1]][line - 1]
        assert text in start if origin is None else texts[origin.step.commit.id][origin.line - 1] == text
    for line, origin in blame.removed(chain, "x", range(1, 9)).items():
        text = start[line - 1]
        assert (
            text in texts[ids[-1]]
            if origin is None
            else texts[origin.step.parent.id][origin.line - 1] == text
        )
