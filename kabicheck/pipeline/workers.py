"""Worker processes, which end with the process that started them, however that ends."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import ModuleType
from typing import TYPE_CHECKING

from kabicheck.errors import KabicheckError

if TYPE_CHECKING:
    from collections.abc import Iterator


def processes_for(jobs: int, work: int, worth: int) -> int:
    """How many worker processes some work is given to; 1 where this process had better do it.

    jobs: How many there may be, 0 for one per processor.
    worth: How much work takes as long as starting processes does, in the same unit.
    """
    return (jobs or len(os.sched_getaffinity(0))) if work >= worth else 1


class _Worker(ForkServerProcess):
    """A process that does not import the program that started it.

    Workers only call what is in this package. multiprocessing has each import the main module first, so that a program
    which calls the library at its top level, not below `if __name__ == "__main__":`, would call it again in each.
    """

    def start(self) -> None:
        main = sys.modules["__main__"]
        # multiprocessing.spawn.get_preparation_data() finds neither a file nor a name in this one.
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            super().start()
        finally:
            sys.modules["__main__"] = main


class _Context(ForkServerContext):
    Process = _Worker


@contextmanager
def workers(jobs: int, module: str) -> Iterator[ProcessPoolExecutor]:
    """Processes that have a module imported. Raises KabicheckError where one was killed."""
    # Not a plain fork: this process may show progress from a thread.
    context = _Context()
    context.set_forkserver_preload([module])
    with ProcessPoolExecutor(jobs, context, initializer=_end_with_parent) as pool:
        try:
            yield pool
        except BrokenProcessPool:
            raise KabicheckError(
                "a worker process was killed", hint="when memory runs out: fewer processes need less (--jobs)"
            ) from None
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """A worker waits for work from a pipe that it holds both ends of, and would wait for ever after a kill."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
