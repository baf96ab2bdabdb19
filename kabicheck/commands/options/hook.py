"""What git and pre-commit let a hook know of what it is run for, most of it by the environment.

git names the index of the commit to be in GIT_INDEX_FILE (githooks(5)). pre-commit sets PRE_COMMIT, hands on what
--from-ref and --to-ref name, and for a push what goes to which branch of the remote. Neither tells of `git commit
--amend`, which only the command line of the git that waits for the hook shows. What is set to nothing is not set.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from kabicheck.pipeline.request import Refs

DEEPEST = 64  # processes between a hook and its git

# Options of `git commit` whose value is the next word: git-commit(1).
_WITH_VALUE = re.compile(r"-[a-zA-Z]*[mFCct]")
_LONG_WITH_VALUE = (
    "--message",
    "--file",
    "--reuse-message",
    "--reedit-message",
    "--author",
    "--date",
    "--template",
    "--cleanup",
    "--trailer",
    "--squash",
    "--fixup",
    "--pathspec-from-file",
)
_AMEND = re.compile(r"--am(?:e(?:n(?:d)?)?)?")  # git takes what is the beginning of one option only


def refs_of(args: argparse.Namespace, environment: Mapping[str, str]) -> Refs:
    """What options and environment ask for together; options win. Raises UsageError for two that exclude each other."""
    from kabicheck.pipeline.request import Refs

    if args.staged and args.push:
        raise UsageError("--staged and --push: one or the other")
    if args.remote and not args.push:
        raise UsageError("--remote is for --push", hint="--base names what to compare with")
    given = {name: value for name, value in environment.items() if value}
    base, head = args.base, args.head
    typed = base is not None or head is not None
    named = given.get("PRE_COMMIT_FROM_REF"), given.get("PRE_COMMIT_TO_REF")
    from_to = not typed and all(named)
    if args.staged and not from_to:
        by_hand = not typed and "PRE_COMMIT" in given and "GIT_INDEX_FILE" not in given
        amended = args.amend or is_amending()
        return Refs(base, head or "HEAD", staged=True, by_hand=by_hand, amended=amended, same=args.allow_same)
    pushed = args.push and "PRE_COMMIT_REMOTE_BRANCH" in given
    if head is None:
        # A branch that is all new to the remote has no other name there.
        head = named[1] or (given.get("PRE_COMMIT_LOCAL_BRANCH") if pushed else None)
    return Refs(
        base if base is not None else named[0],
        head or "HEAD",
        itself=args.push and (args.base is not None or (pushed and from_to)),
        same=args.allow_same or pushed,
        hook=args.push or args.staged,
        from_to=from_to and not pushed,
        remote=args.remote or (given.get("PRE_COMMIT_REMOTE_NAME", "") if pushed else ""),
    )


def is_amending() -> bool:
    """Whether a `git commit --amend` waits for this process, as far as /proc tells."""
    process = os.getppid()
    for _ in range(DEEPEST):
        words = _command_line(process)
        command = git_command(words)
        if command and command[0] != "hook":
            return command[0] == "commit" and _has_amend(command[1:])
        process = _parent(process)
        if process <= 1:
            return False
    return False


def git_command(words: Sequence[str]) -> Sequence[str]:
    """git's command with its words, in the command line of a process; empty for another program."""
    if not words or Path(words[0]).name != "git":
        return ()
    position = 1
    while position < len(words) and words[position].startswith("-"):
        position += 2 if words[position] in ("-C", "-c", "--git-dir", "--work-tree", "--namespace") else 1
    return words[position:]


def _has_amend(words: Sequence[str]) -> bool:
    """Whether the words behind `git commit` amend."""
    amends, skipped = False, False
    for word in words:
        if skipped:
            skipped = False
        elif word == "--":
            break
        elif _WITH_VALUE.fullmatch(word) or _begins_one_with_value(word):
            skipped = True
        elif _AMEND.fullmatch(word):
            amends = True
        elif word == "--no-amend":
            amends = False
    return amends


def _begins_one_with_value(word: str) -> bool:
    """Whether a word is a long option whose value is the next word, or the beginning of one."""
    return word.startswith("--") and any(option.startswith(word) for option in _LONG_WITH_VALUE)


def _command_line(process: int) -> list[str]:
    try:
        return os.fsdecode(Path(f"/proc/{process}/cmdline").read_bytes()).split("\0")[:-1]
    except OSError:
        return []


def _parent(process: int) -> int:
    try:
        # proc(5): the fourth field; the second is the program's name in brackets, which may hold anything.
        return int(Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
