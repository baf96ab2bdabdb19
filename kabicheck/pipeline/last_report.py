"""The last report of a folder, which `kabicheck explain` answers from.

    reports/KEY.report in the cache folder: JSON, packed and sealed

KEY is the path of the git work tree, or else of the folder, in which the command ran: what a person calls "here".
Whoever reads sees the old report or the new one, never a part; the newest few are kept.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.cache import cache_folder, read_sealed, remove, write_sealed
from kabicheck.errors import ObjectError, UsageError

if TYPE_CHECKING:
    from kabicheck.model import Report
    from kabicheck.progress import Warn

# Reports that are kept, and the bytes of JSON that one may have: a whole distribution's kernel has some 10 MB.
KEPT = 20
LARGEST = 256 << 20

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def keep_report(report: Report, warn: Warn, folder: str | Path = ".") -> None:
    """Keep what has just been reported of a folder. Where that cannot be done `warn` is told why, and nothing fails."""
    from kabicheck.formats.report_json import write_report

    try:
        file = _file(Path(folder))
        document = write_report(report).encode()
        if len(document) > LARGEST:
            raise OSError(0, f"it has more than {LARGEST:,} bytes")
        write_sealed(file, gzip.compress(document, 1))
        _drop_old(file.parent)
    except (OSError, UsageError) as error:
        warn(f"explain will not know this report: {getattr(error, 'strerror', None) or error}")


def last_report(folder: str | Path = ".") -> tuple[Report, str] | None:
    """The last report of a folder, and its age ("2 hours ago"); None where there is none. Raises ObjectError."""
    from kabicheck.formats.report_json import parse_report

    file = _file(Path(folder))
    try:
        age = time.time() - file.stat().st_mtime
        with gzip.open(io.BytesIO(read_sealed(file))) as packed:
            document = packed.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise ObjectError(file, "a damaged report", hint="remove it, and run the check again") from error
    if len(document) > LARGEST:
        raise ObjectError(file, f"larger than {LARGEST} bytes: not a report")
    return parse_report(document, file), _ago(age)


def _file(folder: Path) -> Path:
    here = folder.resolve()
    root = next((above for above in (here, *here.parents) if (above / ".git").exists()), here)
    key = hashlib.sha256(bytes(root)).hexdigest()[:16]
    return cache_folder() / "reports" / f"{key}.report"


def _drop_old(folder: Path) -> None:
    """Others may be doing the same just now."""
    ages = {}
    for file in folder.glob("*.report"):
        try:
            ages[file] = file.stat().st_mtime
        except FileNotFoundError:
            continue
    for file in sorted(ages, key=lambda file: ages[file])[:-KEPT]:
        remove(file)


def _ago(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' * (number > 1)} ago"
    return "less than a minute ago"
