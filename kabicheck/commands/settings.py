"""The settings of a check: the command line before `kabicheck.toml` before the defaults."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kabicheck.cache import write_atomically
from kabicheck.config import LIMIT, NAME, Check, Configuration, parse_configuration, read_configuration
from kabicheck.errors import UsageError
from kabicheck.formats.kabi import read_rules
from kabicheck.objects.build import Build
from kabicheck.objects.config import Seed
from kabicheck.report import parse_outputs
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from kabicheck.formats.kabi import KabiRule
    from kabicheck.objects.store import Store

MOST_CONFIG = 4 << 20  # bytes of a kernel configuration in a bare repository; an allyesconfig has 0.3 MB


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked for in all.

    configuration: what the file says, before the command line; kabi: rules outside the source; with them both
    sides are read as with --stable.
    """

    check: Check
    configuration: Configuration
    kabi: tuple[KabiRule, ...] = ()


def settings_of(args: argparse.Namespace, store: Store) -> Settings:
    """The settings of a run. Options that are not given are None or an empty list. Raises KabicheckError."""
    configuration = _configuration(args, store)
    options = {field.name: getattr(args, field.name) for field in fields(Check)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in options.items()
        if value not in (None, [])
    }
    verify(configuration, configuration.given - given.keys())
    check = replace(configuration.check, **given)
    file = args.kabi or configuration.kabi_file
    kabi = read_rules(file) if file else configuration.kabi
    if kabi and args.stable is False:
        raise UsageError(
            f"--no-stable leaves no use for kABI rules, as {kabi[0]}", hint="--stable obeys them"
        )
    return Settings(check, configuration, kabi)


def _configuration(args: argparse.Namespace, store: Store) -> Configuration:
    """From --settings, else the working tree's, else for a bare repository that of head's tree."""
    if args.no_settings:
        return Configuration()
    if args.settings:
        return configuration_on_disk(args.settings)
    if args.base_objects and args.head_objects and not args.commit_objects:
        repository = Repository.find(args.repository)  # which nothing else needs
    else:
        repository = Repository.discover(args.repository)
    if repository is None:
        return Configuration()
    if repository.source is None:
        return _in_tree(repository, args.head, Path(tempfile.mkdtemp(dir=store.temporary())))
    path = repository.source / NAME
    return configuration_on_disk(path) if path.exists() or path.is_symlink() else Configuration()


def configuration_on_disk(path: Path) -> Configuration:
    """The settings in a file; relative paths start at its folder. Raises UsageError."""
    folder = path.absolute().parent
    return read_configuration(path).located(folder, folder)


def _in_tree(repository: Repository, head: str, folder: Path) -> Configuration:
    """The settings of a commit; kernel configurations that they name are put into `folder`."""
    commit = repository.commit(head)
    text = repository.file(commit, NAME, LIMIT)
    if text is None:
        return Configuration()
    configuration = parse_configuration(text, f"{commit.short}:{NAME}")
    for path in configuration.files:
        content = repository.file(commit, str(path), MOST_CONFIG)
        if content is None:
            raise UsageError(f"{configuration.name}: {commit.short} has no file {path}")
        write_atomically(folder / path, content)
    return configuration.located(folder, Path.cwd())


def seed_of(check: Check) -> Seed:
    """Where the kernel's configuration starts. Raises UsageError."""
    file = Path(check.config)
    if file.is_file():
        return Seed(file, fragments=check.fragments)
    if "/" in check.config:
        raise UsageError(f"{file}: no such file", hint="--config takes a file or a make target")
    return Seed(target=check.config, fragments=check.fragments)


def verify(configuration: Configuration, keys: frozenset[str]) -> None:
    """What only those who use a value can say of it is said before any work, with the file and the key.

    keys: those of [check] that are in force. Raises UsageError.
    """
    check = configuration.check
    attempts: dict[str, Callable[[], object]] = {
        "targets": lambda: Build(targets=check.targets),
        "config": lambda: seed_of(replace(check, fragments=())).digest,
        "fragments": lambda: Seed(fragments=check.fragments).digest,
        "output": lambda: parse_outputs(check.output),
    }
    for key in attempts.keys() & keys:
        try:
            attempts[key]()
        except UsageError as error:
            raise configuration.error(key, error.message, hint=error.hint) from error
