"""Print a script that completes kabicheck's commands, options and files in a shell.

  eval "$(kabicheck completion bash)"                                   in ~/.bashrc
  kabicheck completion zsh > ~/.zfunc/_kabicheck                        a folder of $fpath
  kabicheck completion fish > ~/.config/fish/completions/kabicheck.fish

The script asks kabicheck nothing while it completes: print it again after an update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CLEAN

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

# How options call what is a file, in --help.
FILES = {"FILE", "PATH", "OBJECT", "TARGET", "FILE|TARGET", "OLD", "NEW", "OLD NEW"}
SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    from kabicheck.commands.console import print_lines

    print_lines([script(args.shell)])
    return EXIT_CLEAN


def script(shell: str) -> str:
    """The script for one of SHELLS, made of the parsers of all commands."""
    import shtab

    from kabicheck.cli import COMMANDS, parser_of

    # A shell completes one word, so that a command of two is none.
    parser = parser_of(COMMANDS, listed=[name for name in COMMANDS if " " not in name])
    for action in _actions(parser):
        if action.metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined] # where shtab looks for it
        elif action.metavar == "DIR":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    completion: str = shtab.complete(parser, shell)
    return completion


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # noqa: SLF001 (argparse has no other list of them, shtab reads it too)
        yield action
        if isinstance(action.choices, dict):
            for sub in action.choices.values():
                yield from _actions(sub)
