"""Errors cross process borders whole."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from kabicheck.errors import BuildError, KabicheckError, ObjectError, UsageError


@pytest.mark.parametrize(
    "error",
    [
        UsageError("wrong", hint="do it right"),
        ObjectError("a.o", "cut short", section=".debug_info", offset=3),
        BuildError("failed", log=Path("log"), lines=("x.c:1: error",)),
    ],
)
def test_errors_survive_pickling(error: KabicheckError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)
