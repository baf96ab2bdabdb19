"""Write a commented kabicheck.toml for a kernel's tree, from what is found in it.

  kabicheck init            writes it at the root of the tree
  kabicheck init --print    only prints it

Looks for what distributions keep in their trees: a configuration, the architecture it is for, lists of stable
exports (Module.kabi, stablelists, KMI symbol lists), severity rules. What is found is set; every other key is
there with its default, switched off by a `#`.

exit status: 0 it was written; 2 there is one already (--force replaces it), or no kernel's tree"""

from __future__ import annotations

import contextlib
import json
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CLEAN, RepositoryError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from kabicheck.objects.tree import Tree
    from kabicheck.vcs.repository import Repository

WIDTH = 100

HEAD = """\
# How kabicheck checks this tree: `kabicheck check` reads this file from the root of the working tree.
# The command line wins over it. A line without its leading "# " is in force; after "=" stands the default.
"""
TAIL = """
# How bad what a rule finds is: "breaking", "incompatible", "harmless" or "ignore".
# `kabicheck explain` lists the rules.
[severity]
# names-only = "ignore"

# A change to live with: until when, why, and which. Further keys: module, namespace, rule, commit.
# [[waiver]]
# reason = "agreed on with the only user of it"
# cause = "struct async_domain"
# symbol = "async_*"
# expires = 2027-06-30

# A kABI rule: what `kabicheck suggest` prints can stand here.
# [[kabi]]
# rule = "member_ignore"
# target = "async_domain late"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "-C", dest="folder", metavar="DIR", type=Path, default=".", help="the tree, or a folder in it"
    )
    parser.add_argument("--print", action="store_true", help="print it, and write nothing")
    parser.add_argument("--force", action="store_true", help="replace the file that is there")


def run(args: argparse.Namespace) -> int:
    """Look, write, and say what was found."""
    from kabicheck.commands.console import print_lines, write_file
    from kabicheck.config import NAME
    from kabicheck.objects.tree import look_over
    from kabicheck.plain_text import printable
    from kabicheck.vcs.repository import Repository

    repository = Repository.find(args.folder)
    source = (repository and repository.source) or Path(args.folder).absolute()
    tree = look_over(source)
    values = _values(tree, repository)
    text = template(values)
    if args.print:
        print_lines(text.splitlines())
        return EXIT_CLEAN
    path = source / NAME
    if path.is_symlink():
        raise UsageError(f"{path}: a symbolic link", hint="--print only prints")
    if not args.force and (path.exists()):
        raise UsageError(f"{path}: is there already", hint="--force replaces it, --print only prints")
    write_file(path, text.encode())
    notes = [f"{table}.{key} = {toml(value)}" for (table, key), value in values.items()]
    lines = [f"wrote {path}", *notes, *(f"left out: {problem}" for problem in tree.problems)]
    print_lines(map(printable, lines))
    return EXIT_CLEAN


def _values(tree: Tree, repository: Repository | None) -> dict[tuple[str, str], object]:
    """The values that the tree has for keys of tables."""
    values: dict[tuple[str, str], object] = {}
    if repository:
        with contextlib.suppress(RepositoryError):  # no branch to compare with: --base will have to say it
            values["check", "base"] = repository.default_base()
    values["check", "config"] = tree.config
    values["check", "arch"] = tree.arch
    values["policy", "severities"] = tree.severities
    values["policy", "stablelists"] = tree.stablelists
    return {key: value for key, value in values.items() if value}


def template(set_values: Mapping[tuple[str, str], object]) -> str:
    """The file's text. set_values: (table, key) → the value that is set; all others are there with their defaults."""
    from kabicheck.config import Check
    from kabicheck.policy.policy import Policy

    words = _option_words()
    lines = [HEAD]
    for table, defaults in (("check", Check()), ("policy", Policy())):
        lines += [f"[{table}]", ""]
        for key in (field.name for field in fields(defaults) if field.name in words):
            lines += _setting(key, words[key], set_values.get((table, key)), getattr(defaults, key))
    return "\n".join(lines) + TAIL


def _setting(key: str, words: str, value: object, default: object) -> Iterator[str]:
    comment = words[0].upper() + words[1:] + "."
    yield from textwrap.wrap(comment, WIDTH, initial_indent="# ", subsequent_indent="# ")
    if value is not None:
        yield f"{key} = {toml(value)}"
    else:
        yield f"# {key} = {'(none)' if default in (None, '') else toml(default)}"
    yield ""


def _option_words() -> dict[str, str]:
    """Key → what it does. Each key has an option of its name, whose help is the only place where that is said."""
    from kabicheck.cli import options_of

    actions = options_of("check")._actions  # noqa: SLF001 (argparse has no other list of them)
    return {action.dest: action.help.replace("; repeatable", "") for action in actions if action.help}


def toml(value: object) -> str:
    """A value as TOML has it; JSON's strings, numbers and booleans are TOML's."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(each) for each in value)}]"
    return json.dumps(value if isinstance(value, bool | int) else str(value), ensure_ascii=False)
