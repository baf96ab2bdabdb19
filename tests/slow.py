"""Which tests are marked `slow`, so that `ci/test --quick` leaves them out and what is left takes under a minute.

Those are all that try many random examples (Hypothesis), and those below: whatever begins so, as pytest names it. A new
test that takes more than half a second belongs into the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SLOW = (
    # They run the whole program, build trees, or compile one object after the other.
    "tests/ci/",
    "tests/commands/",
    "tests/compare/test_cases.py",
    "tests/compare/test_rules.py",
    "tests/demo/test_tree.py",
    "tests/fuzz/",
    "tests/kernel/",
    "tests/objects/",
    "tests/oracle/",
    "tests/performance/",
    "tests/pipeline/",
    "tests/remedy/test_proof.py",
    "tests/report/test_every_format.py",
    "tests/test_api.py",
    "tests/test_docs.py",
    "tests/test_hooks.py",
    "tests/test_man_pages.py",
    "tests/test_precommit.py",
    "tests/vcs/test_merge_bases.py",
    "tests/vcs/test_worktree.py",
    # They damage every bit of a file, or look at what is large, random, or deeper than any real one.
    "tests/attribute/test_search_truth.py",
    "tests/compare/test_followers.py::test_circles_and_depth_are_no_trouble",
    "tests/compare/test_followers.py::test_random_structures",
    "tests/compare/test_layouts.py",
    "tests/compare/test_spelling.py::test_const_is_safe_only_where_the_pointer_converts",
    "tests/compare/test_spelling.py::test_one_type_is_what_the_compiler_calls_one",
    "tests/elf/test_ksymtab.py::test_every_bit",
    "tests/elf/test_records.py::test_every_bit",
    "tests/formats/test_report_json.py::test_a_large_report",
    "tests/formats/test_symvers.py::test_packed_lists",
    "tests/index/test_database.py",
    "tests/index/test_program.py",
    "tests/report/test_github.py::test_ten_of_a_level",
    "tests/report/test_gitlab.py::test_many_exports",
    "tests/report/test_html.py",
    "tests/report/test_junit.py::test_many_failures_share_the_room",
    "tests/report/test_markdown.py::test_any_size",
    "tests/report/test_markdown.py::test_what_does_not_fit_is_told_in_a_line_and_then_counted",
    "tests/report/test_sarif.py::test_no_more_results_than_readers_take",
    "tests/symver/test_dwz.py",
    "tests/symver/test_expansions.py::test_deep_nesting",
    "tests/symver/test_hostile.py",
    "tests/symver/test_engine.py::test_real_kernel_objects",
    "tests/symver/test_parity.py",
    "tests/symver/test_quick.py::test_a_chain_of_typedefs_costs_what_it_is_long",
)


def is_slow(item: pytest.Item) -> bool:
    """Whether a test is to be marked."""
    of_random_examples = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return of_random_examples or item.nodeid.startswith(SLOW)
