"""The options of every command that reports: which documents, where to, in colour or not, and how much they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.pipeline.destinations import require_place
from kabicheck.report import EMITTERS, WITH_PATHS, Output, parse_outputs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from kabicheck.compare.detail import Detail
    from kabicheck.config import Check, Configuration


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """-o, --color, and how much a report says."""
    formats = "; ".join(f"{name} is {what}" for name, what in EMITTERS.items())
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[:FILE]",
        help=f"write a report; may be repeated; text to the standard output by default ({formats})",
    )
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colour what people read: on a terminal unless NO_COLOR is set (auto), always or never",
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="show every line of a declaration, and the types that only follow one that they contain",
    )
    parser.add_argument(
        "--paths",
        action="store_true",
        help=f"say of each cause how the nearest export reaches it ({' and '.join(sorted(WITH_PATHS))} always do)",
    )


def detail_of(args: argparse.Namespace, outputs: Iterable[Output]) -> Detail:
    """How much is to be said of a cause."""
    from kabicheck.compare.detail import Detail

    paths = args.paths or any(output.format in WITH_PATHS for output in outputs)
    return Detail(verbose=args.verbose, paths=paths)


def outputs_of(args: argparse.Namespace) -> list[Output]:
    """The outputs asked for; call it before any work is done. Raises UsageError."""
    outputs = parse_outputs(args.output)
    _require_places(outputs)
    return outputs


def configured_outputs(configuration: Configuration, check: Check | None = None) -> list[Output]:
    """The outputs that `check` asks for: those of the settings stay below their tree's root, those of a person do not.

    Raises UsageError, which names the file and the key where these are wrong.
    """
    configured = "output" in configuration.given
    try:
        outputs = parse_outputs((check or configuration.check).output)
    except UsageError as error:
        if configured:
            raise configuration.error("check.output", error.message, hint=error.hint) from error
        raise
    if configured and configuration.root:
        outputs = [replace(output, root=output.path and configuration.root) for output in outputs]
    _require_places(outputs)
    return outputs


def _require_places(outputs: Iterable[Output]) -> None:
    for output in outputs:
        if output.path is not None and output.root is None:
            require_place(output.path)
