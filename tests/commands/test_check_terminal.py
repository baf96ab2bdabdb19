"""What `kabicheck check` writes where: pipes, terminals, readers that go away."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository

COMMAND = (sys.executable, "-m", "kabicheck", "check", "--base")


def terminal(command: list[str], **more: str) -> tuple[int, str]:
    """Run with a terminal as standard error; returns the exit status and all that was written there."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **more}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, env=environment) as process:
        os.close(follower)
        written = b""
        try:
            while data := os.read(leader, 4096):
                written += data
        except OSError:  # Linux: the other end was closed
            pass
        process.communicate()
    os.close(leader)
    return process.returncode, written.decode()


def screen(written: str) -> str:
    """What a terminal still shows in the end: lines, erased ones emptied."""
    lines = [""]
    row = 0
    for part in re.findall(r"\x1b\[\??[0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", written):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.endswith("A") and part[0] == "\x1b":
            row -= int(part[2:-1] or 1)
        elif part == "\x1b[2K":
            lines[row] = ""
        elif part[0] not in "\x1b\r":
            lines[row] += part
    return "".join(lines).strip()


def test_a_pipe_gets_nothing_on_standard_error(demo: DemoRepository) -> None:
    done = subprocess.run([*COMMAND, demo.base, "--no-cache"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("FAILED: 4 exports changed by 2 causes, 1 added, 3 commits responsible\n")
    assert "\x1b" not in done.stdout


def test_a_terminal_is_told_what_happens_and_cleaned(demo: DemoRepository) -> None:
    status, written = terminal([*COMMAND, demo.base, "--no-cache"])
    assert status == 1
    assert f"building {demo.base[:7]}" in written
    assert f"building {demo.head[:7]}" in written
    assert written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") > -1, "the cursor is shown again"
    assert screen(written) == ""


def test_an_error_stays_on_the_terminal(demo: DemoRepository) -> None:
    status, written = terminal([*COMMAND, "no-such-ref"])
    assert status == 2
    assert screen(written).startswith("kabicheck: error: ")
    assert "no commit no-such-ref" in screen(written)


def test_colours(demo: DemoRepository) -> None:
    command = [*COMMAND, demo.base, "--color"]
    coloured = subprocess.run([*command, "always"], capture_output=True, text=True, check=False).stdout
    plain = subprocess.run([*command, "never"], capture_output=True, text=True, check=False).stdout
    assert "\x1b[31m  -         unsigned int registered : 1;" in coloured
    timeless = [re.sub(r"in \d+\.\d s", "", re.sub(r"\x1b\[[\d;]*m", "", text)) for text in (coloured, plain)]
    assert timeless[0] == timeless[1]


def test_a_reader_that_goes_away(demo: DemoRepository) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen([*COMMAND, demo.base], stdout=writer, stderr=subprocess.PIPE, text=True) as process:
        os.close(writer)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (2, ""), "what nobody read is no answer, and no bug"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "</dev/null <&-"])
def test_streams_that_are_closed(demo: DemoRepository, tmp_path: Path, closed: str) -> None:
    """As from a daemon: the report goes to a file."""
    xml = tmp_path / "report.xml"
    line = f'exec "$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *COMMAND, demo.base, "-o", f"junit:{xml}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert xml.is_file()


def test_a_full_disk(demo: DemoRepository) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  a device
        done = subprocess.run(
            [*COMMAND, demo.base], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "kabicheck: error: the standard output cannot be written: No space left on device\n"


def test_what_is_done_is_written_without_its_control_characters() -> None:
    """It names commits and files, which are called as anybody likes."""
    said = "looking at 931b5c5 (\x1b]0;Evil\x07 \x9b2J [red]one)"
    script = (
        f"from kabicheck.commands.progress import shown_progress\nwith shown_progress() as say: say({said!r})"
    )
    status, written = terminal([sys.executable, "-c", script], COLUMNS="200")
    assert status == 0
    assert "(\\x1b]0;Evil\\x07 \\x9b2J [red]one)" in written
    assert not re.search(r"\x1b\]0;|\x07|\x9b", written)


DRAWS = """
from kabicheck.commands.progress import shown_progress
with shown_progress() as progress:
    progress("reading one")
    advance = progress.counted("[bold]versions", 8)
    advance(4)
    advance(4)
    progress("writing two")
"""


def test_a_line_and_bars_take_turns_and_leave_nothing() -> None:
    status, written = terminal([sys.executable, "-c", DRAWS], COLUMNS="100")
    assert status == 0
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    assert words.index("reading one") < words.index("[bold]versions") < words.index("writing two")
    assert "100%" in words
    assert screen(written) == ""
    done = subprocess.run([sys.executable, "-c", DRAWS], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_an_error_names_a_file_that_is_called_by_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    """As the file is found: by the byte, not by what Python makes of it."""
    assert main(["compare", "a\udcff\x1b[2J", "b"]) == 2
    assert capsys.readouterr().err.startswith("kabicheck: error: a\\xff\\x1b[2J: ")
