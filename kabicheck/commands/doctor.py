"""Say what a check would lack here, and how to get it: programs, headers, disk space, commits.

  kabicheck doctor          for the tree that the current folder lies in, and its kabicheck.toml
  kabicheck doctor -C DIR   for another; outside of a repository, for any kernel

Each line is `ok`, `missing`, which a check needs, or `hint`, which it does without. Nothing is built, and nothing
of the tree is run.

exit status: 0 all that is needed is there; 2 something is missing"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, KabicheckError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.config import Check, Configuration
    from kabicheck.objects.needs import Need
    from kabicheck.vcs.repository import Repository

OK, MISSING, HINT = "ok", "missing", "hint"
GIB = 1 << 30
LEAST = 1 * GIB  # a few folders of a kernel, with debug information
WHOLE = 10 * GIB  # a whole kernel of a common configuration, twice

Line = tuple[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "-C", dest="folder", metavar="DIR", type=Path, default=".", help="the repository, or a folder in it"
    )


def run(args: argparse.Namespace) -> int:
    """Look at everything, and print a line each."""
    from kabicheck.commands.console import print_lines
    from kabicheck.plain_text import printable

    if not args.folder.is_dir():
        raise UsageError(f"{args.folder}: not a folder")
    lines = list(_examined(args.folder))
    print_lines(printable(f"{state:<8} {words}") for state, words in lines)
    return EXIT_CANNOT_TELL if any(state == MISSING for state, _ in lines) else EXIT_CLEAN


def _examined(folder: Path) -> Iterator[Line]:
    from kabicheck.config import Check

    repository, lines = _repository(folder)
    yield from lines
    source = repository.source if repository else folder.absolute()
    check = Check()
    if source is not None and (source / "Kconfig").is_file():
        check, lines = _settings(source, repository)
        yield from lines
    else:
        yield HINT, f"{source or folder.absolute()}: not a kernel's tree; these are the needs of any kernel"
        source = None
    yield from _host(source, check)
    yield from _disk()


def _repository(folder: Path) -> tuple[Repository | None, list[Line]]:
    from kabicheck.vcs.repository import Repository

    try:
        repository = Repository.find(folder)
    except KabicheckError as error:
        return None, [(MISSING, str(error))]
    if repository is None:
        return None, [(HINT, f"{folder.absolute()}: not in a git repository; -C DIR names one")]
    lines = [(OK, f"repository {repository.path}")]
    try:
        lines.append((OK, f"compares with {repository.default_base()} where --base is not given"))
    except KabicheckError as error:
        lines.append((HINT, str(error)))
    if hint := repository.fetch_hint():
        lines.append((HINT, f"commits may be missing: {hint}"))
    return repository, lines


def _settings(source: Path, repository: Repository | None) -> tuple[Check, list[Line]]:
    """The settings of a tree, and what is to be said of them."""
    from kabicheck.config import NAME, Check
    from kabicheck.pipeline.settings import configuration_of_tree, named_configuration

    path = source / NAME
    if not path.exists() and not path.is_symlink():
        return Check(), [(HINT, f"no {NAME}: kabicheck init writes one")]
    try:
        configuration = configuration_of_tree(path, repository) if repository else named_configuration(path)
        _read_all(configuration)
    except KabicheckError as error:
        return Check(), [(MISSING, str(error))]
    return configuration.check, [(OK, f"settings {path}")]


def _read_all(configuration: Configuration) -> None:
    """Whatever a check would read first: the files that the settings name. Raises KabicheckError."""
    from kabicheck.commands.options.policy import add_policy_arguments, rulebook_of
    from kabicheck.formats.kabi_rules import read_rules
    from kabicheck.pipeline.settings import verify

    verify(configuration)
    parser = argparse.ArgumentParser()
    add_policy_arguments(parser)
    rulebook_of(parser.parse_args([]), configuration)
    if configuration.kabi_file:
        read_rules(configuration.kabi_file)


def _host(source: Path | None, check: Check) -> Iterator[Line]:
    """What the build needs."""
    from kabicheck.objects.build_options import Build
    from kabicheck.objects.make_environment import without_effect
    from kabicheck.objects.needs import config_settings, needs, switched
    from kabicheck.objects.tree import config_file, host_arch

    config: dict[str, str] = {}
    path = source and config_file(source, check.config, check.arch or host_arch())
    if path:
        config = config_settings(path)
        if changed := switched(path):
            options = ", ".join(f"{each.name}={each.new}" for each in changed)
            yield HINT, f"{path}: kabicheck builds with {options}"
        else:
            yield OK, f"configuration {path}"
    build = Build(arch=check.arch, cross_compile=check.cross_compile, llvm=check.llvm)
    for need in needs(source, config, build):
        yield _need(need)
    yield _ccache()
    if names := without_effect():
        yield HINT, f"no build sees these variables of the environment: {', '.join(names)}"


def _ccache() -> Line:
    from kabicheck.objects.make_environment import uses_ccache

    if shutil.which("ccache") is None:
        return HINT, "ccache is not installed: with it, what was compiled once is not compiled again"
    if not uses_ccache():
        return HINT, "ccache is installed, and switched off by CCACHE_DISABLE"
    return OK, "ccache: used in a folder of its own, with settings of its own that are exact"


def _need(need: Need) -> Line:
    if need.present:
        return OK, f"{need.name}: {need.version}" if need.version else need.name
    advice = f": install the package {need.package}" if need.package else ""
    if not need.required:
        return HINT, f"{need.name} is not there, and may be needed for {need.reason}{advice}"
    return MISSING, f"{need.name}, for {need.reason}{advice}"


def _disk() -> Iterator[Line]:
    """The path of the cache folder, which need not exist yet, and the room in it."""
    from kabicheck.cache import cache_folder, named_cache_folder
    from kabicheck.objects.host import TAKEN, untaken

    try:
        folder = cache_folder()
    except KabicheckError as error:
        yield MISSING, str(error)
        return
    if folder != (named := named_cache_folder()):
        yield OK, f"{named} leads to {folder}"
    if characters := untaken(folder):
        yield MISSING, f"{folder}: make does not take {characters} in a path; {TAKEN}"
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK) or not there.is_dir():
        yield MISSING, f"{folder}: cannot be written; set KABICHECK_CACHE to another folder"
        return
    free = shutil.disk_usage(there).free
    words = f"{folder}: {free / GIB:.1f} GiB free"
    if free < LEAST:
        yield MISSING, f"{words}; set KABICHECK_CACHE to a folder with more"
    elif free < WHOLE:
        yield HINT, f"{words}; a whole kernel takes some {WHOLE / GIB:.0f} GiB"
    else:
        yield OK, words
