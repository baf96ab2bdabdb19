from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kabicheck.errors import RepositoryError
from kabicheck.model import Touch
from kabicheck.vcs.repository import Repository
from tests.vcs.conftest import Git

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import Step


def _chain(git: Git, base: str, head: str = "HEAD") -> tuple[Step, ...]:
    repository = Repository.discover(git.path)
    return repository.history().chain(repository.commit(base), repository.commit(head))


def _sides(git: Git, step: Step) -> list[list[str]]:
    return [_subjects(side) for side in Repository.discover(git.path).history().sides(step)]


def _subjects(steps: tuple[Step, ...]) -> list[str]:
    return [f"{step.parent.subject}→{step.commit.subject}" for step in steps]


def _merge(git: Git, message: str, *others: str, strategy: str = "ort") -> str:
    git("merge", "-q", "--no-ff", "-s", strategy, "-m", message, *others)
    return git("rev-parse", "HEAD")


def test_a_line_is_its_commits_with_the_files_that_each_one_touched(git: Git) -> None:
    text = "".join(f"line {number}\n" for number in range(20))
    base = git.commit("a", {"x.h": text, "gone.c": "gone\n", "kept": "1"})
    git.commit("b", {"x.h": text + "more\n", "new.c": "new\n"})
    (git.path / "x.h").rename(git.path / "y.h")
    git.commit("c", {"gone.c": None})
    git.commit("nothing", {})
    (git.path / "y.h").rename(git.path / "z.h")
    git.commit("d", {"z.h": text + "another\n"})
    steps = _chain(git, base)
    assert _subjects(steps) == ["a→b", "b→c", "c→nothing", "nothing→d"]
    assert [step.touched for step in steps] == [
        (Touch("A", "new.c"), Touch("M", "x.h")),
        (Touch("D", "gone.c"), Touch("R", "y.h", "x.h")),
        (),
        (Touch("R", "z.h", "y.h"),),
    ]
    assert steps[0].parent.id == base
    assert [step.commit.parents for step in steps[1:]] == [(step.commit.id,) for step in steps[:-1]]


def test_modes_links_and_names_of_any_bytes_are_touched_too(git: Git) -> None:
    base = git.commit("a", {"script": "echo\n", "file": "x\n"})
    git("update-index", "--chmod=+x", "script")
    git("commit", "-q", "-m", "b")
    (git.path / "script").chmod(0o755)
    (git.path / "file").unlink()
    (git.path / "file").symlink_to("script")
    git.commit("c", {})
    name = os.fsdecode(b"caf\xe9.h")
    git.commit("d", {name: "x\n"})
    touched = [step.touched for step in _chain(git, base)]
    assert touched == [(Touch("M", "script"),), (Touch("M", "file"),), (Touch("A", name),)]


def test_nothing_lies_between_a_commit_and_itself(git: Git) -> None:
    git.commit("a", {})
    assert _chain(git, "HEAD", "HEAD") == ()


def test_no_setting_of_the_user_hides_a_rename(git: Git) -> None:
    git("config", "diff.renames", "false")
    base = git.commit("a", {"x.h": "int x;\n"})
    (git.path / "x.h").rename(git.path / "y.h")
    git.commit("b", {})
    assert _chain(git, base)[0].touched == (Touch("R", "y.h", "x.h"),)


@pytest.fixture
def merged(git: Git) -> dict[str, str]:
    """a-b-m-c on main, and a-s-t, forked off before b, merged by m."""
    ids = {"a": git.commit("a", {"a": "1\n"})}
    git("branch", "side")
    ids["b"] = git.commit("b", {"b": "1\n"})
    git("checkout", "-q", "side")
    ids["s"] = git.commit("s", {"s": "1\n"})
    ids["t"] = git.commit("t", {"t": "1\n"})
    git("checkout", "-q", "main")
    ids["m"] = _merge(git, "m", "side")
    ids["c"] = git.commit("c", {"c": "1\n"})
    return ids


def test_a_merge_is_one_step_with_a_side(git: Git, merged: dict[str, str]) -> None:
    steps = _chain(git, merged["a"])
    assert _subjects(steps) == ["a→b", "b→m", "m→c"]
    assert steps[1].touched == (Touch("A", "s"), Touch("A", "t"))
    assert [_sides(git, step) for step in steps] == [[], [["a→s", "s→t"]], []]


def test_a_base_on_the_side_is_reached_through_the_second_parent(git: Git, merged: dict[str, str]) -> None:
    steps = _chain(git, merged["s"])
    assert _subjects(steps) == ["s→t", "t→m", "m→c"]
    assert steps[1].touched == (Touch("A", "b"),)
    assert _sides(git, steps[1]) == [["a→b"]]


def test_an_octopus_has_a_side_for_each_other_parent(git: Git) -> None:
    base = git.commit("a", {"a": "1\n"})
    for name in ("x", "y"):
        git("checkout", "-q", "-b", name, base)
        git.commit(name, {name: "1\n"})
    git("checkout", "-q", "main")
    git.commit("b", {"b": "1\n"})
    _merge(git, "m", "x", "y", strategy="octopus")
    steps = _chain(git, base)
    assert _subjects(steps) == ["a→b", "b→m"]
    assert _sides(git, steps[1]) == [["a→x"], ["a→y"]]


def test_sides_of_criss_cross_merges_hold_nothing_that_was_there_before(git: Git) -> None:
    base = git.commit("a", {"a": "1\n"})
    git("checkout", "-q", "-b", "other")
    left = git.commit("x1", {"x": "1\n"})
    git("checkout", "-q", "main")
    right = git.commit("b1", {"b": "1\n"})
    _merge(git, "m1", left)
    git("checkout", "-q", "other")
    _merge(git, "w1", right)
    git.commit("x2", {"x": "2\n"})
    git("checkout", "-q", "main")
    _merge(git, "m2", "other")
    steps = _chain(git, base)
    assert _subjects(steps) == ["a→b1", "b1→m1", "m1→m2"]
    assert _sides(git, steps[1]) == [["a→x1"]]
    [side] = _sides(git, steps[2])
    assert [way.partition("→")[2] for way in side] == ["w1", "x2"]


def test_a_merge_of_what_is_there_or_of_another_history_has_no_sides(git: Git) -> None:
    base = git.commit("a", {"a": "1\n"})
    git.commit("b", {"b": "1\n"})
    tree = git("rev-parse", "HEAD^{tree}")
    git("reset", "-q", "--hard", git("commit-tree", "-p", "HEAD", "-p", base, "-m", "m", tree))
    stranger = git("commit-tree", "-m", "stranger", tree)
    git("reset", "-q", "--hard", git("commit-tree", "-p", "HEAD", "-p", stranger, "-m", "n", tree))
    steps = _chain(git, base)
    assert _subjects(steps) == ["a→b", "b→m", "m→n"]
    assert [_sides(git, step) for step in steps] == [[], [], []]


def test_a_head_that_does_not_descend_from_the_base_is_an_error(git: Git, merged: dict[str, str]) -> None:
    for base, head in ((merged["b"], merged["t"]), (merged["c"], merged["b"])):
        with pytest.raises(RepositoryError, match=f"{head[:7]} does not descend from {base[:7]}.*merge-base"):
            _chain(git, base, head)


def test_a_shallow_clone_names_the_command_that_deepens_it(
    git: Git, merged: dict[str, str], tmp_path: Path
) -> None:
    git("branch", "early", merged["b"])
    git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{git.path}", str(tmp_path / "shallow"))
    with pytest.raises(RepositoryError, match=r"does not descend .*shallow.*git fetch --unshallow"):
        _chain(Git(tmp_path / "shallow"), "origin/early")


def test_a_shallow_clone_does_not_hide_that_a_merge_brought_something(
    git: Git, merged: dict[str, str], tmp_path: Path
) -> None:
    git("reset", "-q", "--hard", merged["m"])
    git("clone", "-q", "--depth=2", f"file://{git.path}", str(tmp_path / "shallow"))
    (step,) = _chain(Git(tmp_path / "shallow"), "HEAD^1")
    with pytest.raises(
        RepositoryError, match=rf"shallow.* {merged['t'][:12]} is cut off.*git fetch --unshallow"
    ):
        _sides(Git(tmp_path / "shallow"), step)


@pytest.mark.parametrize("depth", [0, 1])
def test_a_partial_clone_names_the_command_that_completes_it(git: Git, tmp_path: Path, depth: int) -> None:
    git("config", "uploadpack.allowFilter", "true")
    base = git.commit("a", {"lib/a": "1\n"})
    git.commit("b", {"lib/a": "2\n"})
    clone = tmp_path / "partial"
    git("clone", "-q", "--no-checkout", f"--filter=tree:{depth}", f"file://{git.path}", str(clone))
    with pytest.raises(RepositoryError, match=r"is missing.*git rev-list .* git fetch .* origin"):
        _chain(Git(clone), base)


def test_a_blobless_clone_can_be_walked(git: Git, merged: dict[str, str], tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{git.path}", str(clone))
    assert _subjects(_chain(Git(clone), merged["a"])) == ["a→b", "b→m", "m→c"]


# Each commit's parents, by their distance from it.
GRAPHS = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(graph=GRAPHS, data=st.data())
def test_random_graphs(
    graph: list[list[int]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Against the definition, with git's own idea of ancestors."""
    git = Git(tmp_path_factory.mktemp("graph"))
    git("init", "-q", "-b", "main")
    commits: list[tuple[list[int], str]] = [([], "")]
    for number, distances in enumerate(graph, 1):
        parents = dict.fromkeys(max(0, number - distance) for distance in distances)
        commits.append((list(parents), ""))
    ids = git.commit_all(commits)
    reaches = {commit: set(git("rev-list", commit).split()) for commit in ids}
    base, head = (data.draw(st.sampled_from(ids)) for _ in range(2))
    if base not in reaches[head]:
        with pytest.raises(RepositoryError, match=r"does not descend"):
            _chain(git, base, head)
        return
    steps = _chain(git, base, head)
    here = head
    for step in reversed(steps):
        parents_here = git("rev-parse", f"{here}^@").split()
        expected = next(parent for parent in parents_here if base in reaches[parent])
        assert (step.commit.id, step.parent.id) == (here, expected)
        here = expected
        for side in Repository.discover(git.path).history().sides(step):
            assert side[-1].commit.id in step.commit.parents
            new = {each.commit.id for each in side}
            assert not new & reaches[step.parent.id]
            assert side[0].parent.id in reaches[step.parent.id]
    assert here == base


def test_what_touched_says_is_what_git_says(git: Git) -> None:
    """Renames with edits, against git's own search for them."""
    body = [f"int member_{number};\n" for number in range(40)]
    base = git.commit("a", {f"lib/{name}.c": "".join(body) + name for name in "abcdef"})
    for number, name in enumerate("abcde"):
        (git.path / f"lib/{name}.c").rename(git.path / f"lib/new_{name}.c")
        body[number * 3] = f"long member_{number};\n"
        git.commit(name, {f"lib/new_{name}.c": "".join(body) + name, "lib/f.c": "".join(body)})
    for step in _chain(git, base):
        fields = subprocess.run(
            ["git", "diff-tree", "-r", "-M50%", "--name-status", "-z", step.parent.id, step.commit.id],
            cwd=git.path, capture_output=True, text=True, check=True,
        ).stdout.split("\0")  # fmt: skip
        found = []
        while fields[0]:
            status, path, *fields = fields
            if status[0] == "R":
                old_path, path, fields = path, fields[0], fields[1:]
                found.append(Touch("R", path, old_path))
            else:
                found.append(Touch(status, path))
        assert sorted(step.touched, key=lambda touch: touch.path) == sorted(
            found, key=lambda touch: touch.path
        )
