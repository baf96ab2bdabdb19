"""What a partial clone has to fetch, so that a check finds all that it reads.

libgit2 does not fetch what is missing, and git does so file by file where it is not told better. So git is asked which
objects of the commits in question are missing (git-rev-list(1), --missing=print), and gets them in one go.
"""

from __future__ import annotations

import shlex


def smallest_fetch(remote: str, base: str, head: str) -> str:
    """The command for a shell that brings all trees and files of base, head and what lies between, and nothing else.

    A clone without trees gets these first, in one go for each commit: what a missing tree holds nobody can list.
    """
    remote = shlex.quote(remote)
    commits = f"git rev-list -1 {head}" if base == head else f"(git rev-list {head} ^{base}; echo {base})"
    return (
        f"{commits} | while read c; do git ls-tree -r $c >/dev/null; echo $c; done"
        " | git rev-list --objects --missing=print --no-walk --stdin | sed -n 's/^?//p'"
        f" | git fetch --no-tags --no-write-fetch-head --filter=blob:none --stdin {remote}"
    )
