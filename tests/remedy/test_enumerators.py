"""What hides that an enumeration got enumerators, and what no rule may hide of it."""

from __future__ import annotations

import pytest

from kabicheck.compare.pair import Pair
from kabicheck.remedy.enumerators import enumerator_rules
from kabicheck.remedy.unsafe import Unsafe
from tests.compare.type_strings import INT, enumeration, structure


def rules(old: str, new: str, around: str = "") -> tuple[list[str], tuple[str, ...]]:
    """Rules and cautions. around: a type string of the object, in which `[N]` stands for an array's length."""
    sides = ({"s#user": around.replace("[N]", f"[{number}]")} if around else {} for number in (2, 3))
    found, cautions = enumerator_rules("a", Pair(old, new), *sides)
    return [f"{rule.rule} {rule.target} {rule.value}".rstrip() for rule in found], cautions


def test_a_new_value_before_an_end_marker() -> None:
    found, cautions = rules(enumeration(A=0, B=1, A_MAX=2), enumeration(A=0, B=1, C=2, A_MAX=3))
    assert found == ["enumerator_ignore a C", "enumerator_value a A_MAX 2"]
    assert cautions == (
        "the kernel may hand modules C, which those built before do not know",
        "modules built before count up to A_MAX as it was: no array that they share with the kernel may have its size",
    )


def test_other_names_need_no_rule_of_their_own() -> None:
    assert rules(enumeration(A=0), enumeration(B=0)) == ([], ())


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (enumeration(A=0, B=1), enumeration(A=0), "the enumerator B is gone"),
        (enumeration(A=0), enumeration(A=1), "the enumerator A changed from 0 to 1"),
        (enumeration(A=0), enumeration(B=0, C=1), "enumerators were added and renamed"),
        (
            enumeration(A=0),
            enumeration(A=0).replace("byte_size(4)", "byte_size(8)"),
            "its size changed from 4 to 8",
        ),
    ],
)
def test_what_no_rule_may_hide(old: str, new: str, why: str) -> None:
    with pytest.raises(Unsafe, match=f"^{why}"):
        rules(old, new)


def test_an_array_that_the_end_marker_sizes() -> None:
    array = structure(f"member array_type[N] {{ {INT} }} list data_member_location(0)")
    with pytest.raises(
        Unsafe, match=r"^struct user has an array of 2 elements that has 3 now, as A_MAX says$"
    ):
        rules(enumeration(A=0, B=1, A_MAX=2), enumeration(A=0, B=1, C=2, A_MAX=3), array)
