"""Commits for which an incremental build goes wrong easily, one by one, in one build folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kernel.checks import Check, applied, check
from tests.kernel.series import SERIES, Patch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.kernel.conftest import CleanSides, Kernel

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(0)]


@pytest.fixture(scope="session")
def steps(kernel: Kernel, first: Check, folder: Path) -> Mapping[str, Check]:
    """Every commit checked against its parent, in their order, after the head was built: back, then forth."""
    return {
        name: check(kernel.checkout, f"{commit}~1", commit, folder / f"{name}.xml")
        for name, commit in kernel.commits.items()
    }


@pytest.mark.parametrize("patch", SERIES, ids=lambda patch: patch.name)
def test_commit_by_itself(steps: Mapping[str, Check], patch: Patch) -> None:
    done = steps[patch.name]
    kinds = {name: change.kind for (_, name), change in done.changes.items()}
    if patch.name == "structure":
        assert set(kinds.values()) == {"version"}
        assert "kobject_init" in kinds
    else:
        assert kinds == patch.changes
    assert done.status == (1 if any(change.fails for change in done.changes.values()) else 0), done.errors
    assert done.causes.keys() == patch.causes


def test_steps_lead_from_one_clean_build_to_the_other(steps: Mapping[str, Check], clean: CleanSides) -> None:
    """Each step starts with the versions that the last one left, so each equals a clean build of its commit."""
    versions = clean.base.versions
    for done in steps.values():
        versions = applied(versions, done.changes)
        assert set(done.exports) >= versions.keys()
    assert versions == clean.head.versions


def test_disabled_option_is_reported(steps: Mapping[str, Check]) -> None:
    assert "note: the configuration differs: CONFIG_CORDIC m → n" in steps["disabled-option"].text
