"""Files that a source asks the compiler for by name, whether they are there or not: `__has_include`, `__has_embed`.

A compiler lists what it read, and not what it was asked for and did not find, so that neither make nor a list tells
that the answer is another one once such a file comes or goes (GCC's manual, "__has_include"; C23, 6.10.1).
"""

from __future__ import annotations

import re
from pathlib import Path

_QUESTION = re.compile(rb"\b__has_(?:include(?:_next)?|embed)\s*\(\s*(?:[\"<]([^\">\n]+)[\">])?")


def asked_for(path: str) -> tuple[frozenset[str], bool]:
    """The files that a source asks for, as it spells them, and whether these are known to be all.

    They are not where a macro spells one. A source that cannot be read asks for nothing.
    """
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError):
        return frozenset(), True
    if b"__has_" not in content:
        return frozenset(), True
    names = [match[1] for match in _QUESTION.finditer(content)]
    spelled = frozenset(name.decode(errors="surrogateescape") for name in names if name is not None)
    return spelled, None not in names
