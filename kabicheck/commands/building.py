"""The options that say which repository, and how its commits are built: of every command that builds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.kabi import add_kabi_argument
from kabicheck.commands.reading import add_index_arguments
from kabicheck.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from kabicheck.config import Check
    from kabicheck.objects.build import Build


def add_repository_arguments(parser: argparse.ArgumentParser) -> None:
    """-C, and which kabicheck.toml counts."""
    parser.add_argument(
        "-C", dest="repository", metavar="DIR", default=".", help="the repository, or a folder in it"
    )
    settings = parser.add_mutually_exclusive_group()
    settings.add_argument(
        "--settings", metavar="FILE", type=Path, help="these settings, not those of the tree's kabicheck.toml"
    )
    settings.add_argument("--no-settings", action="store_true", help="do not read kabicheck.toml")


def add_build_arguments(parser: argparse.ArgumentParser, kabi: str) -> None:
    """How a kernel is built, and how its objects are read. kabi: which of them --kabi is applied to."""
    from argparse import BooleanOptionalAction

    build = parser.add_argument_group("building")
    build.add_argument(
        "--config",
        metavar="FILE|TARGET",
        help="a .config, or a configuration target of make (defconfig); debug information and symbol "
        "versions are switched on in it",
    )
    build.add_argument(
        "--fragment",
        dest="fragments",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="options laid over it; repeatable",
    )
    build.add_argument("--arch", metavar="ARCH", help="ARCH= of make (the host's)")
    build.add_argument("--cross-compile", metavar="PREFIX", help="CROSS_COMPILE= of make")
    build.add_argument("--llvm", metavar="VALUE", help="LLVM= of make: 1, -18, or a folder/")
    build.add_argument("--kcflags", metavar="FLAGS", help="KCFLAGS= of make")
    build.add_argument("-j", "--jobs", metavar="N", type=int, help="processes (one per processor)")
    build.add_argument(
        "--no-cache", action="store_true", help="build and calculate everything anew, whatever is kept"
    )
    add_index_arguments(build)
    build.add_argument(
        "-s",
        "--stable",
        action=BooleanOptionalAction,
        help="obey kABI rules and __kabi_* members in the objects, and build with KBUILD_GENDWARFKSYMS_STABLE=1",
    )
    add_kabi_argument(build, kabi)


def require_jobs(args: argparse.Namespace) -> None:
    """Raise UsageError where -j is no number of processes."""
    from kabicheck.config import MOST_JOBS

    if args.jobs is not None and not 0 <= args.jobs <= MOST_JOBS:
        raise UsageError(f"-j {args.jobs}: not a number of processes", hint=f"0 to {MOST_JOBS}")


def build_of(check: Check) -> Build:
    """What kbuild is told. Raises UsageError."""
    from kabicheck.commands.settings import seed_of
    from kabicheck.objects.build import Build

    return Build(
        seed=seed_of(check),
        targets=check.targets,
        arch=check.arch,
        cross_compile=check.cross_compile,
        llvm=check.llvm,
        kcflags=check.kcflags,
        jobs=check.jobs,
        stable=check.stable,
    )
