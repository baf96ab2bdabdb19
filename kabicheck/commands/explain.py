"""Say what a rule means, or all that is known of an exported symbol.

  kabicheck explain                            lists the rules
  kabicheck explain member-added               a rule: what it means, why it matters, an example, the remedy
  kabicheck explain kobject_get --in lib/      a symbol: its version, its type, where it is declared and exported,
                                               and which types it reaches
  kabicheck explain kobject_get OLD NEW        why its version differs, and how it reaches each cause
  kabicheck explain kobject_get                what the last check or compare in this work tree says of it

FILE, OLD and NEW are what `kabicheck compare` takes: objects, folders of them, symtypes, Module.symvers.

exit status: 0 it was explained; 2 no such rule or symbol, or a file that cannot be read"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CLEAN, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from kabicheck.model import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("word", nargs="?", metavar="RULE|SYMBOL", help="what is to be explained")
    parser.add_argument(
        "sides", nargs="*", type=Path, metavar="OLD NEW", help="two sides that a symbol differs in"
    )
    parser.add_argument(
        "-C", dest="folder", type=Path, metavar="DIR", default=".", help="the work tree, or a folder in it"
    )
    parser.add_argument(
        "--in", nargs="+", type=Path, dest="files", metavar="FILE", help="where to look a symbol up"
    )


def run(args: argparse.Namespace) -> int:
    """Explain one word."""
    from kabicheck.commands.console import print_lines
    from kabicheck.plain_text import printable

    if args.sides and (len(args.sides) != 2 or args.files):
        raise UsageError("give two sides, OLD and NEW, or --in FILE")
    if args.sides:
        lines = _difference(args.word, *args.sides)
    elif args.files:
        if not args.word:
            raise UsageError("which symbol?", hint="kabicheck explain SYMBOL --in FILE")
        lines = _described(args.word, args.files)
    else:
        lines = _word(args.word, args.folder) if args.word else _rules()
    print_lines(map(printable, lines))
    return EXIT_CLEAN


def _rules() -> Iterator[str]:
    from kabicheck.compare.rules.table import RULES

    width = max(map(len, RULES))
    for rule in RULES.values():
        yield f"{rule.id:<{width}}  {rule.severity:<12}  {rule.page.partition(chr(10))[0]}"


def _word(word: str, folder: Path) -> Iterator[str]:
    """A rule, or a symbol of the last report."""
    from kabicheck.compare.rules.table import RULES

    return _rule(word) if word in RULES else _reported(word, folder)


def _rule(word: str) -> Iterator[str]:
    from kabicheck.compare.rules.table import RULES, mirror

    rule = RULES[word]
    yield f"{rule.id} · {rule.severity}"
    yield ""
    yield from rule.text.rstrip("\n").split("\n")
    swapped = f" Where the sides are swapped it is {mirror(word)}." if mirror(word) != word else ""
    yield ""
    yield from textwrap.wrap(f"{rule.severity.capitalize()}: {rule.severity.meaning}.{swapped}", 110)


def _reported(word: str, folder: Path) -> Iterator[str]:
    """A symbol of the last report. Raises UsageError where it has none of that name."""
    from kabicheck.compare.rules.table import RULES
    from kabicheck.pipeline.explanation import compared_symbols, excerpt_of, nearest
    from kabicheck.pipeline.last_report import last_report

    near = nearest(word, RULES)
    last = last_report(folder)
    if last is None:
        hint = f"did you mean {near}" if near else "`kabicheck explain` lists the rules"
        hint += "; a symbol needs --in FILE, or a report of `kabicheck check` or `compare` in this work tree"
        raise UsageError(f"no such rule: {word}", hint=hint)
    report, ago = last
    symbols = compared_symbols(report.comparison)
    if word in symbols:
        return _report_lines(excerpt_of(report, word, ago))
    near = near or nearest(word, symbols)
    raise UsageError(
        f"neither a rule nor a symbol of the last report ({ago}, {report.base.label} → {report.head.label}): {word}",
        hint=f"did you mean {near}?" if near else "any other symbol needs --in FILE",
    )


def _described(symbol: str, paths: list[Path]) -> Iterator[str]:
    """A symbol, in everything that exports it."""
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.explanation import described
    from kabicheck.report.description import description_lines

    with shown_progress() as progress:
        descriptions = described(symbol, paths, progress)
    for number, description in enumerate(descriptions):
        if number:
            yield ""
        yield from description_lines(description)


def _difference(symbol: str, old: Path, new: Path) -> Iterator[str]:
    """The part of the report of two sides that is about one symbol."""
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.explanation import explained

    with shown_progress() as progress:
        report = explained(symbol, old, new, progress)
    return _report_lines(report)


def _report_lines(report: Report) -> Iterator[str]:
    from kabicheck.report.text import lines

    return (line for _, line in lines(report))
