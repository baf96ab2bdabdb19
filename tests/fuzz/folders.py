"""Damaged tar archives of a build, and damaged lists in its folder."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
from random import Random
from typing import TYPE_CHECKING

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.objects.archive import unpack
from kabicheck.objects.directory import read_directory
from tests.dwarf_writer import Unit, die, exported, variable, write
from tests.fuzz.damage import cut, damaged, flipped, flips
from tests.fuzz.oracle import STEP, Result, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kabicheck.model import Export

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes, "gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress
}  # fmt: skip
LISTS = ("built-in.a", "lib/lib.a", "modules.order", "drivers/storage.mod", "drivers/net.mod")


def write_build(root: Path) -> None:
    """A build of six objects that export something and one that does not."""
    integer = die("base_type", name="int", byte_size=4, encoding=5)
    for name in ("init/main", "init/silent", "lib/string", "kernel/a_rather_long_name_for_an_object",
                 "drivers/disk", "drivers/disk_queue", "drivers/net"):  # fmt: skip
        path = root / f"{name}.o"
        path.parent.mkdir(parents=True, exist_ok=True)
        export = name.replace("/", "_")
        section, labels = exported((export, "GPL", ""))
        silent = name == "init/silent"
        path.write_bytes(
            write([Unit(variable(export, integer))], [] if silent else labels, [] if silent else [section])
        )
    archive = ["ar", "cDPrST"]
    members = ["init/main.o", "init/silent.o", "kernel/a_rather_long_name_for_an_object.o"]
    subprocess.run([*archive, "built-in.a", *members], cwd=root, check=True)
    subprocess.run([*archive, "lib.a", "string.o"], cwd=root / "lib", check=True)
    (root / "modules.order").write_text("drivers/storage.o\ndrivers/net.o\n")
    (root / "drivers/storage.mod").write_text("drivers/disk.o\ndrivers/disk_queue.o\n")
    (root / "drivers/net.mod").write_text("drivers/net.o\n")


def exports(root: Path) -> Iterator[Export]:
    """Of all that a folder is taken to hold; nothing is said of what is left out with a note, so it counts as lost."""
    for built in read_directory(root).objects:
        yield from read_exports(Image(built.file))


class Lists:
    """First every bit of every list and every place to cut it off within a line, then more of the kind."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "build"
        write_build(self._root)
        self._sound = frozenset(exports(self._root))
        self._lists = {name: (self._root / name).read_bytes() for name in LISTS}
        self._flips = [(name, *one) for name, data in self._lists.items() for one in flips([(0, len(data))])]
        self.first = len(self._flips)

    def attempt(self, number: int) -> Result:
        """One input."""
        rng = Random(number)
        if number < self.first:
            name, at, mask = self._flips[number * STEP % self.first]
            content, kind = flipped(self._lists[name], at, mask), "one bit"
        else:
            name = rng.choice(LISTS)
            content, kind = damaged(self._lists[name], rng, [(0, len(self._lists[name]))]), "random"
        path = self._root / name
        path.write_bytes(content)
        try:
            found = outcome(lambda: exports(self._root), self._sound)
        finally:
            path.write_bytes(self._lists[name])
        return Result(f"{name}: {kind}", *found)


class Archives:
    """First every bit of headers and lists of a tar archive, then random damage everywhere, also of packed ones."""

    def __init__(self, folder: Path) -> None:
        root = folder / "build"
        write_build(root)
        self._sound = frozenset(exports(root))
        self._folder = folder
        plain, spans = self._tar(root, "")
        self._plain = plain
        self._all = {packed: self._tar(root, packed)[0] for packed in PACKERS}
        self._flips = list(flips(spans))
        self.first = len(self._flips)

    @staticmethod
    def _tar(root: Path, packed: str) -> tuple[bytes, list[tuple[int, int]]]:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path in sorted(root.rglob("*")):
                archive.add(path, path.relative_to(root), recursive=False)
            members = archive.getmembers()
        spans = [(m.offset, m.offset_data + (m.size if m.name in LISTS else 0)) for m in members]
        return PACKERS[packed](file.getvalue()), spans

    def attempt(self, number: int) -> Result:
        """One input."""
        rng = Random(number)
        if number < self.first:
            content, kind = flipped(self._plain, *self._flips[number * STEP % self.first]), "one bit"
        else:
            packed, sound = rng.choice(list(self._all.items()))
            content = cut(sound, rng) if rng.random() < 0.2 else damaged(sound, rng, [(0, len(sound))])
            kind = f"random, {packed or 'plain'}"
        path, target = self._folder / "copy.tar", self._folder / "out"
        path.write_bytes(content)
        target.mkdir()

        def read() -> Iterator[Export]:
            unpack(path, target)
            yield from exports(target)

        try:
            return Result(kind, *outcome(read, self._sound))
        finally:
            shutil.rmtree(target)
