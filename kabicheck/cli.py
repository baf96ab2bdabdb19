"""The command line: finds the command, runs it, turns errors into one line and an exit status.

A command is a module in `kabicheck/commands/` with `add_arguments(parser)`, `run(args) -> int` and a docstring
whose first line is the summary and whose whole text is the description in `--help`. Only the module of the
command that was asked for is imported, since a git hook must start fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from kabicheck import __version__
from kabicheck.errors import (
    CIRCUMSTANCES,
    EXIT_CANNOT_TELL,
    BuildError,
    Circumstance,
    KabicheckError,
    UsageError,
)
from kabicheck.plain_text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import ModuleType

COMMANDS = {
    "check": "compare the exported symbol versions of two commits of a kernel tree",
    "build": "build commits ahead of time, so that later checks need not wait",
    "compare": "compare two things on disk: objects, vmlinux, symtypes, Module.symvers",
    "consolidate": "put the symtypes files of a whole build into one small file",
    "bisect": "which commit changed exported symbols, over any range",
    "bisect step": "whether the checked out commit has changed them, for `git bisect run`",
    "symver": "symbol versions of object files; a drop-in for the kernel's gendwarfksyms",
    "suggest": "kABI rules that keep symbol versions as they were, each proven",
    "explain": "what a rule means; everything known of one exported symbol",
    "doctor": "what a check would lack here, and how to get it",
    "init": "write a commented kabicheck.toml for a kernel's tree",
    "install-hooks": "git hooks that check every commit, merge and push",
    "completion": "a script that completes kabicheck's words in a shell",
    "demo": "the whole job on a small kernel-like repository that it makes itself",
}

# `git bisect run` takes 1 to 127 for an answer, so that what is none must be above.
CANNOT_TELL = {"bisect step": 128}

SUMMARY = "which exported symbol versions of a Linux kernel changed, why, and who changed them"
DESCRIPTION = """\
kabicheck says which exported symbol versions (CRCs) of a Linux kernel changed between two commits, which
declarations are the reason, and how the binary layout moved. Versions are bit-identical to those of the
kernel's own gendwarfksyms."""

EPILOG = """\
exit status:
  0  everything was looked at and nothing that counts changed
  1  exported symbols changed
  2  the question could not be answered: usage, configuration, a failed build, no debug information,
     nothing exported, inputs that cannot be compared

`kabicheck COMMAND --help` explains each command."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status; errors are printed as one line."""
    arguments = _words(sys.argv[1:] if argv is None else argv)
    cannot_tell = _cannot_tell(arguments)
    if os.environ.get("HOME") == "":
        del os.environ["HOME"]  # empty is unset: Python would take it for the root
    try:
        return run_command(arguments)
    except KabicheckError as error:
        _print_error(error)
        return max(error.status, cannot_tell)
    except SystemExit as end:  # argparse's own: an error in the command line, or --help
        raise SystemExit(end.code and cannot_tell) from None
    except KeyboardInterrupt:
        print("kabicheck: interrupted", file=sys.stderr)
        return 128 + 2
    except BrokenPipeError:
        # The reader went away (`kabicheck … | head`); Python would complain again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return cannot_tell
    except MemoryError:
        _print_error(KabicheckError("there is not enough memory", hint="-j 1 takes less"))
        return cannot_tell
    except OSError as error:
        if os.environ.get("KABICHECK_TRACEBACK") and error.errno not in CIRCUMSTANCES:
            raise
        _print_error(Circumstance(error))
        return cannot_tell
    except Exception as error:
        if os.environ.get("KABICHECK_TRACEBACK"):
            raise
        print(
            f"kabicheck: internal error: {type(error).__name__}: {printable(str(error))} "
            "(a bug in kabicheck; KABICHECK_TRACEBACK=1 shows where)",
            file=sys.stderr,
        )
        return cannot_tell


def entry() -> NoReturn:
    """The console script. With KABICHECK_TRACEBACK a bug is shown; Python's own status for it, 1, means findings."""
    _open_standard_files()
    try:
        status = main()
    except Exception:
        sys.excepthook(*sys.exc_info())
        status = _cannot_tell(_words(sys.argv[1:]))
    try:
        sys.stdout.flush()
    except OSError:  # what a report says last did not arrive; Python would try again while it shuts down
        status = _cannot_tell(_words(sys.argv[1:]))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(status)


def _open_standard_files() -> None:
    """Where a standard file is closed (`>&-`), keep its number from the next file that is opened, which make's children
    would then write into. What is read from there is empty, what is written an error, but for errors themselves.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False, encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False, encoding="utf-8")


def _words(arguments: list[str]) -> list[str]:
    """The command line with the name of a command that has two words as one."""
    two = " ".join(arguments[:2])
    return [two, *arguments[2:]] if two in COMMANDS else arguments


def _cannot_tell(arguments: list[str]) -> int:
    """The status of a command that has no answer."""
    return CANNOT_TELL.get(arguments[0], EXIT_CANNOT_TELL) if arguments else EXIT_CANNOT_TELL


def parser_of(loaded: Collection[str], listed: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """The command line of the commands `listed`.

    loaded: those whose options it knows; the module of each is imported for that.
    """
    parser = argparse.ArgumentParser(
        prog="kabicheck",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kabicheck {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", dest="command", required=True)
    for name in listed:
        summary = COMMANDS[name]
        if name in loaded:
            module = _module(name)
            sub = commands.add_parser(
                name,
                help=summary,
                description=module.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            module.add_arguments(sub)
        else:
            commands.add_parser(name, help=summary)
    return parser


def run_command(arguments: list[str]) -> int:
    """Run one command and return its exit status. Raises KabicheckError, and what argparse raises."""
    chosen = next((a for a in arguments if not a.startswith("-")), "")
    _require_values(arguments)
    args = parser_of([chosen]).parse_args(arguments)
    status: int = _module(chosen).run(args)
    return status


def _require_values(arguments: list[str]) -> None:
    """Raise UsageError for an empty argument, which would mean a default where a variable was not set.

    That goes for all commands: none has an option or an argument that could be empty.
    """
    for position, argument in enumerate(arguments):
        name, assigned, value = argument.partition("=")
        if not argument.strip():
            previous = arguments[position - 1] if position else ""
            place = f"the value behind {previous}" if previous.startswith("-") else "an argument"
        elif assigned and name.startswith("--") and not value.strip() and "--" not in arguments[:position]:
            place = name
        else:
            continue
        raise UsageError(f"{place} is empty: is a variable unset?", hint="leave it out to get the default")


def options_of(command: str) -> argparse.ArgumentParser:
    """A parser of the options of one command, whose module is imported for that."""
    parser = argparse.ArgumentParser(f"kabicheck {command}")
    _module(command).add_arguments(parser)
    return parser


def _module(command: str) -> ModuleType:
    return import_module(f"kabicheck.commands.{command.replace(' ', '_').replace('-', '_')}")


def _print_error(error: KabicheckError) -> None:
    print(f"kabicheck: error: {printable(str(error))}", file=sys.stderr)
    if isinstance(error, BuildError):
        for line in error.lines:
            print(f"  {printable(line)}", file=sys.stderr)
        if error.log is not None:
            print(f"  whole log: {error.log}", file=sys.stderr)
