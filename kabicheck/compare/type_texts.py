"""The type strings of the types that a type string is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import NotADeclaration, Parser

if TYPE_CHECKING:
    from kabicheck.compare.declaration import Type


def type_texts(text: str) -> dict[Type, str]:
    """Every type that a type string is made of, with its own text; none where it cannot be read."""
    recorder = _Recorder(text)
    try:
        recorder.declaration()
    except NotADeclaration:
        return {}
    return recorder.texts


class _Recorder(Parser):
    """Keeps the words of each type."""

    def __init__(self, text: str) -> None:
        self.taken: list[str] = []
        self.texts: dict[Type, str] = {}
        super().__init__(text)

    def take(self) -> str:
        self.taken.append(super().take())
        return self.taken[-1]

    def type(self) -> Type:
        start = len(self.taken)
        parsed = super().type()
        self.texts.setdefault(parsed, " ".join(self.taken[start:]))
        return parsed
