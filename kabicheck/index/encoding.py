"""Results as bytes and back. JSON, since a file in a cache folder must not be able to run code."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from kabicheck.model import Export, ObjectVersions, Toolchain

if TYPE_CHECKING:
    from collections.abc import Sequence


def to_bytes(results: Sequence[ObjectVersions], key: bytes) -> bytes:
    """Sealed JSON. key: what it is kept under."""
    text = json.dumps([_row(result) for result in results], separators=(",", ":")).encode()
    return sealed(text, key)


def from_bytes(data: bytes, key: bytes) -> tuple[ObjectVersions, ...]:
    """What `to_bytes` was given. Raises ValueError for anything that it does not write."""
    text = unsealed(data, key)
    try:
        return tuple(map(_result, json.loads(text)))
    except (TypeError, RecursionError) as error:
        raise ValueError("not a result") from error


def sealed(data: bytes, key: bytes) -> bytes:
    """A checksum of a row, four bytes, and the row: a database finds out where its pages are torn, not where one lies.

    key: under which it is kept, so that a row in another one's place is none.
    """
    return zlib.crc32(key + data).to_bytes(4, "big") + data


def unsealed(data: bytes, key: bytes) -> bytes:
    """What `sealed` was given. Raises ValueError for anything else."""
    if zlib.crc32(key + data[4:]).to_bytes(4, "big") != data[:4]:
        raise ValueError("the checksum is wrong")
    return data[4:]


def _row(result: ObjectVersions) -> list[object]:
    toolchain = result.toolchain
    return [
        result.path,
        result.module,
        [(export.name, export.licence, export.namespace) for export in result.exports],
        dict(result.versions),
        dict(result.unversioned),
        result.warnings,
        (toolchain.machine, toolchain.producer, toolchain.dwarf) if toolchain else None,
        result.ruled,
    ]


def _result(row: Any) -> ObjectVersions:
    path, module, exports, versions, unversioned, warnings, toolchain, ruled = row
    return ObjectVersions(
        path,
        module,
        tuple([Export(*export) for export in exports]),
        versions,
        unversioned,
        tuple(warnings),
        Toolchain(*toolchain) if toolchain else None,
        ruled,
    )
