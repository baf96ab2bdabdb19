"""What a stranger's commit leaves in the cache, and what later runs make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.vcs.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

POISON = "$(shell sed -i '/linux\\/async.h/d' kernel/.async.o.cmd)\n"
HEADER = "include/linux/async.h"


def _poisoned(demo: DemoRepository) -> str:
    """A commit whose makefile takes a header out of an object's list, whenever make reads it."""
    return demo.commit({"kernel/Makefile": POISON + demo.read("kernel/Makefile")}, "kernel: Tidy up")


def _changed(demo: DemoRepository) -> str:
    """A commit that changes that header: three exports get other versions."""
    text = demo.read(HEADER)
    assert "\tbool registered;" in text
    return demo.commit({HEADER: text.replace("\tbool registered;", "\tlong registered;")}, "async: Widen")


def test_a_list_that_somebody_edited_is_not_relied_on(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    base = demo.head
    poisoned = _poisoned(demo)
    assert check("--base", base, "--head", poisoned, "kernel/").status == 0
    demo.git("checkout", "--quiet", "--detach", base)
    run = check("--base", base, "--head", _changed(demo), "kernel/", "--attribution", "off")
    assert run.status == 1, run
    assert "async_schedule_node_domain" in run.out
    demo.git("checkout", "--quiet", "--detach", poisoned)
    run = check("--base", base, "--head", _changed(demo), "kernel/", "--attribution", "off")
    assert run.status == 1, "even where the commit itself does it"


def test_untrusted_commits_are_built_apart_and_with_what_trusted_builds_gave(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("KABICHECK_CACHE", str(cache))
    base = demo.head
    trusted = ("objects", "manifests", "repositories")
    assert check("--base", f"{base}~1", "--head", base).status == 0

    def kept() -> dict[str, bytes]:
        found = [snapshot(cache / name).items() for name in trusted]
        return {name: content for each in found for name, (_, _, content) in each}

    before = kept()
    head = _changed(demo)
    run = check("--base", base, "--head", head, "--untrusted")
    assert (run.status, run.compiled) == (1, 2), "the base and all other objects come from the trusted build"
    assert "include/linux/async.h:" in run.out, "files of both trees are named alike"
    assert "verified" in run.out
    assert kept() == before
    assert check("--base", base, "--head", head, "--untrusted").compiled == 0
    assert kept() == before
    demo.git("checkout", "--quiet", "--detach", base)
    poisoned = _poisoned(demo)
    run = check("--base", base, "--head", poisoned, "--untrusted", "--attribution", "off")
    assert run.status == 0
    assert run.compiled > 5, "a makefile may reach anything: all is built, in a folder of its own"
    assert kept() == before
    run = check("--base", base, "--head", head, "--attribution", "off")
    assert (run.status, run.compiled > 0) == (1, True), (
        "a trusted run does not read what untrusted ones built"
    )
