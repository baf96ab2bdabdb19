"""Type strings as gendwarfksyms writes them, from a few words."""

from __future__ import annotations

INT = "base_type int byte_size(4) encoding(5)"
LONG = "base_type long int byte_size(8) encoding(5)"


def member(kind: str, name: str, offset: int) -> str:
    """A member at an offset in bytes."""
    return f"member {kind} {name} data_member_location({offset})"


def structure(*members: str, size: int = 16) -> str:
    """`struct a` of that many bytes."""
    return f"structure_type a {{ {' , '.join(members)} }} byte_size({size})"


def enumeration(**values: int) -> str:
    """`enum a` of 4 bytes."""
    listed = " , ".join(f"enumerator {name} = {value}" for name, value in values.items())
    return f"enumeration_type a {{ {listed} }} byte_size(4)"


def function(result: str, *parameters: str) -> str:
    """An exported function; parameters are types, with or without names behind them."""
    listed = " , ".join(f"formal_parameter {parameter}" for parameter in parameters)
    return f"subprogram ( {listed} ) -> {result}"


# What gendwarfksyms really writes of eth_header's device_driver: the list comma is lost.
LOST_COMMA = (
    "subroutine_type ( formal_parameter pointer_type { s#device } byte_size(8)formal_parameter "
    "pointer_type { const_type { s#device_driver } } byte_size(8) ) -> base_type int byte_size(4) encoding(5)"
)
