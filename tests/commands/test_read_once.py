"""How often a check decodes objects: each one at most once for each way to read it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kabicheck.cache import digest_of
from kabicheck.symver.object import ObjectReading

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, bool, object]]:
    """(digest of the file, whether rules are obeyed, rules from outside) → how often it was decoded."""
    counted: Counter[tuple[str, bool, object]] = Counter()
    original = ObjectReading.__init__

    def noted(self: ObjectReading, image: Any, *arguments: Any, **options: Any) -> None:
        digest = digest_of(Path(image.path)).hex()
        counted[digest, options["stable"], options.get("kabi", ())] += 1
        original(self, image, *arguments, **options)

    monkeypatch.setattr(ObjectReading, "__init__", noted)
    return counted


def test_a_check_of_the_series(
    demo: DemoRepository, check: Callable[..., Run], decodes: Counter[tuple[str, bool, object]]
) -> None:
    """One export is added to an object that does not change otherwise, and is looked up there."""
    assert check("--base", demo.base, "--no-cache", "-j1").status == 1
    assert len(decodes) >= 14  # as many as a side has
    assert max(decodes.values()) == 1


def test_a_check_of_a_hundred_exports_that_changed_and_one_that_came(
    demo: DemoRepository, check: Callable[..., Run], decodes: Counter[tuple[str, bool, object]]
) -> None:
    """Where exports were, who changed them and what keeps their versions is asked of what was read already."""
    functions = [
        f"int many_{number}(struct many *many) {{ return !many; }}\nEXPORT_SYMBOL(many_{number});"
        for number in range(100)
    ]
    source = demo.read("kernel/notifier.c")
    source = "\n".join(('#include "../include/linux/many.h"', source, *functions, ""))
    files = {"kernel/notifier.c": source, "include/linux/many.h": "struct many { char a; long b; };\n"}
    base = demo.commit(files, "Add exports")
    files = {
        "kernel/notifier.c": source + "int added(void) { return 0; }\nEXPORT_SYMBOL(added);\n",
        "include/linux/many.h": "struct many { char a; char c; long b; };\n",
    }
    demo.commit(files, "Change them")
    run = check("--base", base, "--no-cache", "-j1")
    assert run.status == 1, run
    assert run.verdict.startswith("FAILED: 100 exports changed by 1 cause, 1 added, 1 commit responsible")
    assert "keep the ABI: KABI_IGNORE" in run.out
    assert len(decodes) >= 14  # as many as a side has
    assert max(decodes.values()) == 1
