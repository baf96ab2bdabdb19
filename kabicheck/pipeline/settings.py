"""The settings of a check: the command line before `kabicheck.toml` before the defaults."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.cache import write_atomically
from kabicheck.config import (
    LIMIT,
    NAME,
    Check,
    Configuration,
    is_file,
    parse_configuration,
    read_configuration,
)
from kabicheck.errors import UsageError
from kabicheck.formats.kabi_rules import read_rules
from kabicheck.objects.build_options import Build
from kabicheck.objects.kernel_config import Seed
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.pipeline.trust import confine, confine_committed
from kabicheck.places import is_below
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kabicheck.objects.store import Store
    from kabicheck.pipeline.request import GivenOptions, Sources

# Bytes of a file that is read from a commit: a kernel configuration; an allyesconfig has 0.3 MB.
MOST_CONFIG = 4 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked for in all.

    check: How to check, from the command line and the file.
    configuration: What the file says that the command line does not replace.
    read: How objects are read.
    """

    check: Check
    configuration: Configuration
    read: ReadOptions


def settings_of(given: GivenOptions, sources: Sources, head: str, store: Store) -> Settings:
    """The settings of a run: what was given before what the file says before the defaults. Raises KabicheckError.

    head: The commit whose file counts in a bare repository.
    store: Where its files are put for that.
    """
    configuration = _configuration(given, sources, head, store)
    verify(configuration)
    options = dict(given.check)
    if "config" in options and Path(options["config"]).is_file():
        options["config"] = str(Path(options["config"]).absolute())
    check = replace(configuration.check, **options)
    file = given.kabi or configuration.kabi_file
    kabi = read_rules(file) if file else configuration.kabi
    if kabi and options.get("stable") is False:
        raise UsageError(
            f"--no-stable leaves no use for kABI rules, as {kabi[0]}", hint="--stable obeys them"
        )
    return Settings(check, configuration, ReadOptions(check.stable, kabi))


def _configuration(given: GivenOptions, sources: Sources, head: str, store: Store) -> Configuration:
    """From a file that was named, else the working tree's, else for a bare repository that of head's tree."""
    replaced = {*given.check, *given.others}
    if given.ignored:
        return Configuration()
    if given.file:
        return named_configuration(given.file, replaced)
    find = Repository.find if sources.are_ready else Repository.discover  # which nothing else needs
    repository = find(sources.repository)
    if repository is None:
        return Configuration()
    if repository.source is None:
        folder = Path(tempfile.mkdtemp(dir=store.temporary()))
        return _in_tree(repository, head, folder, replaced)
    path = repository.source / NAME
    if not path.exists() and not path.is_symlink():
        return Configuration()
    return configuration_of_tree(path, repository, replaced)


def named_configuration(path: Path, replaced: Collection[str] = ()) -> Configuration:
    """The settings in a file that a person names, and so may name anything; relative paths start at its folder.

    One that git tracks is the tree's, whoever names it: a branch decides what it says. Raises KabicheckError.
    """
    folder = path.absolute().parent
    repository = Repository.find(folder) if folder.is_dir() else None
    if repository and repository.source and repository.tracked_below(path):
        return configuration_of_tree(path, repository, replaced)
    return read_configuration(path).without(replaced).located(folder)


def configuration_of_tree(
    path: Path, repository: Repository, replaced: Collection[str] = ()
) -> Configuration:
    """The settings in a file of a work tree, which reach nowhere else. Raises KabicheckError."""
    assert repository.source
    root = Path(os.path.realpath(repository.source))
    folder = Path(os.path.realpath(path.absolute().parent))
    if not is_below(root, path):
        raise UsageError(f"{path}: leads out of the tree", hint="--settings names a file elsewhere")
    configuration = read_configuration(path).without(replaced)
    confine(configuration, PurePosixPath(folder.relative_to(root)), repository)
    return replace(configuration.located(folder), root=root)


def _in_tree(repository: Repository, head: str, folder: Path, replaced: Collection[str]) -> Configuration:
    """The settings of a commit; the files that they name are put into `folder`."""
    commit = repository.commit(head)
    text = repository.file(commit, NAME, LIMIT)
    if text is None:
        return Configuration()
    configuration = parse_configuration(text, f"{commit.short}:{NAME}").without(replaced)
    confine_committed(configuration)
    for path in configuration.files:
        content = repository.file(commit, str(path), MOST_CONFIG)
        if content is None:
            raise UsageError(f"{configuration.name}: {commit.short} has no file {path}")
        write_atomically(folder / path, content)
    return configuration.located(folder)


def seed_of(check: Check) -> Seed:
    """Where the kernel's configuration starts. Raises UsageError."""
    if not is_file(check.config):
        return Seed(target=check.config, fragments=check.fragments)
    file = Path(check.config)
    if not file.is_file():
        raise UsageError(f"{file}: no such file", hint="--config takes a file or a make target")
    return Seed(file, fragments=check.fragments)


def verify(configuration: Configuration) -> None:
    """What only those who use a value can say of it is said before any work, with the file and the key.

    Raises UsageError.
    """
    check = configuration.check
    attempts: dict[str, Callable[[], object]] = {
        "targets": lambda: Build(targets=check.targets),
        "arch": lambda: Build(arch=check.arch),
        "config": lambda: seed_of(replace(check, fragments=())).digest,
        "fragments": lambda: Seed(fragments=check.fragments).digest,
    }
    for key in attempts.keys() & configuration.given:
        try:
            attempts[key]()
        except UsageError as error:
            raise configuration.error(f"check.{key}", error.message, hint=error.hint) from error
