"""Commits of the demo built by make, as somebody else builds them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository


def build_by_hand(
    demo: DemoRepository, commit: str, folder: Path, *options: str, goal: str = "kernel/async.o"
) -> None:
    """make, as somebody else calls it.

    folder: The build folder, which is made; the source gets a folder beside it.
    options: Options of the configuration, as "NAME=y".
    goal: What is made.
    """
    source = folder.with_name(f"source-{folder.name}")
    source.mkdir(parents=True)
    folder.mkdir(parents=True)
    tree = folder.with_name("tree.tar")
    demo.git("archive", "-o", str(tree), commit)
    subprocess.run(["tar", "-xf", tree, "-C", source], check=True)
    names = ("DEBUG_KERNEL", "DEBUG_INFO_DWARF5", "MODVERSIONS", "GENDWARFKSYMS")
    make = ["make", "-s", "-C", str(source), f"O={folder}"]
    subprocess.run([*make, "defconfig"], check=True, capture_output=True)
    with (folder / ".config").open("a") as file:
        file.writelines(f"CONFIG_{option}\n" for option in (*(f"{name}=y" for name in names), *options))
    for target in ("olddefconfig", goal):
        subprocess.run([*make, target], check=True, capture_output=True)
