"""A simulated history as an oracle: files, objects that include files, and commits that do anything to them."""

from __future__ import annotations

import posixpath
import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kabicheck.attribute.branches import Branches
from kabicheck.attribute.question import Observation, Question
from kabicheck.attribute.search import SearchRequest, search
from kabicheck.errors import BuildError
from kabicheck.model import Commit, Step, Touch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kabicheck.attribute.search import SearchResult

# path → (text, names that it includes); what is found first counts: include/arch/x.h hides include/linux/x.h.
Tree = dict[str, tuple[str, tuple[str, ...]]]
SEARCHED = ("include/arch", "include/linux")


def inputs(tree: Tree, path: str) -> tuple[str, ...]:
    """The files that building an object reads, in the order in which it does; none where it is not built."""
    source = path.removesuffix(".o") + ".c"
    found: list[str] = []
    waiting = [source] if source in tree else []
    while waiting:
        file = waiting.pop(0)
        if file in found:
            continue
        found.append(file)
        for name in tree[file][1]:
            place = next((f"{folder}/{name}" for folder in SEARCHED if f"{folder}/{name}" in tree), None)
            waiting += [place] if place else []
    return tuple(found)


def observation(tree: Tree, path: str, exports: Mapping[str, str], *, lie: bool = False) -> Observation:
    """What the compiler makes of an object. exports: export → the text of its files that counts for it."""
    read = inputs(tree, path)
    states = {}
    for export, mark in exports.items():
        text = "".join(word for file in read for word in tree[file][0].split() if word.startswith(mark))
        if read and text:
            states[export] = f"{zlib.crc32(text.encode()):#010x}"
    return Observation(states, frozenset(read[:1] if lie else read), complete=True)


@dataclass
class World:
    """commits by id with their trees; exports: object path → export → mark; unbuildable: (commit, object) pairs."""

    trees: dict[str, Tree] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    exports: dict[str, dict[str, str]] = field(default_factory=dict)
    unbuildable: set[tuple[str, str]] = field(default_factory=set)
    lying: bool = False
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def commit(self, tree: Tree, *parents: Commit) -> Commit:
        """A new commit."""
        number = len(self.commits)
        name = f"{number:040x}"
        made = Commit(
            name,
            f"c{number}",
            f"Commit {number}",
            "A",
            "a@x",
            number,
            name,
            tuple(parent.id for parent in parents),
        )
        self.commits[name] = made
        self.trees[name] = dict(tree)
        return made

    def step(self, parent: Commit, commit: Commit) -> Step:
        """With the files that differ."""
        old, new = self.trees[parent.id], self.trees[commit.id]
        return Step(
            parent,
            commit,
            tuple(
                Touch("M" if path in old and path in new else "A" if path in new else "D", path)
                for path in sorted(old.keys() | new.keys())
                if old.get(path) != new.get(path)
            ),
        )

    def chain(self, *commits: Commit) -> tuple[Step, ...]:
        """Through these commits."""
        return tuple(self.step(old, new) for old, new in pairwise(commits))

    def ancestors(self, commit: Commit) -> set[str]:
        """The ids of a commit and all before it."""
        found: set[str] = set()
        waiting = [commit.id]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.commits[name].parents
        return found

    def history(self, base: Commit, head: Commit) -> tuple[Step, ...]:
        """The chain from base to head: first parents wherever they descend from base."""
        commits = [head]
        while commits[-1] != base:
            parents = [self.commits[name] for name in commits[-1].parents]
            commits.append(next(one for one in parents if base.id in self.ancestors(one)))
        return self.chain(*reversed(commits))

    def sides(self, step: Step) -> list[tuple[Step, ...]]:
        """What a merge brought in."""
        found = []
        for name in step.commit.parents:
            if name != step.parent.id:
                other = self.commits[name]
                fork = max(self.ancestors(step.parent) & self.ancestors(other))
                if fork != name:
                    found.append(self.history(self.commits[fork], other))
        return found

    def observe(self, commit: Commit, paths: Collection[str]) -> Mapping[str, Observation]:
        """As the builds of the commands do."""
        self.asked.append((commit.id, tuple(paths)))
        for path in paths:
            if (commit.id, path) in self.unbuildable:
                raise BuildError(f"{path} of {commit.short} does not compile")
        return {path: self.at(commit, path) for path in paths}

    def at(self, commit: Commit, path: str) -> Observation:
        """What a build would show."""
        return observation(self.trees[commit.id], path, self.exports[path], lie=self.lying)

    def ends(self, chain: Sequence[Step]) -> tuple[Mapping[str, Observation], Mapping[str, Observation]]:
        """What is known before the search."""
        return (
            {path: self.at(chain[0].parent, path) for path in self.exports},
            {path: self.at(chain[-1].commit, path) for path in self.exports},
        )

    def request(self, chain: Sequence[Step], *questions: Question, **options: Any) -> SearchRequest:
        """What a search along a chain is asked, by default of all exports."""
        return SearchRequest(chain, self.ends(chain), questions or self.questions(), **options)

    def search(
        self,
        chain: Sequence[Step],
        *questions: Question,
        sides: Callable[[Step], Sequence[Sequence[Step]]] | None = None,
        **options: Any,
    ) -> SearchResult:
        """What a search along a chain finds. sides: What merges brought in, where it is not what they did bring."""
        return search(self.request(chain, *questions, **options), self.observe, Branches(sides or self.sides))

    def state(self, commit: Commit, question: Question) -> str:
        """The truth."""
        found = {self.at(commit, path).states.get(question.export) for path in question.objects}
        return " or ".join(sorted(filter(None, found)))

    def questions(self) -> list[Question]:
        """Each export, in objects that share a base name."""
        names: dict[str, list[str]] = {}
        for path, exports in self.exports.items():
            for export in exports:
                names.setdefault(export, []).append(path)
        return [
            Question(export, tuple(sorted(paths, key=posixpath.basename))) for export, paths in names.items()
        ]
