"""Builds that are made by hand."""

from __future__ import annotations

import subprocess
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.objects.kernel_config import forced

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository


@dataclass(frozen=True, slots=True)
class Maker:
    """make as a user runs it, on the tree of any commit, in folders of its own."""

    demo: DemoRepository
    folder: Path

    def build(self, commit: str, *arguments: str, config: str = "") -> Path:
        """The build folder, with everything in it that is built by default."""
        source, build = (
            self.folder / name / f"{len(list(self.folder.iterdir()))}" for name in ("src", "out")
        )
        source.mkdir(parents=True)
        tree = self.folder / "tree.tar"
        self.demo.git("archive", "-o", str(tree), commit)
        with tarfile.open(tree) as archive:
            archive.extractall(source, filter="data")
        self._make(source, build, "defconfig")
        seed = (build / ".config").read_text()
        (build / ".config").write_text(forced(seed + config))
        self._make(source, build, "olddefconfig")
        self._make(source, build, "-j2", *(arguments or ["./"]))
        return build

    def _make(self, source: Path, build: Path, *arguments: str) -> None:
        command = ["make", "-s", "-C", str(source), f"O={build}", *arguments]
        subprocess.run(command, check=True, capture_output=True)
