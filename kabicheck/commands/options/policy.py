"""The options that say which changes count, over what kabicheck.toml says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from kabicheck.config import Configuration
    from kabicheck.pipeline.request import Rulebook


def add_policy_arguments(parser: argparse.ArgumentParser) -> None:
    """--fail-on and others; they replace what kabicheck.toml says of the same."""
    from kabicheck.model import Severity

    group = parser.add_argument_group("which changes count")
    group.add_argument(
        "--fail-on",
        choices=[str(severity) for severity in Severity],
        help="fail on changes that are this bad or worse (incompatible)",
    )
    group.add_argument(
        "--severities",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="tolerate what this file of suse-kabi-tools tolerates; repeatable",
    )
    group.add_argument(
        "--stablelist",
        dest="stablelists",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="only the exports that this list names can fail; repeatable",
    )
    group.add_argument(
        "--strict-waivers",
        action="store_true",
        default=None,
        help="fail when a waiver is expired, or waives nothing any more",
    )
    group.add_argument(
        "--allow-unversioned",
        action="store_true",
        default=None,
        help="let exports pass that have no version on either side because no file holds their type (assembly)",
    )


def rulebook_of(args: argparse.Namespace, configuration: Configuration) -> Rulebook:
    """What kabicheck.toml and the command line say. Raises UsageError, ObjectError."""
    from kabicheck.compare.rules.table import RULES
    from kabicheck.formats.severities import read_severities
    from kabicheck.formats.stablelist import read_stablelist
    from kabicheck.model import Severity
    from kabicheck.pipeline.request import Rulebook
    from kabicheck.policy.apply import Lists

    policy = configuration.policy
    for rule, where in (
        *((rule, f"{configuration.name}: [severity]") for rule in policy.grades),
        *((waiver.rule, waiver.place) for waiver in policy.waivers if waiver.rule),
    ):
        if rule not in RULES:
            raise UsageError(f"{where}: there is no rule {rule}", hint="`kabicheck explain` lists them")
    given = {
        "fail_on": Severity(args.fail_on) if args.fail_on else None,
        "severities": tuple(args.severities),
        "stablelists": tuple(args.stablelists),
        "strict_waivers": args.strict_waivers,
        "allow_unversioned": args.allow_unversioned,
    }
    policy = replace(policy, **{key: value for key, value in given.items() if value})
    return Rulebook(
        policy,
        Lists(
            tuple(rule for path in policy.severities for rule in read_severities(path, _told(path))),
            frozenset().union(*map(read_stablelist, policy.stablelists)) if policy.stablelists else None,
        ),
    )


def _told(path: Path) -> str:
    """How a report names a file: in a tree alike on all machines, wherever they keep it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
