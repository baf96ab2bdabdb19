"""What sources ask for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.objects.asked_files import asked_for

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#include <linux/list.h>\n", (frozenset(), True)),
        ("#if defined(__has_include) && 1\n", (frozenset(), True)),
        ('#if __has_include("late.h")\n', (frozenset({"late.h"}), True)),
        (
            "#if __has_include ( <linux/late.h> )\n# if __has_include_next(<b.h>)\n",
            (frozenset({"linux/late.h", "b.h"}), True),
        ),
        ('#if __has_embed("blob.bin" limit(1))\n', (frozenset({"blob.bin"}), True)),
        ('#if __has_include(NAME) || __has_include("a.h")\n', (frozenset({"a.h"}), False)),
    ],
)
def test_what_a_source_asks_for(text: str, found: tuple[frozenset[str], bool], tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text(text)
    assert asked_for(str(tmp_path / "a.h")) == found


def test_what_cannot_be_read_asks_for_nothing(tmp_path: Path) -> None:
    for name in ("missing", "n" * 300, "nul\0"):
        assert asked_for(str(tmp_path / name)) == (frozenset(), True)
