"""Objects in the shape of a kernel's, the same wherever they are made: no compiler takes part.

Structures refer to one another by pointers in circles, as a kernel's do, so that an export reaches most of them;
around these stand typedefs, enumerations, function pointers, unnamed unions, bit-fields, forward declarations,
structures that belong to a `.c` file, and much that no export reaches.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.dwarf_writer import (
    Die,
    Form,
    Unit,
    die,
    exported,
    function,
    member,
    pointer,
    struct_type,
    variable,
    write,
)
from tests.elf_writer import Section, Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE, HEADER = 1, 2  # decl_file: what a `.c` file defines is private


def corpus(*, types: int = 120, exports: int = 60, units: int = 1) -> bytes:
    """An object. types: structures in each unit, which come with some ten other types each; exports: in all, spread
    over the units."""
    names = [f"export_{number}" for number in range(exports)]
    section, labels = exported(*((name, "GPL" if len(name) % 2 else "", "") for name in names))
    return write([_unit(first, types, names[first::units]) for first in range(units)], labels, [section])


def linked(*, types: int = 40, exports: int = 120, units: int = 12) -> bytes:
    """A vmlinux, as `corpus` has an object; exports stand in its symbol table at the addresses of their functions."""
    names = [f"export_{number}" for number in range(exports)]
    addresses = {name: 16 * number for number, name in enumerate(names, 1)}
    symbols = [Symbol(name, ".text", address) for name, address in addresses.items()]
    symbols += [Symbol(f"__ksymtab_{name}", "__ksymtab", 12 * number) for number, name in enumerate(names)]
    written = [_unit(first, types, names[first::units], addresses) for first in range(units)]
    tables = [Section(".text", bytes(16 * exports + 32)), Section("__ksymtab", bytes(12 * exports))]
    return write(written, symbols, tables, relocations=False)


def _unit(
    unit: int, types: int, exports: list[str], addresses: Mapping[str, int] = MappingProxyType({})
) -> Unit:
    dies = _types(unit, types)
    structs = [each for each in dies if each.tag == "structure_type" and each.children]
    pointers = [pointer(each) for each in structs]
    integer = dies[0]
    for number, name in enumerate(exports):
        first, second = pointers[number % types], pointers[(7 * number + 3) % types]
        place = {"low_pc": Form("addr", addresses[name])} if name in addresses else {}
        dies.append(function(name, first, second, integer, external=True, prototyped=True, **place))
    dies.append(variable("unexported", structs[0]))
    return Unit(*dies, *pointers, files=("drivers/base/core.c", "include/linux/device.h"), siblings=True)


def _types(unit: int, number: int) -> list[Die]:
    """Structures and all that they are made of, with what no export reaches between them; each unit has its own."""
    base = [
        die("base_type", name=name, byte_size=size, encoding=encoding)
        for name, size, encoding in (
            ("int", 4, 5),
            ("unsigned int", 4, 7),
            ("long unsigned int", 8, 7),
            ("char", 1, 6),
        )
    ]
    integer, unsigned, word, char = base
    u32 = die("typedef", name=f"u32_{unit}", type=unsigned, decl_file=HEADER, decl_line=21)
    listed = struct_type(f"list_head_{unit}", byte_size=16, decl_file=HEADER, decl_line=5)
    to_list = pointer(listed)
    listed.children += [
        member("next", to_list, data_member_location=0),
        member("prev", to_list, data_member_location=8),
    ]
    name = die("array_type", die("subrange_type", type=word, upper_bound=15), type=char)
    structs = [
        struct_type(
            f"device_{unit}_{i}", byte_size=128, decl_file=SOURCE if i % 16 == 7 else HEADER, decl_line=i
        )
        for i in range(number)
    ]
    pointers = [pointer(each) for each in structs]
    dies = [*base, u32, listed, to_list, name]
    for i, each in enumerate(structs):
        forward = struct_type(f"opaque_{unit}_{i}", declaration=True)
        state = die(
            "enumeration_type",
            *(die("enumerator", name=f"STATE_{unit}_{i}_{value}", const_value=value) for value in range(4)),
            name=f"state_{unit}_{i}", encoding=7, byte_size=4, type=unsigned, decl_file=HEADER, decl_line=i,
        )  # fmt: skip
        callback = die(
            "subroutine_type",
            *(die("formal_parameter", type=p) for p in (pointers[i], pointers[(5 * i + 1) % number], u32)),
            type=integer, prototyped=True,
        )  # fmt: skip
        function_t = die(
            "typedef", name=f"callback_{unit}_{i}_t", type=pointer(callback), decl_file=HEADER, decl_line=i
        )
        union = die(
            "union_type", member("id", u32), member("flags", word), byte_size=8, decl_file=HEADER, decl_line=i
        )
        fields = (
            ("list", listed), ("parent", pointers[(i + 1) % number]), ("driver", pointers[(7 * i + 3) % number]),
            ("opaque", pointer(forward)), ("state", state), ("release", function_t), ("name", name), ("count", u32),
        )  # fmt: skip
        each.children += [
            member(field, of, data_member_location=8 * at, decl_file=HEADER, decl_line=at)
            for at, (field, of) in enumerate(fields)
        ]
        each.children.append(die("member", type=union, data_member_location=72))
        each.children.append(member("active", unsigned, bit_size=1, data_bit_offset=640))
        dies += [
            each,
            pointers[i],
            forward,
            state,
            callback,
            function_t,
            union,
            *_unreached(i, integer, pointers[i]),
        ]
    return dies


def _unreached(number: int, integer: Die, of: Die) -> list[Die]:
    """An inline function with its variables: most of what a kernel's objects hold is like this."""
    local = [
        die("variable", name=f"local_{at}", type=integer, decl_file=HEADER, decl_line=at) for at in range(4)
    ]
    block = die("lexical_block", *local, high_pc=Form("data8", 64))
    parameter = die("formal_parameter", name="dev", type=of, decl_file=HEADER, decl_line=number)
    return [
        die("subprogram", parameter, block, name=f"inline_{number}", inline=3, prototyped=True, type=integer)
    ]
