"""Histories with more than one merge base, beside what git itself says of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import RepositoryError
from kabicheck.vcs.repository import Base, Repository
from tests.vcs.conftest import Git, contents

if TYPE_CHECKING:
    from pathlib import Path


def criss_cross(
    git: Git, *, left: str = "1\n2\n3\n4\n5\n", right: str = "1\n2\n3\n4\n5\n", both: str = ""
) -> None:
    """main and topic, each of which has merged the other's first commit; with `both`, these merges agree on a file."""
    git.commit("start", {"l": "", "r": "", "f": "1\n2\n3\n4\n5\n"})
    git("branch", "topic")
    first = git.commit("left", {"l": "left\n", "f": left})
    git("checkout", "-q", "topic")
    second = git.commit("right", {"r": "right\n", "f": right})
    for branch, other, message in (("topic", first, "take left"), ("main", second, "take right")):
        git("checkout", "-q", branch)
        git("merge", "-q", "--no-ff", "-m", message, "-X", "ours", other)
        if both:
            (git.path / "f").write_text(both)
            git("commit", "-q", "--amend", "-a", "--no-edit")
    git("checkout", "-q", "main")
    git.commit("on main", {"m": "main\n"})
    git("checkout", "-q", "topic")
    git.commit("on topic", {"t": "topic\n"})


def found_base(git: Git, tmp_path: Path, *, join: bool = True) -> tuple[Repository, Base]:
    repository = Repository.discover(git.path)
    return repository, repository.base(repository.commit("HEAD"), "main", join=join, cache=tmp_path / "cache")


def content(git: Git, cache: Path, tree: str) -> dict[str, str]:
    """File → its text in a tree that is in a repository of ours."""
    [ours] = cache.glob("repositories/*/borrowed.git")
    listed = git(f"--git-dir={ours}", "ls-tree", "-r", tree).splitlines()
    entries = (line.split("\t") for line in listed)
    return {name: git(f"--git-dir={ours}", "cat-file", "blob", entry.split()[2]) for entry, name in entries}


def test_what_any_merge_base_holds_is_in_the_base(git: Git, tmp_path: Path) -> None:
    criss_cross(git)
    before = contents(git.path)
    repository, base = found_base(git, tmp_path)
    assert {each.id for each in base.bases} == set(git("merge-base", "--all", "HEAD", "main").split())
    held = content(git, tmp_path / "cache", base.commit.tree)
    assert held == {"l": "left", "r": "right", "f": "1\n2\n3\n4\n5"}
    head = repository.commit("HEAD")
    steps = repository.history().chain(base.commit, head)
    assert [(step.commit.subject, len(step.touched)) for step in steps] == [("take left", 0), ("on topic", 1)]
    assert [step.commit.subject for step in steps] == [
        each.subject for each in repository.between(base.commit, head)
    ]
    assert repository.history().sides(steps[0]) == ()
    for each in base.bases:
        assert f"{each.short} ({each.subject})" in base.note
    assert contents(git.path) == before, "nothing of it is written to the user's repository"


def test_it_is_the_same_wherever_it_is_made(git: Git, tmp_path: Path) -> None:
    """Whatever the order of parents and of objects is: the newest counts, and of equally old ones the smaller id."""
    criss_cross(git)
    _, base = found_base(git, tmp_path)
    git("clone", "-q", "--bare", ".", str(tmp_path / "clone"))
    other = Repository.discover(tmp_path / "clone")
    again = other.base(other.commit("topic"), "main", cache=tmp_path / "other")
    back = other.base(other.commit("main"), "topic", cache=tmp_path / "third")
    assert again.commit == base.commit == back.commit
    keys = [(-each.time, each.id) for each in base.bases]
    assert keys == sorted(keys)
    _, newest = found_base(git, tmp_path, join=False)
    assert newest.commit == base.bases[0]
    assert f"{newest.commit.short}, the newest" in newest.note


@pytest.mark.parametrize("both", ["", "1\n2\nboth\n4\n5\n"])
def test_merge_bases_that_contradict_each_other(git: Git, tmp_path: Path, both: str) -> None:
    """What both tips hold counts; else what the newest has, and that is said."""
    criss_cross(git, left="1\n2\nleft\n4\n5\n", right="1\n2\nright\n4\n5\n", both=both)
    _, base = found_base(git, tmp_path)
    held = content(git, tmp_path / "cache", base.commit.tree)["f"].splitlines()[2]
    assert held == (both.splitlines()[2] if both else base.bases[0].subject)
    assert ("contradict" in base.note) == (not both)


def test_a_file_that_one_deletes_and_the_other_edits(git: Git, tmp_path: Path) -> None:
    git.commit("start", {"f": "1\n", "l": ""})
    git("branch", "topic")
    first = git.commit("left", {"f": None})
    git("checkout", "-q", "topic")
    second = git.commit("right", {"f": "2\n"})
    for branch, other, text in (("topic", first, "2\n"), ("main", second, "3\n")):
        git("checkout", "-q", branch)
        git("merge", "-q", "-s", "ours", "--no-ff", "-m", f"into {branch}", other)
        git.commit("settle", {"f": text})
    git("checkout", "-q", "topic")
    _, base = found_base(git, tmp_path)
    held = content(git, tmp_path / "cache", base.commit.tree)
    assert held.get("f") == ("2" if base.bases[0].id == second else None)
    assert "(f)" in base.note


def test_three_merge_bases(git: Git, tmp_path: Path) -> None:
    """Two octopus merges of the same three."""
    git.commit("start", {"s": ""})
    parts = []
    for name in "abc":
        git("checkout", "-q", "-b", name, "main")
        parts.append(git.commit(name, {name: name}))
    for name in ("one", "two"):
        git("checkout", "-q", "-b", name, "main")
        git("merge", "-q", "--no-ff", "-m", name, *parts)
        git.commit(f"on {name}", {name: name})
    repository = Repository.discover(git.path)
    head = repository.commit("two")
    base = repository.base(head, "one", cache=tmp_path / "cache")
    assert set(parts) == {each.id for each in base.bases}
    assert set(content(git, tmp_path / "cache", base.commit.tree)) == {"s", "a", "b", "c"}
    chain = repository.history().chain(base.commit, head)
    assert [step.commit.subject for step in chain] == ["two", "on two"]


def test_a_way_that_gathers_the_merge_bases_one_by_one(git: Git, tmp_path: Path) -> None:
    """What forked before them is a side of the commit that has them all, and in no step of its own."""
    git.commit("start", {"s": ""})
    for name in "ab":
        git("checkout", "-q", "-b", name, "main")
        git.commit(name, {name: name})
    git("checkout", "-q", "-b", "other", "a")
    git("merge", "-q", "--no-ff", "-m", "both", "b")
    git("checkout", "-q", "-b", "topic", "main")
    git.commit("own", {"own": ""})
    for name in "ab":
        git("merge", "-q", "--no-ff", "-m", f"take {name}", name)
    git.commit("last", {"last": ""})
    repository = Repository.discover(git.path)
    head = repository.commit("topic")
    base = repository.base(head, "other", cache=tmp_path / "cache")
    history = repository.history()
    chain = history.chain(base.commit, head)
    assert [step.commit.subject for step in chain] == ["take b", "last"]
    [side] = history.sides(chain[0])
    assert {step.commit.subject for step in side} <= {"own", "take a"}
    assert [each.subject for each in repository.between(base.commit, head)] == [
        "own",
        "take a",
        "take b",
        "last",
    ]


def test_a_head_that_the_base_holds_and_the_other_way_round(git: Git, tmp_path: Path) -> None:
    criss_cross(git)
    repository = Repository.discover(git.path)
    tip = repository.commit("HEAD")
    older = repository.commit("HEAD~1")
    assert repository.base(older, "topic").commit == older
    assert repository.base(tip, "HEAD~1").commit == older
    assert repository.base(tip, "topic").commit == tip
    git("checkout", "-q", "--orphan", "unrelated")
    git.commit("alone", {})
    with pytest.raises(RepositoryError, match="no common ancestor"):
        repository.base(repository.commit("unrelated"), "main")


def test_a_shallow_clone_that_may_hide_a_merge_base(git: Git, tmp_path: Path) -> None:
    """topic has merged a branch whose beginning is cut off; it may have begun behind the merge base that is there."""
    git.commit("start", {"s": ""})
    git("checkout", "-q", "-b", "side")
    for number in range(3):
        git.commit(f"side {number}", {"side": str(number)})
    git("checkout", "-q", "-b", "topic", "main")
    git.commit("own", {"own": ""})
    git("merge", "-q", "--no-ff", "-m", "take side", "side")
    folder = tmp_path / "clone"
    git("clone", "-q", "--depth", "3", "--no-single-branch", f"file://{git.path}", str(folder))
    for path, said in ((folder, "cuts history off"), (git.path, "")):
        repository = Repository.discover(path)
        base = repository.base(repository.commit("topic"), "main" if path == git.path else "origin/main")
        assert base.commit.subject == "start"
        assert (said in base.note) if said else not base.note


def test_a_shallow_clone_that_lacks_what_their_merge_needs(git: Git, tmp_path: Path) -> None:
    """The merge bases are there, and the commit that both descend from is cut off."""
    criss_cross(git)
    folder = tmp_path / "clone"
    git("clone", "-q", "--depth", "3", "--no-single-branch", f"file://{git.path}", str(folder))
    repository = Repository.discover(folder)
    head = repository.commit("origin/topic")
    with pytest.raises(RepositoryError, match="git fetch --unshallow"):
        repository.base(head, "origin/main", cache=tmp_path / "cache")
    git(f"--git-dir={os.fspath(folder / '.git')}", "fetch", "-q", "--unshallow")
    assert len(Repository.discover(folder).base(head, "origin/main", cache=tmp_path / "cache").bases) == 2
