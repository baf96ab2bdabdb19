"""DIEs of any shape: lists of attributes with forms and values, for hypothesis to draw from."""

from __future__ import annotations

from hypothesis import strategies as st

from kabicheck.dwarf import constants as dw
from tests.dwarf_writer import Form, die

ATTRIBUTES = {
    "name": dw.AT_NAME,
    "linkage_name": dw.AT_LINKAGE_NAME,
    "byte_size": dw.AT_BYTE_SIZE,
    "const_value": dw.AT_CONST_VALUE,
    "data_member_location": dw.AT_DATA_MEMBER_LOCATION,
    "upper_bound": dw.AT_UPPER_BOUND,
    "decl_file": dw.AT_DECL_FILE,
    "declaration": dw.AT_DECLARATION,
    "type": dw.AT_TYPE,
    "abstract_origin": dw.AT_ABSTRACT_ORIGIN,
    "alignment": dw.AT_ALIGNMENT,
}
INT = die("base_type", name="int")
MAX = (1 << 64) - 1

texts = st.text(st.characters(codec="latin-1", exclude_characters="\0"), max_size=200)
values: st.SearchStrategy[Form] = st.one_of(
    st.builds(Form, st.just("data1"), st.integers(0, 255)),
    st.builds(Form, st.just("data2"), st.integers(0, 0xFFFF)),
    st.builds(Form, st.just("data4"), st.integers(0, 0xFFFFFFFF)),
    st.builds(Form, st.just("data8"), st.integers(0, MAX)),
    st.builds(Form, st.just("data16"), st.integers(0, MAX)),
    st.builds(Form, st.just("udata"), st.integers(0, MAX)),
    st.builds(Form, st.sampled_from(("sdata", "implicit_const")), st.integers(-(1 << 63), (1 << 63) - 1)),
    st.builds(Form, st.just("sec_offset"), st.integers(0, 1 << 20)),
    st.builds(Form, st.sampled_from(("flag", "flag_present")), st.just(1)),
    st.builds(Form, st.just("flag"), st.just(0)),
    st.builds(Form, st.just("addr"), st.integers(0, 0xFFFFFFFF)),
    st.builds(Form, st.sampled_from(("addrx", "loclistx", "rnglistx")), st.integers(0, 1 << 20)),
    st.builds(Form, st.sampled_from(("addrx1", "addrx2", "addrx3", "addrx4")), st.integers(0, 255)),
    st.builds(
        Form, st.sampled_from(("block1", "block2", "block4", "block", "exprloc")), st.binary(max_size=200)
    ),
    st.builds(
        Form,
        st.sampled_from(("string", "strp", "line_strp", "strx", "strx1", "strx2", "strx3", "strx4")),
        texts,
    ),
    st.builds(Form, st.sampled_from(("ref2", "ref4", "ref8", "ref_udata", "ref_addr")), st.just(INT)),
    st.builds(Form, st.just("ref_sig8"), st.integers(0, MAX)),
)
# Attributes may occur twice: the first counts.
shapes = st.lists(st.tuples(st.sampled_from(sorted(ATTRIBUTES)), values), min_size=1, max_size=10)
