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
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CLEAN, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator

    from kabicheck.model import Comparison, Report
    from kabicheck.pipeline.lookup import Found

# So many of the types that a symbol reaches are named.
_NAMED = 40


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
        lines = _symbol(args.word, args.files)
    else:
        lines = _word(args.word, args.folder) if args.word else _rules()
    print_lines(map(printable, lines))
    return EXIT_CLEAN


# --- rules -----------------------------------------------------------------------------------------


def _rules() -> Iterator[str]:
    from kabicheck.compare.rules.table import RULES

    width = max(map(len, RULES))
    for rule in RULES.values():
        yield f"{rule.id:<{width}}  {rule.severity:<12}  {rule.page.partition(chr(10))[0]}"


def _word(word: str, folder: Path) -> Iterator[str]:
    """A rule, or a symbol of the last report."""
    from kabicheck.compare.rules.table import RULES
    from kabicheck.pipeline.last_report import last_report

    if word in RULES:
        return _rule(word)
    last = last_report(folder)
    if last is not None and word in _compared(last[0].comparison):
        return _reported(word, *last)
    near = _near(word, RULES)
    if last is None:
        hint = f"did you mean {near}" if near else "`kabicheck explain` lists the rules"
        hint += "; a symbol needs --in FILE, or a report of `kabicheck check` or `compare` in this work tree"
        raise UsageError(f"no such rule: {word}", hint=hint)
    report, ago = last
    near = near or _near(word, _compared(report.comparison))
    hint = f"did you mean {near}?" if near else "any other symbol needs --in FILE"
    raise UsageError(
        f"neither a rule nor a symbol of the last report ({ago}, {_sides(report)}): {word}", hint=hint
    )


def _rule(word: str) -> Iterator[str]:
    from kabicheck.compare.rules.table import RULES, mirror

    rule = RULES[word]
    yield f"{rule.id} · {rule.severity}"
    yield ""
    yield from rule.text.rstrip("\n").split("\n")
    swapped = f" Where the sides are swapped it is {mirror(word)}." if mirror(word) != word else ""
    yield ""
    yield from textwrap.wrap(f"{rule.severity.capitalize()}: {rule.severity.meaning}.{swapped}", 110)


def _near(word: str, known: Collection[str]) -> str:
    return next(iter(get_close_matches(word, known, 1)), "")


# --- symbols ---------------------------------------------------------------------------------------


def _symbol(word: str, files: list[Path]) -> Iterator[str]:
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.lookup import Exports

    with shown_progress() as progress:
        inputs = [Exports(file, progress) for file in files]
    found = [each for exports in inputs for each in exports.find(word)]
    if not found:
        raise _unknown(word, set().union(*(exports.names for exports in inputs)), files)
    for number, each in enumerate(found):
        if number:
            yield ""
        yield from _known(each)


def _unknown(word: str, names: Collection[str], files: list[Path]) -> UsageError:
    near = _near(word, names)
    hint = f"did you mean {near}?" if near else f"of {len(names):,} exported symbols none has a similar name"
    return UsageError(f"{word} is not exported by {', '.join(map(str, files))}", hint=hint)


def _known(found: Found) -> Iterator[str]:
    """All that one object says of its export."""
    from kabicheck.compare.causes import lines_of
    from kabicheck.compare.lines import format_lines

    name = found.name
    yield name
    yield f"  version   {found.version}"
    yield f"  exported  by {found.object}{_how(found)}"
    text = found.types.get(name)
    if text is None:
        yield "  type      not known here"
        return
    place = found.locate([name]).get(name)
    if place:
        yield f"  declared  {place.file}:{place.line}"
    heading = "  source    "
    for line in format_lines(lines_of(name, text, found.types)):
        yield heading + line
        heading = " " * len(heading)
    yield f"  type      {text}"
    yield from _reached(found)


def _how(found: Found) -> str:
    module = f", in {found.module}" if found.module else ""
    if found.export is None:
        return module
    macro = f"EXPORT_SYMBOL_{found.export.licence}" if found.export.licence else "EXPORT_SYMBOL"
    namespace = f", namespace {found.export.namespace}" if found.export.namespace else ""
    return f"{module}: {macro}{namespace}"


def _reached(found: Found) -> Iterator[str]:
    """The types that a symbol's version depends on, the nearest first."""
    from kabicheck.compare.causes import title
    from kabicheck.compare.reach import by_distance

    names = [name for name in by_distance(found.name, found.types) if name != found.name]
    if not names:
        yield "  reaches   no named type"
        return
    titles = [title(name, found.types.get(name, "")) for name in names[:_NAMED]]
    more = f", … (+{len(names) - _NAMED:,})" if len(names) > _NAMED else ""
    listed = f"{len(names):,} type{'' if len(names) == 1 else 's'}: {', '.join(titles)}{more}"
    yield from textwrap.wrap(
        listed, 100, initial_indent="  reaches   ", subsequent_indent=" " * 12, break_long_words=False
    )


# --- differences -----------------------------------------------------------------------------------


def _reported(word: str, report: Report, ago: str) -> Iterator[str]:
    """The part of the last report that is about one symbol."""
    from kabicheck.report.text import lines

    comparison = _only(word, report.comparison)
    # What was built was built for all exports, not for this one.
    part = replace(
        report,
        base=replace(report.base, objects=0),
        head=replace(report.head, objects=0),
        comparison=comparison,
        notes=(f"this is of the last report, {ago}", *_of_these_objects(report, comparison)),
        failed=any(change.fails for change in comparison.changes),
        verbose=True,
    )
    return (line for _, line in lines(part))


def _of_these_objects(report: Report, comparison: Comparison) -> Iterator[str]:
    """The report's notes without those on objects that `comparison` does not have."""
    of_others = _objects(report.comparison) - _objects(comparison)
    return (note for note in report.notes if note.partition(": ")[0] not in of_others)


def _objects(comparison: Comparison) -> set[str]:
    return {change.object for change in comparison.changes} | {path for _, path, _ in comparison.unchanged}


def _sides(report: Report) -> str:
    return f"{report.base.label} → {report.head.label}"


def _compared(comparison: Comparison) -> set[str]:
    changed = {change.name for change in comparison.changes}
    return changed | {name for _, _, name in comparison.unchanged}


def _difference(word: str, old: Path, new: Path) -> Iterator[str]:
    """The part of the report of two sides that is about one symbol."""
    from kabicheck.commands.progress import shown_progress
    from kabicheck.model import Report, Side
    from kabicheck.pipeline.inputs import compare_inputs, matched
    from kabicheck.pipeline.lookup import Exports
    from kabicheck.report.text import lines

    with shown_progress() as progress:
        inputs = Exports(old, progress), Exports(new, progress)
    before, after = (list(exports.find(word)) for exports in inputs)
    if not before and not after:
        raise _unknown(word, inputs[0].names | inputs[1].names, [old, new])
    one, other, _ = matched(inputs[0].restricted(word), inputs[1].restricted(word))
    comparison = _with_paths(word, _only(word, compare_inputs(one, other)), after)
    failed = any(change.fails for change in comparison.changes)
    report = Report(
        Side(str(old)), Side(str(new)), comparison, notes=comparison.notes, failed=failed, verbose=True
    )
    return (line for _, line in lines(report))


def _only(word: str, comparison: Comparison) -> Comparison:
    """What is about one symbol."""
    changes = tuple(change for change in comparison.changes if change.name == word)
    wanted = {key for change in changes for key in change.causes}
    causes = {
        key: replace(
            cause,
            exports=tuple(export for export in cause.exports if export[1] == word),
            follows=tuple(root for root in cause.follows if root in wanted),
        )
        for key, cause in comparison.causes.items()
        if key in wanted
    }
    unchanged = tuple(each for each in comparison.unchanged if each[2] == word)
    return replace(comparison, changes=changes, causes=causes, unchanged=unchanged)


def _with_paths(word: str, comparison: Comparison, after: list[Found]) -> Comparison:
    """With how the symbol reaches each cause, in an object that has it."""
    from kabicheck.compare.causes import path_to

    types = {found.object: found.types for found in after}
    anywhere = next(iter(types.values()), {})
    causes = {}
    for key, cause in comparison.causes.items():
        known = next((types[path] for path, _ in cause.exports if path in types), anywhere)
        causes[key] = replace(cause, path=path_to(cause.reference, [word], known))
    return replace(comparison, causes=causes)
