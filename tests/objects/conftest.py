"""The demo's tree as a kernel, built for real."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kabicheck.demo.repository import DemoRepository, write_repository
from kabicheck.objects.build_options import Build
from kabicheck.objects.kbuild import Kbuild
from kabicheck.objects.kernel_config import Seed
from kabicheck.objects.store import Store
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from kabicheck.model import ObjectSet
    from kabicheck.progress import Advance

# What a build gave, apart from where: path → content of object and stand-in, module, dependencies.
Content = dict[str, tuple[bytes, bytes | None, str, tuple[str, ...]]]


def content(found: ObjectSet) -> Content:
    return {
        built.path: (
            built.file.read_bytes(),
            built.types.read_bytes() if built.types else None,
            built.module,
            built.depends,
        )
        for built in found.objects
    }


class Said(list[str]):
    """A progress that remembers."""

    def __call__(self, what: str) -> None:
        self.append(what)

    def counted(self, what: str, total: int) -> Advance:
        self.append(what)
        return lambda _: None


@dataclass
class Driver:
    """The driver on one repository; `said` is its progress."""

    repository: Repository
    cache: Path
    build: Build = field(default_factory=lambda: Build(jobs=2))
    said: Said = field(default_factory=Said)

    @contextlib.contextmanager
    def kbuild(self) -> Iterator[Kbuild]:
        with Store.opened(self.cache) as store:
            worktree = self.repository.worktree(self.build.key, self.cache)
            yield Kbuild(worktree, self.build, store, self.said)

    def objects(self, ref: str) -> ObjectSet:
        with self.kbuild() as kbuild:
            return kbuild.objects(self.repository.commit(ref))

    def some(self, ref: str, paths: Collection[str]) -> ObjectSet:
        with self.kbuild() as kbuild:
            return kbuild.some(self.repository.commit(ref), paths)

    def forget(self) -> None:
        """Lose what was kept, but not the build folder."""
        shutil.rmtree(self.cache / "manifests")

    def clean(self, ref: str) -> Content:
        """What the same gives from nothing, at the same place, since debug information names that."""
        aside = self.cache.with_name("aside")
        self.cache.rename(aside)
        try:
            return content(self.objects(ref))
        finally:
            shutil.rmtree(self.cache)
            aside.rename(self.cache)


@pytest.fixture
def demo(tmp_path: Path) -> DemoRepository:
    return write_repository(tmp_path / "user")


@pytest.fixture
def driver(demo: DemoRepository, tmp_path: Path) -> Driver:
    fragment = tmp_path / "fragment"
    fragment.write_text("CONFIG_CRC32=y\n")
    seed = Seed(target="defconfig", fragments=(fragment,))
    return Driver(Repository.discover(demo.path), tmp_path / "cache", Build(seed=seed, jobs=2))
