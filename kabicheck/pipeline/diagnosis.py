"""What a check would lack at a place: the repository, its settings, programs, headers, room for the cache.

Nothing is built, and nothing of the tree is run.
"""

from __future__ import annotations

import os
import shutil
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.cache import cache_folder, named_cache_folder
from kabicheck.config import NAME, Check
from kabicheck.errors import KabicheckError
from kabicheck.formats.kabi_rules import read_rules
from kabicheck.objects.build_options import Build
from kabicheck.objects.host import TAKEN, untaken
from kabicheck.objects.make_environment import uses_ccache, without_effect
from kabicheck.objects.needs import config_settings, needs, switched
from kabicheck.objects.tree import config_file, host_arch
from kabicheck.pipeline.rulebook import read_rulebook, require_known_rules
from kabicheck.pipeline.settings import configuration_of_tree, named_configuration, verify
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kabicheck.config import Configuration
    from kabicheck.objects.needs import Need


GIB = 1 << 30
LEAST = 1 * GIB  # a few folders of a kernel, with debug information
WHOLE = 10 * GIB  # a whole kernel of a common configuration, twice


class State(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    MISSING = "missing"  # a check needs it
    HINT = "hint"  # a check does without it


class Sign(NamedTuple):
    """One thing that was looked at, and a sentence on it."""

    state: State
    sentence: str


def examined(folder: Path, look_at: Callable[[Configuration], object]) -> Iterator[Sign]:
    """What there is to say of a check of the tree that a folder lies in; outside of one, of any kernel's.

    look_at: Raises a KabicheckError for settings that are wrong in what only the caller knows, as formats of reports.
    """
    repository, signs = _repository(folder)
    yield from signs
    source = repository.source if repository else folder.absolute()
    check = Check()
    if source is not None and (source / "Kconfig").is_file():
        check, signs = _settings(source, repository, look_at)
        yield from signs
    else:
        yield Sign(
            State.HINT,
            f"{source or folder.absolute()}: not a kernel's tree; these are the needs of any kernel",
        )
        source = None
    yield from _host(source, check)
    yield from _disk()


def _repository(folder: Path) -> tuple[Repository | None, list[Sign]]:
    try:
        repository = Repository.find(folder)
    except KabicheckError as error:
        return None, [Sign(State.MISSING, str(error))]
    if repository is None:
        return None, [Sign(State.HINT, f"{folder.absolute()}: not in a git repository; -C DIR names one")]
    signs = [Sign(State.OK, f"repository {repository.path}")]
    try:
        signs.append(Sign(State.OK, f"compares with {repository.default_base()} where --base is not given"))
    except KabicheckError as error:
        signs.append(Sign(State.HINT, str(error)))
    if hint := repository.fetch_hint():
        signs.append(Sign(State.HINT, f"commits may be missing: {hint}"))
    return repository, signs


def _settings(
    source: Path, repository: Repository | None, look_at: Callable[[Configuration], object]
) -> tuple[Check, list[Sign]]:
    """The settings of a tree, and what is to be said of them."""
    path = source / NAME
    if not path.exists() and not path.is_symlink():
        return Check(), [Sign(State.HINT, f"no {NAME}: kabicheck init writes one")]
    try:
        configuration = configuration_of_tree(path, repository) if repository else named_configuration(path)
        verify(configuration)
        require_known_rules(configuration)
        read_rulebook(configuration.policy)
        look_at(configuration)
        if configuration.kabi_file:
            read_rules(configuration.kabi_file)
    except KabicheckError as error:
        return Check(), [Sign(State.MISSING, str(error))]
    return configuration.check, [Sign(State.OK, f"settings {path}")]


def _host(source: Path | None, check: Check) -> Iterator[Sign]:
    """What the build needs."""
    config: dict[str, str] = {}
    path = source and config_file(source, check.config, check.arch or host_arch())
    if path:
        config = config_settings(path)
        if changed := switched(path):
            options = ", ".join(f"{each.name}={each.new}" for each in changed)
            yield Sign(State.HINT, f"{path}: kabicheck builds with {options}")
        else:
            yield Sign(State.OK, f"configuration {path}")
    build = Build(arch=check.arch, cross_compile=check.cross_compile, llvm=check.llvm)
    for need in needs(source, config, build):
        yield _need(need)
    yield _ccache()
    if names := without_effect():
        yield Sign(State.HINT, f"no build sees these variables of the environment: {', '.join(names)}")


def _ccache() -> Sign:
    if shutil.which("ccache") is None:
        return Sign(
            State.HINT, "ccache is not installed: with it, what was compiled once is not compiled again"
        )
    if not uses_ccache():
        return Sign(State.HINT, "ccache is installed, and switched off by CCACHE_DISABLE")
    return Sign(State.OK, "ccache: used in a folder of its own, with settings of its own that are exact")


def _need(need: Need) -> Sign:
    if need.present:
        return Sign(State.OK, f"{need.name}: {need.version}" if need.version else need.name)
    advice = f": install the package {need.package}" if need.package else ""
    if not need.required:
        return Sign(State.HINT, f"{need.name} is not there, and may be needed for {need.reason}{advice}")
    return Sign(State.MISSING, f"{need.name}, for {need.reason}{advice}")


def _disk() -> Iterator[Sign]:
    """The path of the cache folder, which need not exist yet, and the room in it."""
    try:
        folder = cache_folder()
    except KabicheckError as error:
        yield Sign(State.MISSING, str(error))
        return
    if folder != (named := named_cache_folder()):
        yield Sign(State.OK, f"{named} leads to {folder}")
    if characters := untaken(folder):
        yield Sign(State.MISSING, f"{folder}: make does not take {characters} in a path; {TAKEN}")
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK) or not there.is_dir():
        yield Sign(State.MISSING, f"{folder}: cannot be written; set KABICHECK_CACHE to another folder")
        return
    free = shutil.disk_usage(there).free
    words = f"{folder}: {free / GIB:.1f} GiB free"
    if free < LEAST:
        yield Sign(State.MISSING, f"{words}; set KABICHECK_CACHE to a folder with more")
    elif free < WHOLE:
        yield Sign(State.HINT, f"{words}; a whole kernel takes some {WHOLE / GIB:.0f} GiB")
    else:
        yield Sign(State.OK, words)
