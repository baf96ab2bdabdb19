"""Calls of one function, spread over worker processes where there is enough to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from kabicheck.pipeline.workers import processes_for, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    # (function, items, items for one call to a worker) → results in the items' order
    Spread = Callable[[Callable[[Item], Result], Sequence[Item], int], Iterator[Result]]

# Starting processes costs about as much as reading so many bytes.
WORTH_PROCESSES = 8 << 20


@contextmanager
def spread_over_processes(jobs: int, files: Iterable[Path], module: str) -> Iterator[Spread[Any, Any]]:
    """Something that maps as `map` does, in worker processes where the files are worth them.

    jobs: How many processes, 0 for one per processor.
    module: What these import before they are given work.
    Raises KabicheckError where one was killed.
    """
    jobs = processes_for(jobs, sum(map(file_size, files)), WORTH_PROCESSES)
    if jobs == 1:
        yield lambda function, items, _size: map(function, items)
        return
    with workers(jobs, module) as pool:
        yield lambda function, items, size: pool.map(function, items, chunksize=size)


def file_size(path: Path) -> int:
    """Bytes; 0 of what is not there, which is said when it is read."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
