"""The settings of a check: the command line before `kabicheck.toml` before the defaults."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

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
from kabicheck.pipeline.destinations import require_place
from kabicheck.pipeline.trust import confine, confine_committed
from kabicheck.places import is_below
from kabicheck.report import parse_outputs
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.objects.store import Store
    from kabicheck.report import Output

MOST_CONFIG = (
    4 << 20
)  # bytes of a file that is read from a commit: a kernel configuration; an allyesconfig has 0.3 MB


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked for in all.

    configuration: what the file says that the command line does not replace; outputs: where reports go; kabi: rules
    outside the source; with them both sides are read as with --stable.
    """

    check: Check
    configuration: Configuration
    outputs: tuple[Output, ...] = ()
    kabi: tuple[KabiRule, ...] = ()


def settings_of(args: argparse.Namespace, store: Store) -> Settings:
    """The settings of a run. Options that are not given are None or an empty list. Raises KabicheckError."""
    options = {field.name: getattr(args, field.name) for field in fields(Check)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in options.items()
        if value not in (None, [])
    }
    others = (key for key in ("severities", "stablelists", "kabi") if getattr(args, key, None))
    configuration = _configuration(args, store, {*given, *others})
    verify(configuration)
    if "config" in given and Path(given["config"]).is_file():
        given["config"] = str(Path(given["config"]).absolute())
    check = replace(configuration.check, **given)
    file = args.kabi or configuration.kabi_file
    kabi = read_rules(file) if file else configuration.kabi
    if kabi and args.stable is False:
        raise UsageError(
            f"--no-stable leaves no use for kABI rules, as {kabi[0]}", hint="--stable obeys them"
        )
    outputs = parse_outputs(check.output)
    if "output" in configuration.given and configuration.root:
        outputs = [replace(output, root=output.path and configuration.root) for output in outputs]
    for output in outputs:
        if output.path is not None and output.root is None:
            require_place(output.path)
    return Settings(check, configuration, tuple(outputs), kabi)


def _configuration(args: argparse.Namespace, store: Store, replaced: Collection[str]) -> Configuration:
    """From --settings, else the working tree's, else for a bare repository that of head's tree.

    replaced: the keys that the command line has.
    """
    if args.no_settings:
        return Configuration()
    if args.settings:
        return named_configuration(args.settings, replaced)
    if args.base_objects and args.head_objects and not args.commit_objects:
        repository = Repository.find(args.repository)  # which nothing else needs
    else:
        repository = Repository.discover(args.repository)
    if repository is None:
        return Configuration()
    if repository.source is None:
        folder = Path(tempfile.mkdtemp(dir=store.temporary()))
        return _in_tree(repository, args.head, folder, replaced)
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
        "output": lambda: parse_outputs(check.output),
    }
    for key in attempts.keys() & configuration.given:
        try:
            attempts[key]()
        except UsageError as error:
            raise configuration.error(f"check.{key}", error.message, hint=error.hint) from error
