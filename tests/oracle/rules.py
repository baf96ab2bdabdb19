"""Random kABI rules: the section that the macros of scripts/gendwarfksyms/examples/kabi.h fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

SECTION = ".discard.gendwarfksyms.kabi_rules"
_PREFIX = {"struct": "s", "union": "u", "enum": "e", "typedef": "t"}


def rules(rng: Random, types: Sequence[str], symbols: Sequence[str]) -> list[str]:
    """Definitions that put rules about these types ("struct r1", "typedef t3") and symbols into an object."""
    drawn = [_rule(rng, types, symbols) for _ in range(rng.choice((0, 1, 2, 4)))]
    return [definition(number, *fields) for number, fields in enumerate(drawn)]


def definition(number: int, *fields: str) -> str:
    """One rule as C: its fields with a terminating zero each."""
    text = " ".join(f'"{field}\\0"' for field in fields[:-1]) + f' "{fields[-1]}"'
    return (
        f"static const char gendwarfksyms_rule_{number}[] "
        f'__attribute__((used, aligned(1), section("{SECTION}"))) = {text};'
    )


def _rule(rng: Random, types: Sequence[str], symbols: Sequence[str]) -> tuple[str, str, str, str]:
    chosen = rng.choice(types)
    name = chosen.split()[1]
    if rng.random() < 0.01:
        return rng.choice((("2", "declonly", name, ""), ("1", "declonlyx", name, ""), ("", "", "", "")))
    kind = rng.choice(("declonly", "enumerator_ignore", "enumerator_value", "byte_size", "type_string"))
    number = rng.choice(("0", "8", "4096", "18446744073709551615", "-1", "7 ", "", "18446744073709551616"))
    number = number if rng.random() < 0.1 else str(rng.randint(0, 100))
    enums = [each.split()[1] for each in types if each.startswith("enum")]
    enum = rng.choice(enums) if enums else name
    enumerator = f"{enum} {enum}_{rng.randint(0, 3)}"
    match kind:
        case "declonly":
            return "1", kind, name, ""
        case "enumerator_ignore":
            return "1", kind, enumerator, ""
        case "enumerator_value":
            return "1", kind, enumerator, number
        case "byte_size":
            return "1", kind, name, number
    targets = [_reference(rng, types), "s#absent", *symbols]
    return "1", kind, rng.choice(targets), _type_string(rng, types)


def _reference(rng: Random, types: Sequence[str]) -> str:
    keyword, name = rng.choice(types).split()
    return f"{_PREFIX[keyword]}#{name}"


def _type_string(rng: Random, types: Sequence[str]) -> str:
    pieces = []
    for _ in range(rng.randint(1, 4)):
        reference = _reference(rng, types)
        roll = rng.random()
        if roll < 0.4:
            pieces.append(f"member {reference} name")
        elif roll < 0.7:
            pieces.append(f"pointer_type {{ {reference} }} byte_size(8)")
        elif roll < 0.9:
            pieces.append("base_type int byte_size(4) encoding(5)")
        else:
            pieces.append(
                rng.choice(
                    (reference, "classs#r1 x", "s#'r1' y", "e#", "s#''", "s#'r1", "type#x", "s#absent")
                )
            )
    return " , ".join(pieces)
