"""Check a small kernel-like repository that is made for the purpose: the whole job, without a kernel.

Makes a git repository with a handful of commits, prints the `kabicheck check` command line for it, and runs
exactly that. Needs git, gcc and make. The exit status is 0 when the check found the changes that the commits
make, and 2 otherwise.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, EXIT_FINDINGS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `kabicheck demo`."""
    parser.add_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        help="make the repository in DIR/linux and the builds in DIR/cache, and leave them there",
    )


def run(args: argparse.Namespace) -> int:
    """Make the repository and check it; 0 when the check found something, as it should."""
    from kabicheck.cli import run_command
    from kabicheck.demo.repository import write_repository

    with _folder(args.keep) as folder:
        demo = write_repository(folder / "linux")
        cache = folder / "cache"
        arguments = ["-C", str(demo.path), "--base", demo.base[:12]]
        print(f"{len(demo.commits)} commits on a kernel-like tree are in {demo.path}. What is run on them:\n")
        command = shlex.join(["kabicheck", "check", *arguments])
        print(f"KABICHECK_CACHE={shlex.quote(str(cache))} {command}\n", flush=True)
        with _environment("KABICHECK_CACHE", str(cache)):
            status = run_command(["check", *arguments])
    if status == EXIT_FINDINGS:
        return EXIT_CLEAN
    print(
        f"kabicheck: error: status {status}, where the commits change exports ({EXIT_FINDINGS})",
        file=sys.stderr,
    )
    return EXIT_CANNOT_TELL


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="kabicheck-demo-") as temporary:
            yield Path(temporary).resolve()
    else:
        yield keep.resolve()


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable for a while: a cache of repositories that are gone would only fill the user's disk."""
    old = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if old is None:
            del os.environ[name]
        else:
            os.environ[name] = old
