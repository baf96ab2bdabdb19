"""The script of the job `kabicheck-comment`: puts a report into one comment of the merge request, and keeps it current.

    python3 comment.py FILE     with GitLab's own CI_* variables, and KABICHECK_TOKEN

The report comes from a job that ran the merge request's Makefiles, so nothing in it is trusted: no line of it may
become a quick action, which GitLab would carry out in the token's name.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

MARK = "<!-- kabicheck -->"
LONGEST = 500_000  # characters; GitLab takes a million
SECONDS = 60
PAGES = 100  # of a hundred comments each

# "/merge" at the beginning of a line; "\/merge" is text that looks the same.
_QUICK_ACTION = re.compile(r"^([\s>*+-]*)/(?=\w)", re.MULTILINE)


def body(report: str) -> str:
    """The comment's text."""
    if len(report) > LONGEST:
        report = report[:LONGEST] + "\n\n… (the job's artifacts have all of it)"
    harmless = _QUICK_ACTION.sub(r"\1\\/", report.replace(MARK, ""))
    return f"{MARK}\n{harmless}"


def publish(notes: str, token: str, text: str) -> None:
    """Replace the comment that an earlier pipeline wrote, or add one. notes: the URL of the comments."""
    note = _earlier(notes, token)
    if note is None:
        _ask("POST", notes, token, {"body": text})
    else:
        _ask("PUT", f"{notes}/{note}", token, {"body": text})


def _earlier(notes: str, token: str) -> int | None:
    """The number of our comment. Somebody else may write the mark, but then the comment is not the token's own."""
    mine = _ask("GET", notes.partition("/projects/")[0] + "/user", token)["id"]
    for page in range(1, PAGES + 1):
        found = _ask("GET", f"{notes}?per_page=100&page={page}", token)
        for note in found:
            if note["author"]["id"] == mine and note["body"].startswith(MARK):
                return int(note["id"])
        if not found:
            break
    return None


def _ask(method: str, url: str, token: str, content: dict[str, str] | None = None) -> Any:
    request = Request(  # noqa: S310 (the URL is GitLab's own CI_API_V4_URL)
        url,
        method=method,
        data=None if content is None else json.dumps(content).encode(),
        headers={"PRIVATE-TOKEN": token, "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        return json.load(answer)


def main(file: str) -> int:
    """0 the comment is there; 2 it is not."""
    given = os.environ
    if not given.get("KABICHECK_TOKEN"):
        print("comment: KABICHECK_TOKEN is not set, so that no comment is written", file=sys.stderr)
        return 2
    project, request = given["CI_PROJECT_ID"], given["CI_MERGE_REQUEST_IID"]
    notes = f"{given['CI_API_V4_URL']}/projects/{project}/merge_requests/{request}/notes"
    try:
        report = Path(file).read_text(errors="replace")
        publish(notes, given["KABICHECK_TOKEN"], body(report))
    except (OSError, ValueError) as error:
        print(f"comment: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
