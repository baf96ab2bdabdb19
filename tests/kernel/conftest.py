"""One clone of Linux with the series on top, two clean builds, and one cache for all checks."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.kernel.checks import Check, check
from tests.kernel.clean import CleanBuild, clean_build
from tests.kernel.linux import Checkout, clone
from tests.kernel.series import BROKEN, PREPARATION, SERIES
from tests.lacking import skip_or_fail
from tests.oracle.gendwarfksyms import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kernel:
    """commits: a patch's name → its id; base: where the series starts; broken stands on base, alone."""

    checkout: Checkout
    commits: Mapping[str, str]
    base: str
    head: str
    broken: str


@dataclass(frozen=True, slots=True)
class CleanSides:
    """The two builds that make did from nothing."""

    base: CleanBuild
    head: CleanBuild


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where everything is made; gigabytes, so nothing of it stays for the next sessions."""
    made = tmp_path_factory.mktemp("kernel")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def kernel(folder: Path) -> Kernel:
    """Linux with the series on its main branch. Skipped where it cannot be had; with CI=true that is a failure."""
    if platform.machine() != "x86_64":
        skip_or_fail(f"the series has x86_64 assembly, and this is {platform.machine()}")
    try:
        checkout = clone(folder / "linux")
    except Missing as missing:
        skip_or_fail(str(missing))
    base = checkout.commit(PREPARATION.subject, PREPARATION.edits)
    checkout.git("switch", "--quiet", "--create", BROKEN.name)
    broken = checkout.commit(BROKEN.subject, BROKEN.edits)
    checkout.git("switch", "--quiet", "main")
    commits = {patch.name: checkout.commit(patch.subject, patch.edits) for patch in SERIES}
    return Kernel(checkout, commits, base, checkout.git("rev-parse", "HEAD"), broken)


@pytest.fixture(scope="session")
def clean(kernel: Kernel, folder: Path) -> CleanSides:
    """Both sides by plain make, as somebody would do who has no kabicheck."""
    checkout = kernel.checkout
    checkout.git("switch", "--quiet", "--detach", kernel.base)
    base = clean_build(checkout.path, folder / "clean-base")
    checkout.git("switch", "--quiet", "main")
    return CleanSides(base, clean_build(checkout.path, folder / "clean-head"))


@pytest.fixture(scope="session")
def cache(folder: Path) -> Iterator[Path]:
    """kabicheck's own cache folder for this session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KABICHECK_CACHE", str(folder / "cache"))
        yield folder / "cache"


@pytest.fixture(scope="session")
def first(kernel: Kernel, clean: CleanSides, cache: Path, folder: Path) -> Check:
    """The whole series in one check, which starts with empty caches; the checkout must come out as it went in."""
    before = kernel.checkout.state()
    done = check(kernel.checkout, kernel.base, "main", folder / "first.xml")
    after = kernel.checkout.state()
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    assert not changed, changed
    return done
