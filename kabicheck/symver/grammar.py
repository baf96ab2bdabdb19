"""The words of type strings, and which DIEs they are for (dwarf.c, types.c).

In a type string under construction a reference to a named type is written `MARK + reference + MARK`, so that
splitting at MARK gives text and references in turn. On the quick way, `PARAMETER + text + PARAMETER` notes what is not
part of the string, and is taken out again: where a parameter list goes on and ends (order.py), and the old name of a
member (stable.py). Neither mark can occur in a C or Rust name.
"""

from __future__ import annotations

from kabicheck.dwarf import constants as dw

MARK = "\x01"
PARAMETER = "\x02"
LINEBREAK = -1

# process_type's type modifiers, and typedef: `WORD NAME { TYPE } byte_size(N)`
MODIFIERS = {
    dw.TAG_ATOMIC: "atomic_type",
    dw.TAG_CONST: "const_type",
    dw.TAG_IMMUTABLE: "immutable_type",
    dw.TAG_PACKED: "packed_type",
    dw.TAG_POINTER: "pointer_type",
    dw.TAG_REFERENCE: "reference_type",
    dw.TAG_RESTRICT: "restrict_type",
    dw.TAG_RVALUE_REFERENCE: "rvalue_reference_type",
    dw.TAG_SHARED: "shared_type",
    dw.TAG_VOLATILE: "volatile_type",
    dw.TAG_TYPEDEF: "typedef_type",
    dw.TAG_TEMPLATE_TYPE_PARAMETER: "template_type_parameter_type",
}
CONTAINERS = {
    dw.TAG_CLASS: "class_type",
    dw.TAG_STRUCTURE: "structure_type",
    dw.TAG_UNION: "union_type",
    dw.TAG_ENUMERATION: "enumeration_type",
}
# is_expanded_type: with their body once for each exported symbol
EXPANDED = frozenset(CONTAINERS)

# get_type_prefix: types that are referred to by name
PREFIXES = {
    dw.TAG_CLASS: "s#",
    dw.TAG_STRUCTURE: "s#",
    dw.TAG_UNION: "u#",
    dw.TAG_ENUMERATION: "e#",
    dw.TAG_TYPEDEF: "t#",
}
REFERENCE_STARTS = ("s#", "u#", "e#", "t#")

# ___process_structure_type: children of a structure that are no members
SKIPPED_IN_STRUCTURES = frozenset(
    {
        dw.TAG_CLASS,
        dw.TAG_ENUMERATION,
        dw.TAG_STRUCTURE,
        dw.TAG_TEMPLATE_TYPE_PARAMETER,
        dw.TAG_UNION,
        dw.TAG_SUBPROGRAM,
    }
)

ATTRIBUTES = {
    dw.AT_ACCESSIBILITY: "accessibility",
    dw.AT_ALIGNMENT: "alignment",
    dw.AT_BIT_SIZE: "bit_size",
    dw.AT_BYTE_SIZE: "byte_size",
    dw.AT_ENCODING: "encoding",
    dw.AT_DATA_BIT_OFFSET: "data_bit_offset",
    dw.AT_DATA_MEMBER_LOCATION: "data_member_location",
    dw.AT_DISCR_VALUE: "discr_value",
}


def type_reference(tag: int, fqn: str) -> str:
    """get_type_name: `s#NAME`, in quotes when it has spaces; "" for types that are not referred to."""
    prefix = PREFIXES.get(tag)
    if prefix is None or not fqn:
        return ""
    return f"{prefix}'{fqn}'" if " " in fqn else prefix + fqn
