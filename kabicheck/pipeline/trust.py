"""What a tree's own kabicheck.toml may ask for: nothing that reaches beyond the tree.

Whoever wrote the commit that is checked wrote this file too: in a bare repository it is read from that commit, and in a
CI job the checkout is it. So no key of it names a file to write, but for reports below the root of the work tree, a
file to read outside of the tree, whose lines would appear in errors and reports, or a program to run. A file that a
person names with --settings says what that person wants, unless git tracks it.
"""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kabicheck import places
from kabicheck.config import is_file
from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.config import Configuration
    from kabicheck.vcs.repository import Repository

# A name that is looked for in PATH, and nothing that a shell or make would take for more.
_PREFIX = re.compile(r"\w[\w.+-]*")
_LLVM = re.compile(r"1|-\d[\w.+-]*")

# What only chooses how code is compiled. Left out are all flags that name a file or a program or hand words on to
# another one (-o, -B, -I, -include, -specs=, -wrapper, -Wp, -Xclang, -fplugin=, -mllvm, @file): no word may hold a
# slash or what make and the shell expand, and of -f only these flags have a value that is no number.
_FLAG = re.compile(
    r"-O(?:[0-3gsz]|fast)?|-g[\w-]*|-std=[\w+]+|-pipe|-w|--param=[\w-]+=\d+"
    r"|-[DU][A-Za-z_]\w*(?:=[\w.+-]*)?"
    r"|-W[a-z][\w+-]*(?:=[\w.+-]+)?"
    r"|-m(?!llvm)[a-z\d][\w.+-]*(?:=[\w.,+-]+)?"
    r"|-f(?!dump|plugin|pass-plugin|module)[a-z][\w+-]*(?:=\d+(?:,\d+)*)?"
    r"|-f(?:(?:no-)?sanitize|cf-protection|zero-call-used-regs|trivial-auto-var-init|visibility|tls-model"
    r"|excess-precision|ffp-contract|fp-contract|live-patching|vect-cost-model|reorder-blocks-algorithm"
    r"|diagnostics-color|stack-clash-protection|align-functions)=[\w,-]+"
)

_MAKEFILES = ("gnumakefile", "makefile", "kbuild")
ELSEWHERE = "the command line may, or a file elsewhere that --settings names"


def confine(configuration: Configuration, folder: PurePosixPath, repository: Repository) -> None:
    """Raise UsageError where the file of a work tree reaches beyond it.

    folder: that of the file, relative to the root of the work tree; the file's paths are as they stand there.
    """
    root = repository.source
    assert root is not None
    _confine_values(configuration)
    for key, name in _read(configuration):
        place = _inside(folder, name)
        if place is None or not places.is_below(root, root / place):
            raise configuration.error(key, f"{name} leads out of {root}", hint=ELSEWHERE)
    for file in _reports(configuration):
        if problem := _written(folder, file, repository, root):
            raise configuration.error("check.output", problem, hint="-o FORMAT:FILE can name it")


def confine_committed(configuration: Configuration) -> None:
    """Raise UsageError where a file that was read from a commit reaches beyond that commit, or names a report."""
    _confine_values(configuration)
    for key, name in _read(configuration):
        if _inside(PurePosixPath(), name) is None:
            raise configuration.error(key, f"{name} leads out of the tree", hint=ELSEWHERE)
    if configuration.check.output:
        raise configuration.error(
            "check.output", "the file of a commit names no reports", hint="-o FORMAT:FILE names them"
        )


def _confine_values(configuration: Configuration) -> None:
    """The values that become part of a command line."""
    check = configuration.check
    for key, words, allowed, what in (
        ("cross_compile", [check.cross_compile], _PREFIX, "a prefix that is looked for in PATH"),
        ("llvm", [check.llvm], _LLVM, "1 or a version, as -18"),
        ("kcflags", check.kcflags.split(), _FLAG, "flags that name neither files nor programs"),
    ):
        for word in words:
            if word and not allowed.fullmatch(word):
                problem = f"a tree's own file may name {what}, not {word}"
                raise configuration.error(f"check.{key}", problem, hint=ELSEWHERE)


def _read(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Key and value of every file that is to be read."""
    check, policy = configuration.check, configuration.policy
    if is_file(check.config):
        yield "check.config", check.config
    yield from (("check.fragments", str(path)) for path in check.fragments)
    yield from (("policy.severities", str(path)) for path in policy.severities)
    yield from (("policy.stablelists", str(path)) for path in policy.stablelists)
    if configuration.kabi_file:
        yield "kabi", str(configuration.kabi_file)


def _reports(configuration: Configuration) -> Iterator[str]:
    files = (output.partition(":")[2] for output in configuration.check.output)
    return (file for file in files if file not in ("", "-"))


def _inside(folder: PurePosixPath, name: str) -> str | None:
    """Where a relative path leads from the root, by its letters; None for one that leads above it, or is absolute."""
    if name.startswith("/"):
        return None
    parts: list[str] = []
    for part in (*folder.parts, *PurePosixPath(name).parts):
        if part != "..":
            parts.append(part)
        elif not parts:
            return None
        else:
            parts.pop()
    return "/".join(parts)


def _written(folder: PurePosixPath, file: str, repository: Repository, root: Path) -> str:
    """Why a report may not be written there, "" where it may."""
    name = _inside(folder, file)
    if name is None or ".." in PurePosixPath(file).parts:
        return f"{file} is not below {root}"
    parts = name.split("/")
    if any(part.casefold().startswith(".git") for part in parts) or parts[-1].startswith("."):
        return f"{file}: hidden files tell programs what to do"
    if parts[-1].casefold() in _MAKEFILES:
        return f"{file}: make would run it"
    if tracked := repository.tracked([*accumulate(parts, "{}/{}".format)]):
        return f"{file}: git tracks {tracked}"
    if problem := places.obstacle(root, name):
        return f"{file}: {problem}"
    if places.git_folder(root / name) or _is_hook(repository, root / name):
        return f"{file} is where git keeps its own files"
    return ""


def _is_hook(repository: Repository, path: Path) -> bool:
    try:
        return path.is_relative_to(repository.hooks_folder())
    except RepositoryError:  # hooks are switched off, or those of all repositories
        return False
