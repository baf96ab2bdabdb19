"""The options that say which changes count, over what kabicheck.toml says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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
    from kabicheck.model import Severity
    from kabicheck.pipeline.rulebook import read_rulebook, require_known_rules

    require_known_rules(configuration)
    given = {
        "fail_on": Severity(args.fail_on) if args.fail_on else None,
        "severities": tuple(args.severities),
        "stablelists": tuple(args.stablelists),
        "strict_waivers": args.strict_waivers,
        "allow_unversioned": args.allow_unversioned,
    }
    return read_rulebook(
        replace(configuration.policy, **{key: value for key, value in given.items() if value})
    )
