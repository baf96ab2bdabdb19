"""Install git hooks that check every commit, merge and push of a repository, or take them away again.

  kabicheck install-hooks               pre-commit and pre-merge-commit: what is staged; pre-push: what is pushed
  kabicheck install-hooks --uninstall

They go where git looks for hooks: the folder that core.hooksPath of this repository names, else `.git/hooks`, which
linked worktrees share. A hook of somebody else is never overwritten: with --chain it stays beside ours, which runs it
first, and comes back with --uninstall. Options of the checks belong into kabicheck.toml."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CLEAN, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

HOOKS = ("pre-commit", "pre-merge-commit", "pre-push")
SAME = {"pre-merge-commit": "pre-commit"}  # hook → the one whose script it is
MARK = "# To use it:  kabicheck install-hooks"  # in each of ours
PROGRAM = "\nprogram=kabicheck\n"
LARGEST = 1 << 16  # bytes of a hook that may be ours


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = "exit status: 0 all hooks are there, or with --uninstall gone; 2 nothing was changed."
    parser.add_argument(
        "-C", dest="folder", metavar="DIR", default=".", help="the repository, or a folder in it"
    )
    parser.add_argument(
        "--hook", dest="hooks", choices=HOOKS, action="append", help="only this one; repeatable"
    )
    parser.add_argument("--chain", action="store_true", help="keep a hook that is there, and run it first")
    parser.add_argument(
        "--uninstall", action="store_true", help="remove our hooks, and put back chained ones"
    )


def run(args: argparse.Namespace) -> int:
    """Look at all of them before the first is written."""
    from kabicheck.commands.console import print_lines
    from kabicheck.plain_text import printable
    from kabicheck.vcs.repository import Repository

    folder = Repository.discover(args.folder).hooks_folder()
    paths = [folder / name for name in args.hooks or HOOKS]
    if args.uninstall:
        does: Callable[[Path], str] = uninstall
    else:
        does = install
        for path in paths:
            _require_room(path, chain=args.chain)
    print_lines(printable(does(path)) for path in paths)
    return EXIT_CLEAN


def install(path: Path) -> str:
    """Write one hook, behind which another one may move aside; says what was done. Raises UsageError."""
    from kabicheck.commands.console import replace_file

    said = f"installed {path}"
    if path.is_symlink() and is_ours(path):
        return f"{path} is a link to this hook already"
    if is_ours(path):
        said = f"updated {path}"
    elif _is_there(path):
        path.rename(_chained(path))
        said = f"installed {path}, which runs {_chained(path).name} first"
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path.parent}: {error.strerror}") from error
    replace_file(path, _script(path.name).encode())
    path.chmod(0o755)
    return said


def uninstall(path: Path) -> str:
    """Remove one hook if it is ours; says what was done."""
    if not is_ours(path):
        return f"{path} is {'not ours' if _is_there(path) else 'not there'}"
    path.unlink()
    if not _is_there(_chained(path)):
        return f"removed {path}"
    _chained(path).rename(path)
    return f"removed {path}, and put back what it was chained to"


def is_ours(path: Path) -> bool:
    """Whether a file is a hook of kabicheck's, of any version."""
    try:
        with path.open("rb") as file:
            return MARK.encode() in file.read(LARGEST)
    except OSError:
        return False


def _require_room(path: Path, *, chain: bool) -> None:
    """Raise UsageError where somebody else's hook is in the way."""
    if is_ours(path) or not _is_there(path):
        return
    if not chain:
        raise UsageError(
            f"{path}: there is another hook already",
            hint=f"--chain keeps it as {_chained(path).name} and runs it first; pre-commit has hooks of kabicheck, too",
        )
    if _is_there(_chained(path)):
        raise UsageError(f"{_chained(path)}: is there already, so that {path.name} cannot take its name")


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _chained(path: Path) -> Path:
    return path.with_name(f"{path.name}.chained")


def _script(name: str) -> str:
    """The hook's text, which calls the kabicheck that installs it, wherever PATH leads later."""
    package = Path(__file__).parents[1]
    folders = (package / "hooks", package.parent / "hooks")  # in a wheel, and in a checkout
    text = next(folder / SAME.get(name, name) for folder in folders if folder.is_dir()).read_text(
        encoding="utf-8"
    )
    program = Path(sys.executable).with_name("kabicheck")
    if not os.access(program, os.X_OK):
        return text
    return text.replace(PROGRAM, f"\nprogram={shlex.quote(str(program))}\n", 1)
