"""Whether two sides can be compared at all: another compiler or architecture changes versions by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import Incomparable

if TYPE_CHECKING:
    from kabicheck.model import Toolchain


def require_comparable(path: str, old: Toolchain, new: Toolchain) -> str:
    """A sentence about a difference that readers should know of, or "".

    Raises Incomparable, naming the object, where versions differ for another reason than the source: the
    machine, the version of DWARF, or the compiler's family.
    """
    for what, old_fact, new_fact in (
        ("machine", old.machine, new.machine),
        ("DWARF version", old.dwarf, new.dwarf),
        ("compiler", _family(old.producer), _family(new.producer)),
    ):
        if old_fact != new_fact:
            raise Incomparable(
                f"{path}: {what} {old_fact} on the old side, {new_fact} on the new one",
                hint="build both sides with the same toolchain and configuration",
            )
    if old.producer == new.producer:
        return ""
    return f"compiled by {old.producer} on the old side, by {new.producer} on the new one"


def _family(producer: str) -> str:
    """`GNU C11 12.2.0` → `GNU C`: the language's standard is an option, the number a version."""
    words = producer.split()
    return " ".join(word.rstrip("0123456789") for word in words[:2])
