"""The options of commands that build: which repository, how its commits are built, and how many of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.options.index import add_index_arguments
from kabicheck.commands.options.kabi import add_kabi_argument
from kabicheck.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from kabicheck.pipeline.request import CacheOptions, GivenOptions, Sources


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
    build.add_argument(
        "--untrusted",
        action="store_true",
        help="the commits are not trusted: what building them leaves behind is used by other such runs alone; what was "
        "built without this option is used, too, and not changed",
    )
    add_index_arguments(build)
    build.add_argument(
        "-s",
        "--stable",
        action=BooleanOptionalAction,
        help="obey kABI rules and __kabi_* members in the objects, and build with KBUILD_GENDWARFKSYMS_STABLE=1",
    )
    add_kabi_argument(build, kabi)


def add_commit_objects_argument(parser: argparse._ActionsContainer) -> None:
    """--commit-objects."""
    parser.add_argument(
        "--commit-objects",
        metavar="TEMPLATE",
        help="folder or tar archive with the output of each commit's build: a path with {commit}, the whole id, or "
        "{short} in it; nothing is built then",
    )


def add_attribution_arguments(parser: argparse._ActionsContainer) -> None:
    """--attribution and --max-builds."""
    parser.add_argument(
        "--attribution",
        choices=("verify", "blame", "off"),
        help="say which commit changed what: build commits between base and head until it is shown (verify), only "
        "say who touched the lines and build nothing (blame), or do not look (off)",
    )
    add_most_builds_argument(parser)


def add_most_builds_argument(parser: argparse._ActionsContainer) -> None:
    """--max-builds."""
    parser.add_argument(
        "--max-builds",
        metavar="N",
        type=int,
        help="build at most N commits between both sides; what they do not show is said",
    )


def set_nothing_compared(parser: argparse.ArgumentParser) -> None:
    """What `given_of` and `sources_of` read of the options of a comparison, for commands that make none."""
    parser.set_defaults(
        base=None,
        head="HEAD",
        base_objects=None,
        head_objects=None,
        attribution="off",
        max_builds=None,
        output=[],
    )


def require_numbers(args: argparse.Namespace) -> None:
    """Raise UsageError where -j or --max-builds is no number of what it counts."""
    from kabicheck.config import MOST_BUILDS, MOST_JOBS

    if args.jobs is not None and not 0 <= args.jobs <= MOST_JOBS:
        raise UsageError(f"-j {args.jobs}: not a number of processes", hint=f"0 to {MOST_JOBS}")
    if args.max_builds is not None and not 0 <= args.max_builds <= MOST_BUILDS:
        raise UsageError(
            f"--max-builds {args.max_builds}: not a number of builds", hint=f"0 to {MOST_BUILDS}"
        )


def given_of(args: argparse.Namespace, base: str | None) -> GivenOptions:
    """What the command line says of what kabicheck.toml can say as well. Options not given are None or an empty list.

    base: What the new side is compared with, where that is named, by an option or by who runs a hook.
    """
    from dataclasses import fields

    from kabicheck.config import Check
    from kabicheck.pipeline.request import GivenOptions

    values = {field.name: getattr(args, field.name) for field in fields(Check)} | {"base": base}
    return GivenOptions(
        check={
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if value not in (None, [])
        },
        others=frozenset(key for key in ("severities", "stablelists", "kabi") if getattr(args, key, None)),
        kabi=args.kabi,
        file=args.settings,
        ignored=args.no_settings,
    )


def sources_of(args: argparse.Namespace) -> Sources:
    """Where the command line says that commits and objects are."""
    from kabicheck.pipeline.request import Sources

    return Sources(
        args.repository,
        args.base_objects,
        args.head_objects,
        getattr(args, "commit_objects", None),
    )


def cache_of(args: argparse.Namespace) -> CacheOptions:
    """What is kept between runs, and what of it is used."""
    from kabicheck.pipeline.request import CacheOptions

    return CacheOptions(args.no_cache, args.verify_cache, args.untrusted)
