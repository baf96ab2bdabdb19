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


def test_a_check_with_a_hundred_new_exports(
    demo: DemoRepository, check: Callable[..., Run], decodes: Counter[tuple[str, bool, object]]
) -> None:
    """Whether exports came from elsewhere, and what keeps the old versions, is asked of what was read already."""
    functions = [
        f"int added_{number}(void) {{ return 0; }}\nEXPORT_SYMBOL(added_{number});" for number in range(100)
    ]
    source = demo.read("kernel/notifier.c")
    demo.commit({"kernel/notifier.c": "\n".join((source, *functions, ""))}, "Add exports")
    run = check("--base", demo.base, "--no-cache", "-j1")
    assert run.status == 1, run
    assert "101 added" in run.verdict
    assert len(decodes) >= 14  # as many as a side has
    assert max(decodes.values()) == 1
