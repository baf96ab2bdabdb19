"""Say of the commit that is checked out whether it has changed exported symbols, as `git bisect run` asks.

Builds what exports SYMBOL at HEAD, in a folder of its own, and compares it with the good side: the commit
that `git bisect good` named first, another one (--good), or a version that is known (--good-version). What
counts is all that a report compares: version, licence, namespace and module; with --good-version the
version alone.

  git bisect start v6.19 v6.18
  git bisect run kabicheck bisect step --target lib/kobject.o kobject_init

With several symbols a commit is bad when one of them has changed. Changes of the checkout that are not
committed are not looked at. `kabicheck bisect` does the same with fewer builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.commands.console import print_lines, warn
from kabicheck.commands.options.building import (
    add_build_arguments,
    add_commit_objects_argument,
    add_repository_arguments,
    cache_of,
    given_of,
    require_numbers,
    set_nothing_compared,
    sources_of,
)
from kabicheck.commands.options.targets import add_target_argument
from kabicheck.errors import UsageError
from kabicheck.plain_text import printable

if TYPE_CHECKING:
    import argparse

# As git-bisect(1) has it: 125 for a commit that cannot be tested; cli.py answers 128 for all else.
GOOD, BAD, CANNOT_TEST = 0, 1, 125


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = (
        "exit status, as `git bisect run` has it: 0 good; 1 bad; 125 this commit cannot be built; 128 the question "
        "could not be answered at all, which ends the bisection."
    )
    parser.add_argument("symbols", nargs="+", metavar="SYMBOL", help="an exported symbol")
    add_repository_arguments(parser)
    good = parser.add_mutually_exclusive_group()
    good.add_argument(
        "--good", metavar="REF", help="a commit that is good (the one that git was told of first)"
    )
    good.add_argument("--good-version", metavar="CRC", help="the version that is good, as 0x1234abcd")
    add_target_argument(parser)
    add_build_arguments(parser, "the objects of bad commits")
    add_commit_objects_argument(parser)
    set_nothing_compared(parser)


def run(args: argparse.Namespace) -> int:
    """Build what is checked out, and compare it with what is good."""
    from kabicheck.commands.options.output import configured_outputs
    from kabicheck.pipeline.bisect_step import tested
    from kabicheck.pipeline.request import BisectStepRequest
    from kabicheck.pipeline.session import open_session
    from kabicheck.pipeline.settings import settings_of

    require_numbers(args)
    version = _version(args)
    sources = sources_of(args)
    with open_session(cache_of(args), warn) as session:
        settings = settings_of(given_of(args, None), sources, "HEAD", session.store)
        configured_outputs(settings.configuration)  # so that wrong ones are refused
        request = BisectStepRequest(
            tuple(args.symbols), args.good, version, sources, settings.check, settings.read
        )
        result = tested(request, session)
    if result.problem:
        print_lines([f"{result.commit.short} cannot be tested: {printable(result.problem)}"])
        return CANNOT_TEST
    print_lines(
        f"{answer.symbol}: good, {answer.found}"
        if answer.is_good
        else f"{answer.symbol}: bad, {answer.found}, good was {answer.good}"
        for answer in result.answers
    )
    return GOOD if result.is_good else BAD


def _version(args: argparse.Namespace) -> str:
    """The version that is good, as reports have it, "" where none is given. Raises UsageError."""
    if args.good_version is None:
        return ""
    if len(args.symbols) > 1:
        raise UsageError("--good-version is that of one symbol", hint="--good REF is for several")
    try:
        crc = int(args.good_version, 16)
    except ValueError:
        crc = -1
    if not 0 <= crc < 1 << 32:
        raise UsageError(
            f"--good-version {args.good_version}: not a version", hint="0x and 8 hexadecimal digits"
        )
    return f"{crc:#010x}"
