"""`kabicheck check --staged`, and `kabicheck build`, which it wants to have run before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.vcs.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

# Texts that no other test has: the cache is shared, and what was compiled is counted.
WIDER = ("bool registered;", "bool registered;\n\tlong staged;")
COMMENT = "/* Staged here alone. */\n"
ONE = "only what the staged files reach was built: 1 object"


@pytest.fixture
def staged(demo: DemoRepository, check: Callable[..., Run]) -> Callable[..., Run]:
    """Put a text in place of another one in a file, stage that, and check what is staged, HEAD being built."""
    assert main(["build"]) == 0

    def run(path: str, old: str = "", new: str = "", *options: str) -> Run:
        text = demo.read(path)
        assert old in text
        (demo.path / path).write_text(text.replace(old, new, 1) if old else text + new)
        demo.git("add", path)
        return check("--staged", *options)

    return run


def test_what_is_staged_is_compared_with_head(staged: Callable[..., Run], demo: DemoRepository) -> None:
    run = staged("include/linux/async.h", *WIDER)
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause")
    assert run.out.startswith(f"base {demo.head[:7]} (HEAD) → head staged (1 file) · ")
    assert "struct async_domain: member added" in run.out
    assert run.compiled == 2, "async.o and the one that includes its header"


def test_what_is_not_staged_does_not_count(
    staged: Callable[..., Run], demo: DemoRepository, check: Callable[..., Run]
) -> None:
    header = "include/linux/async.h"
    (demo.path / header).write_text(demo.read(header).replace(*WIDER))
    run = check("--staged")
    assert (run.status, run.notes) == (0, ["nothing was built: what is staged is what the commit holds"])
    demo.git("add", header)
    demo.git("show", f"HEAD:{header}")
    (demo.path / header).write_text(demo.git("show", f"HEAD:{header}") + "\n")
    assert check("--staged").status == 1, "the work tree is fine, what is staged is not"


def test_a_comment_passes(staged: Callable[..., Run]) -> None:
    run = staged("lib/crc32.c", new=COMMENT)
    assert (run.status, run.notes, run.compiled) == (0, [ONE], 1)


def test_what_no_build_reads_needs_none(
    staged: Callable[..., Run], demo: DemoRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "empty"))
    (demo.path / "README").write_text("")
    run = staged("README", new="Read me.\n")
    assert (run.status, run.notes) == (0, ["nothing was built: no build reads what is staged"])


@pytest.mark.parametrize("name", ["lib/README.h", "Documentation/told.md", "tools/testing/told.h"])
def test_what_no_build_should_read_and_a_source_includes_counts(
    name: str, demo: DemoRepository, staged: Callable[..., Run], check: Callable[..., Run]
) -> None:
    exporting = f'#include "../{name}"\nint tell(struct told *t) {{ return t->one; }}\nEXPORT_SYMBOL(tell);\n'
    source = demo.read("lib/crc32.c") + exporting
    before = "struct told { long one; };\nint tell(struct told *t);\n"
    demo.commit({name: before, "lib/crc32.c": source}, "crc32: tell")
    assert main(["build"]) == 0
    run = staged(name, "long", "int")
    assert (run.status, run.verdict) == (1, "FAILED: 1 export changed by 1 cause")
    demo.git("commit", "--quiet", "--message", "tell less")
    run = check("--push", "--base", "HEAD~1")
    assert (run.status, run.verdict) == (1, "FAILED: 1 export changed by 1 cause, 1 commit responsible")


def test_what_reaches_no_export_is_not_built(staged: Callable[..., Run], demo: DemoRepository) -> None:
    demo.commit({"drivers/unused.c": "int used;\n"}, "drivers: add a file that no makefile names")
    run = staged("drivers/unused.c", "used", "unused")
    assert run.status == 0
    assert run.notes == [
        "nothing was built: no staged file reaches an exported symbol (14 objects looked at)"
    ]


def test_an_object_without_exports_may_get_one(staged: Callable[..., Run], demo: DemoRepository) -> None:
    export = "#include <linux/export.h>\nint said;\nEXPORT_SYMBOL(said);\n"
    run = staged("kernel/printk.c", new=export)
    assert (run.status, run.notes) == (0, [ONE])
    assert "said: added with version" in run.out


def test_a_makefile_reaches_more_than_lists_say(staged: Callable[..., Run]) -> None:
    run = staged("lib/Makefile", "obj-$(CONFIG_CRC32) += crc32.o\n", "")
    assert run.status == 1
    assert "crc32_le: removed" in run.out
    assert not any(note.startswith("only what") for note in run.notes)


def test_a_commit_needs_no_new_base(staged: Callable[..., Run], demo: DemoRepository) -> None:
    """Nor do several that nobody checked: what they touched is built by itself."""
    assert staged("include/linux/async.h", *WIDER).status == 1
    demo.git("commit", "--quiet", "--message", "wider")
    assert staged("lib/crc32.c", new="/* 1 */\n").compiled == 1
    demo.git("commit", "--quiet", "--message", "comment")
    demo.commit({"lib/string.c": demo.read("lib/string.c") + "/* 2 */\n"}, "unchecked")
    demo.commit({"lib/crc32.c": demo.read("lib/crc32.c") + "/* 3 */\n"}, "unchecked")
    run = staged("lib/crc32.c", new="/* 4 */\n")
    assert (run.status, run.notes) == (0, [ONE])
    run = staged("include/linux/async.h", WIDER[1], WIDER[0])
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause"), (
        "compared with the wider one"
    )


def test_an_amended_commit_is_compared_with_head_unless_asked(
    staged: Callable[..., Run], demo: DemoRepository, check: Callable[..., Run]
) -> None:
    demo.git("checkout", "--quiet", "--detach", demo.commits[1].id)
    assert main(["build", "HEAD", "HEAD~1"]) == 0
    assert check("--staged").status == 0
    run = check("--staged", "--base", "HEAD~1")
    assert (run.status, run.verdict) == (1, "FAILED: 3 exports changed by 1 cause")


def test_nothing_is_written_to_the_repository(
    staged: Callable[..., Run], demo: DemoRepository, check: Callable[..., Run]
) -> None:
    def content() -> dict[str, tuple[int, bytes]]:
        return {path: (mode, data) for path, (mode, _, data) in snapshot(demo.path).items()}

    assert staged("include/linux/async.h", *WIDER).status == 1
    before, index = content(), (demo.path / ".git/index").stat().st_mtime_ns
    assert check("--staged", "--no-cache").status == 1
    assert content() == before
    assert (demo.path / ".git/index").stat().st_mtime_ns == index


def test_a_first_check_says_what_is_missing(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "empty"))
    (demo.path / "lib/crc32.c").write_text(demo.read("lib/crc32.c") + "/* 5 */\n")
    demo.git("add", "lib/crc32.c")
    error = check("--staged", "lib/").error
    assert f"{demo.head[:7]} was never built" in error
    assert "`kabicheck build --target lib/`" in error
    assert main(["build", "--target", "lib/"]) == 0
    assert check("--staged", "lib/").status == 0


def test_what_cannot_be_compared_is_said(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "no --head" in check("--staged", "--head", "HEAD~1").error
    (demo.path / "lib/crc32.c").write_text(demo.read("lib/crc32.c") + "broken\n")
    demo.git("add", "lib/crc32.c")
    assert main(["build"]) == 0
    failed = check("--staged")
    assert failed.status == 2
    assert "(what is staged) failed" in failed.err
    assert "lib/crc32.c" in failed.err
    (tmp_path / "new").mkdir()
    demo.git("init", "--quiet", str(tmp_path / "new"))
    run = check("--staged", "-C", tmp_path / "new")
    assert run.status == 0
    assert run.notes == ["nothing was compared: there is no commit yet that what is staged would change"]


def test_a_build_says_what_it_made(demo: DemoRepository, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", demo.base, "HEAD", "--target", "drivers/"]) == 0
    assert [line.partition(" (")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"{demo.base[:7]}: 5 objects with exports",
        f"{demo.head[:7]}: 5 objects with exports",
    ]
    assert main(["build", "--target", "drivers/none/"]) == 2
    assert "nothing that was built exports a symbol" in capsys.readouterr().err
