"""A corpus of symtypes files that are in no file."""

from __future__ import annotations


class MemoryCorpus:
    """A corpus of what is given."""

    def __init__(self, files: dict[str, dict[str, str]]) -> None:
        self._files = files
        self.paths = tuple(sorted(files))

    def types(self, path: str) -> dict[str, str]:
        return self._files[path]

    def overrides(self, _path: str) -> frozenset[str]:
        return frozenset()
