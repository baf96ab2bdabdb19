"""The scripts of ci/gitlab in checkouts as GitLab's runners make them, and the comment on a server that takes it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.ci.runner import OBJECTS, ROOT, Server, git, run_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Check = Callable[..., subprocess.CompletedProcess[str]]

ZEROS = "0" * 40
TOKEN = "a token"


@pytest.fixture
def check(server: Server, tmp_path: Path, temporary: Path) -> Check:
    """Run ci/gitlab/check in a checkout, with these variables."""

    def run(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        given = {
            "KABICHECK_CACHE": str(temporary / "kabicheck/cache"),
            "KABICHECK_REPORTS": str(tmp_path / "reports"),
            "KABICHECK_ARGS": f"--attribution off {' '.join(OBJECTS)}",
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BEFORE_SHA": ZEROS,
            **variables,
        }
        return run_script("ci/gitlab/check", checkout, given)

    return run


def test_a_merge_request(server: Server, check: Check, tmp_path: Path) -> None:
    checkout = server.checkout(tmp_path / "linux", "refs/heads/topic")
    done = check(checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=server.demo.base)
    assert done.returncode == 1, done.stdout
    assert "struct async_domain" in done.stdout
    names = {path.name for path in (tmp_path / "reports").iterdir()}
    assert names == {"code-quality.json", "junit.xml", "kabicheck.html", "kabicheck.json", "summary.md"}
    assert json.loads((tmp_path / "reports/code-quality.json").read_text())


def test_merged_results(server: Server, check: Check, tmp_path: Path) -> None:
    checkout = server.checkout(tmp_path / "linux", "refs/pull/1/merge")
    done = check(
        checkout,
        CI_MERGE_REQUEST_DIFF_BASE_SHA=server.demo.base,
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA=server.base,
    )
    assert done.returncode == 1, done.stdout
    assert f"base {server.base[:7]}" in done.stdout


def test_arguments_on_several_lines(server: Server, check: Check, tmp_path: Path) -> None:
    """As YAML's `|` makes them: none is lost."""
    checkout = server.checkout(tmp_path / "linux", "refs/heads/topic")
    arguments = "--attribution off lib/\nkernel/\n"
    done = check(checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=server.demo.base, KABICHECK_ARGS=arguments)
    assert done.returncode == 1, done.stdout
    assert "struct async_domain" in done.stdout


def test_a_shallow_clone_is_told_what_to_fetch(server: Server, check: Check, tmp_path: Path) -> None:
    checkout = server.checkout(tmp_path / "linux", "refs/heads/topic", 2)
    done = check(checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=server.demo.base)
    assert done.returncode == 2
    assert done.stdout.endswith("; or set GIT_DEPTH to 0\n")
    found = re.search(r"git (fetch .*); or", done.stdout)
    assert found
    git(checkout, *shlex.split(found[1]))
    assert check(checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=server.demo.base).returncode == 1


def test_a_push(server: Server, check: Check, tmp_path: Path) -> None:
    checkout = server.checkout(tmp_path / "linux", "refs/heads/topic")
    before = server.demo.commits[-2].id
    assert f"base {before[:7]}" in check(checkout, CI_COMMIT_BEFORE_SHA=before).stdout
    new = check(checkout, CI_COMMIT_BRANCH="topic")
    assert "there is no commit refs/remotes/origin/main in this clone" in new.stdout
    git(checkout, "fetch", "--no-tags", "origin", "+refs/heads/main:refs/remotes/origin/main")
    assert check(checkout, CI_COMMIT_BRANCH="topic").returncode == 1


def test_a_push_that_takes_commits_back_or_brings_none(server: Server, check: Check, tmp_path: Path) -> None:
    """What was there counts itself, not the merge base; a new branch may be where another one is."""
    checkout = server.checkout(tmp_path / "linux", "refs/heads/main")
    git(checkout, "fetch", "--quiet", "origin", server.head)
    git(checkout, "checkout", "--quiet", server.demo.base)
    back = check(checkout, CI_COMMIT_BEFORE_SHA=server.head)
    assert back.returncode == 1, back.stdout
    assert "struct async_domain" in back.stdout
    new = check(checkout, CI_COMMIT_BRANCH="topic", CI_PIPELINE_SOURCE="push")
    assert new.returncode == 0, new.stdout
    assert "base and head are the same commit" in new.stdout
    scheduled = check(checkout, CI_COMMIT_BRANCH="topic", CI_PIPELINE_SOURCE="schedule")
    assert scheduled.returncode == 2
    assert "base and head are the same commit" in scheduled.stdout


def test_a_repository_of_another_user(server: Server, check: Check, tmp_path: Path) -> None:
    """As in a container: it is not called shallow."""
    if os.geteuid():
        pytest.skip("only root can give files away")
    checkout = server.checkout(tmp_path / "linux", "refs/heads/topic")
    for path in (checkout, checkout / ".git"):
        os.chown(path, 65534, 65534)
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = check(checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=server.demo.base, **nothing)
    assert done.returncode == 2
    assert "safe.directory" in done.stdout
    assert "git fetch" not in done.stdout


def test_without_anything_to_compare_with(server: Server, check: Check, tmp_path: Path) -> None:
    checkout = server.checkout(tmp_path / "linux", "refs/heads/main")
    done = check(checkout, CI_COMMIT_BRANCH="main")
    assert (done.returncode, done.stdout) == (
        2,
        "kabicheck: this pipeline names no commit to compare with: set KABICHECK_BASE\n",
    )


# --- the comment -----------------------------------------------------------------------------------------


class GitLab:
    """The part of GitLab's API that is used. notes: (id, author, body); the token's own user has number 7."""

    def __init__(self) -> None:
        self.notes: list[tuple[int, int, str]] = []
        self.url = ""

    def answer(self, method: str, path: str, content: Any) -> Any:
        path, _, query = path.partition("?")
        if path == "/api/v4/user":
            return {"id": 7}
        assert path.startswith("/api/v4/projects/3/merge_requests/5/notes"), path
        number = path.rpartition("/")[2]
        if method == "GET":
            page = int(query.rpartition("page=")[2])
            listed = self.notes[100 * (page - 1) : 100 * page]
            return [{"id": i, "author": {"id": who}, "body": body} for i, who, body in listed]
        if method == "PUT":
            self.notes = [
                (i, who, content["body"] if i == int(number) else body) for i, who, body in self.notes
            ]
        else:
            self.notes.append((len(self.notes) + 1, 7, content["body"]))
        return {}


@contextmanager
def _serving(gitlab: GitLab) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(length) or b"null")
            allowed = self.headers["PRIVATE-TOKEN"] == TOKEN
            answer = gitlab.answer(self.command, self.path, content) if allowed else {"message": "401"}
            self.send_response(200 if allowed else 401)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 (the library's names)

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        gitlab.url = f"http://127.0.0.1:{http.server_port}/api/v4"
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    made = GitLab()
    with _serving(made):
        yield made


def _comment(gitlab: GitLab, file: Path, report: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    file.write_text(report)
    return subprocess.run(
        [sys.executable, "-I", ROOT / "ci/gitlab/comment.py", file],
        env={
            "CI_API_V4_URL": gitlab.url,
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "5",
            "KABICHECK_TOKEN": token,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_comment_that_is_kept_current(gitlab: GitLab, tmp_path: Path) -> None:
    """Also behind two hundred others, one of which has our mark."""
    gitlab.notes = [(i, 1, "<!-- kabicheck --> not ours") for i in range(1, 201)]
    for report in ("first", "second"):
        assert _comment(gitlab, tmp_path / "summary.md", report).returncode == 0
    assert gitlab.notes[200:] == [(201, 7, "<!-- kabicheck -->\nsecond")]
    assert gitlab.notes[0] == (1, 1, "<!-- kabicheck --> not ours")


def test_a_report_carries_out_nothing(gitlab: GitLab, tmp_path: Path) -> None:
    report = "/merge\n\n  /approve\n- /close\n> /label ~x\nlib/x.c /* 16 */\n"
    assert _comment(gitlab, tmp_path / "summary.md", report).returncode == 0
    [(_, _, body)] = gitlab.notes
    assert body.splitlines()[1:] == [
        *(r"\/merge", "", r"  \/approve", r"- \/close", r"> \/label ~x", "lib/x.c /* 16 */")
    ]


def test_a_long_report_is_cut(gitlab: GitLab, tmp_path: Path) -> None:
    assert _comment(gitlab, tmp_path / "summary.md", "x" * 2_000_000).returncode == 0
    assert len(gitlab.notes[0][2]) < 1_000_000


def test_what_goes_wrong_is_one_line(gitlab: GitLab, tmp_path: Path) -> None:
    refused = _comment(gitlab, tmp_path / "summary.md", "x", token="another")
    assert (refused.returncode, refused.stderr) == (2, "comment: HTTP Error 401: Unauthorized\n")
    none = _comment(gitlab, tmp_path / "summary.md", "x", token="")
    assert none.returncode == 2
    assert "KABICHECK_TOKEN is not set" in none.stderr
    assert gitlab.notes == []
