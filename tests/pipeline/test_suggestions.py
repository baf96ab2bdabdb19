"""What keeps the versions of two real objects, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.formats.kabi_rules import read_rules
from kabicheck.model import MacroCall
from kabicheck.objects.directory import read_directory
from kabicheck.pipeline.remedies import ObjectsUnderRules
from kabicheck.pipeline.suggestions import suggest
from tests.kabi_macros import compile_header

if TYPE_CHECKING:
    from pathlib import Path


def test_one_that_can_be_kept_and_one_that_cannot(tmp_path: Path) -> None:
    headers = {
        "old": "struct a { int x; char c; long y; }; struct b { int x; };",
        "new": "struct a { int x; char c; char d; long y; }; struct b { long x; };",
    }
    for side, header in headers.items():
        compile_header(
            header, tmp_path / side / "u.o", "void va(struct a *p) {} void vb(struct b *p) {}", ("va", "vb")
        )
    sides = ObjectsUnderRules(read_directory(tmp_path / "old"), read_directory(tmp_path / "new"))
    suggestions = suggest(sides)
    assert (suggestions.compared, suggestions.changed, suggestions.kept, suggestions.rules) == (2, 2, 1, 1)
    one, other = sorted(suggestions.each, key=lambda each: each.cause.title)
    assert one.calls == (MacroCall("KABI_IGNORE(0, char d);", "in struct a, for d"),)
    assert (one.refused, one.tables) == ("", suggestions.tables)
    assert other.refused == "x changed from int to long int, which has not the same size"
    assert (other.calls, other.tables) == (None, "")
    (tmp_path / "rules.toml").write_text(suggestions.tables)
    [rule] = read_rules(tmp_path / "rules.toml")
    assert [c.name for c in sides.compare([rule]).changes] == ["vb"]
