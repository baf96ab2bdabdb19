"""One call of make: its variables, its environment, its log, and its end, together with all its children."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kabicheck.errors import BuildError
from kabicheck.objects.host import missing_requirement
from kabicheck.objects.make_environment import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ERROR_LINES = 12
GRACE = 10.0  # seconds that make gets to remove half-made files after SIGTERM, before SIGKILL
_LEAST_SPACE = 64 << 10  # bytes; with less, nothing can be compiled
_LOG_TAIL = 4 << 20  # bytes of a log that are searched for the reason

_COMPILER_ERROR = re.compile(r"^\S[^:]*(?::\d+)*: (?:fatal )?error: |^error(?:\[E\d+\])?: ")
_OTHER_ERROR = re.compile(
    r"undefined reference|^(?:\S*/)?ld\S*: |^make\S*: \*\*\*|^\*\*\*|[Ee]rror|not found|No such file"
)


@dataclass(frozen=True)
class Make:
    """How make is called for one build folder.

    source: The kernel's source tree.
    build: The build folder.
    variables: What stands on make's command line.
    jobs: How many commands run at a time.
    holds: Descriptors of locks that make inherits. As long as a child of make lives, the locks are held, even when this
        process was killed.
    ccache: Variables of the environment by which ccache is used, as `make_environment.through_ccache` says; empty where
        it is not used.
    """

    source: Path
    build: Path
    variables: Mapping[str, str]
    jobs: int
    holds: tuple[int, ...] = ()
    ccache: Mapping[str, str] = field(default_factory=dict)

    def run(
        self, *goals: str, log: Path, doing: str, rules: Path | None = None, keep_going: bool = False
    ) -> None:
        """Make `goals`, adding all output to `log`. Raises BuildError, whose message says that `doing` failed.

        With `rules`, every makefile of the build begins with that one. With `keep_going`, everything is made that can
        be, whatever fails.
        """
        command = [
            "make",
            "-C",
            str(self.source),
            f"O={self.build}",
            f"-j{self.jobs}",
            "--no-print-directory",
        ]
        command += ["-k"] * keep_going
        command += [f"{name}={value}" for name, value in self.variables.items()]
        command += ["--", *goals]
        start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            status = self._wait(command, output.fileno(), rules)
        if status:
            raise build_error(f"{doing} failed", log, start, source=self.source)

    def _wait(self, command: list[str], output: int, rules: Path | None) -> int:
        """Run in a process group of its own, which ends with us."""
        environment = clean_environment(self.ccache, GIT_CEILING_DIRECTORIES=str(self.source.parent))
        if rules:
            environment["MAKEFILES"] = str(rules)
        with _termination_raises():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
                pass_fds=self.holds,
            )
            try:
                return process.wait()
            except BaseException:
                _end(process)
                raise


class Killed(KeyboardInterrupt):
    """make had to be killed, so that half-made files may lie in its build folder."""


def build_error(message: str, log: Path, start: int = 0, *, source: Path | None = None) -> BuildError:
    """The error for a build whose output stands in `log` from byte `start` on. Files are named relative to `source`."""
    with log.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(start, end - _LOG_TAIL))
        output = file.read().decode(errors="replace")
    lines = [line for line in output.splitlines() if line.strip()]
    found = [line for line in lines if _COMPILER_ERROR.search(line)]
    found = found or [line for line in lines if _OTHER_ERROR.search(line)] or lines[-ERROR_LINES:]
    roots = {f"{root}/" for root in (source, source.resolve())} if source else set()
    for root in sorted(roots):
        found = [line.replace(root, "") for line in found[:ERROR_LINES]]
    return BuildError(
        message,
        hint=missing_requirement(output) or _disk_full(log),
        log=log,
        lines=tuple(found[:ERROR_LINES]),
    )


def _disk_full(log: Path) -> str:
    """What to do where the disk is full, which not every program says; "" where it is not."""
    if shutil.disk_usage(log.parent).free > _LEAST_SPACE:
        return ""
    return f"the disk of {log.parent} is full: make room, or set KABICHECK_CACHE to another folder"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End make and all its children: SIGTERM lets make remove what is half made, SIGKILL does not ask."""
    _signal(process, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except BaseException as error:  # a second Ctrl-C too
        raise Killed from error
    finally:
        _signal(process, signal.SIGKILL)  # children that outlived make
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


@contextlib.contextmanager
def _termination_raises() -> Iterator[None]:
    """SIGTERM and SIGHUP become KeyboardInterrupt meanwhile, so that they do not leave make behind.

    What is ignored stays ignored: nohup works.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
