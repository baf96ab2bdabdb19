"""A header that comes or goes in front of another one of its name on the include path."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.attribute.depends import touches
from kabicheck.attribute.question import Observation
from kabicheck.objects.stale import expire_hidden
from tests.lacking import skip_or_fail
from tests.objects.conftest import content

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.objects.conftest import Driver

ASYNC = "kernel/async.o"


@pytest.fixture(params=["no ccache", "through ccache", "a link to ccache"])
def compiled(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], None]:
    """The ways to a compiler, with a user's inexact settings. Called with the cache, it asserts that it was so."""
    way = request.param
    if way == "no ccache":
        monkeypatch.setenv("CCACHE_DISABLE", "1")
    elif (ccache := shutil.which("ccache")) is None:
        skip_or_fail("no ccache")
    else:
        monkeypatch.delenv("CCACHE_DISABLE", raising=False)
        monkeypatch.setenv("CCACHE_DIRECT", "1")
        monkeypatch.setenv("CCACHE_DIR", str(tmp_path / "users"))
        monkeypatch.setenv("CCACHE_SLOPPINESS", "file_stat_matches,include_file_ctime,include_file_mtime")
        if way == "a link to ccache":
            (tmp_path / "links").mkdir()
            (tmp_path / "links/gcc").symlink_to(ccache)
            monkeypatch.setenv("PATH", f"{tmp_path}/links:{os.environ['PATH']}")

    def verify(cache: Path) -> None:
        assert (cache / "ccache").is_dir() is (way != "no ccache")
        assert not (tmp_path / "users").exists()

    return verify


def test_an_object_that_would_include_it_now_is_made_anew(
    driver: Driver, demo: DemoRepository, compiled: Callable[[Path], None]
) -> None:
    """As from nothing, whether all is built or one object; and again where the header is gone."""
    source = demo.read("kernel/async.c").replace("<linux/async.h>", '"linux/async.h"')
    demo.commit({"kernel/async.c": source}, "Look beside the source first")
    base = driver.objects("HEAD")
    hiding = demo.read("include/linux/async.h").replace(
        "struct async_domain {", "struct async_domain {\n\tint n;"
    )
    demo.commit({"kernel/linux/async.h": hiding}, "Hide the header")
    found = driver.some("HEAD", [ASYNC])
    assert found.built == 1
    [built] = found.objects
    assert "kernel/linux/async.h" in built.depends
    driver.forget()
    [shown] = driver.some("HEAD~1", [ASYNC]).objects
    assert "include/linux/async.h" in shown.depends
    again = driver.objects("HEAD")
    assert {each.path for each in again.objects} == {each.path for each in base.objects}
    assert {path: each[0] for path, each in driver.clean("HEAD").items()} == {
        each.path: each.file.read_bytes() for each in again.objects
    }
    compiled(driver.cache)


def test_a_source_is_compiled_and_not_what_an_earlier_commit_made_of_that_name(
    driver: Driver, demo: DemoRepository
) -> None:
    """A source that was generated, by a rule that leaves no .cmd file, and a folder where there is a source again."""
    makefile = demo.read("kernel/Makefile") + "obj-y += made.o\n"
    rule = "$(obj)/made.c: $(src)/made.in\n\tcp $< $@\n"
    export = "#include <linux/export.h>\n{0};\n{0} {{ return 0; }}\nEXPORT_SYMBOL(made);\n"
    generated, written = export.format("int made(void)"), export.format("long made(void)")
    lib = demo.read("lib/Makefile")
    demo.commit({"lib/Makefile": lib.replace("crc32.o", "crc32.c/")}, "Build a folder")
    demo.git("mv", "lib/crc32.c", "lib/crc32")
    demo.commit(
        {
            "kernel/Makefile": makefile + rule,
            "kernel/made.in": generated,
            "lib/crc32.c/Makefile": "obj-y += crc.o\n",
            "lib/crc32.c/crc.c": demo.read("lib/crc32"),
        },
        "Generate it",
    )
    before = driver.objects("HEAD")
    assert "lib/crc32.c/crc.o" in content(before)
    demo.git("rm", "-q", "-r", "kernel/made.in", "lib/crc32.c")
    demo.git("mv", "lib/crc32", "lib/crc32.c")
    demo.commit(
        {"kernel/Makefile": makefile, "kernel/made.c": written, "lib/Makefile": lib}, "Write it by hand"
    )
    after = driver.objects("HEAD")
    [built] = [each for each in after.objects if each.path == "kernel/made.o"]
    assert "kernel/made.c" in built.depends
    assert content(after) == driver.clean("HEAD")


def test_what_a_rule_makes_is_made_anew_where_its_makefile_changed(
    driver: Driver, demo: DemoRepository
) -> None:
    """By `$(call cmd,…)`, of which kbuild does not keep how it was called."""
    rule = "cmd_made = sed s/KIND/long/ $< > $@\n$(obj)/made.h: $(src)/made.in\n\t$(call cmd,made)\n"
    makefile = f"{demo.read('kernel/Makefile')}{rule}$(obj)/async.o: $(obj)/made.h\nccflags-y += -I$(obj)\n"
    source = demo.read("kernel/async.c")
    files = {
        "kernel/made.in": "struct made { KIND made; };\n",
        "kernel/async.c": f'#include "made.h"\nstruct made made;\n{source}',
    }
    demo.commit({"kernel/Makefile": makefile, **files}, "Make a header")
    driver.objects("HEAD")
    demo.commit({"kernel/Makefile": makefile.replace("long", "int")}, "Make another")
    assert content(driver.objects("HEAD")) == driver.clean("HEAD")


def test_what_is_behind_a_link_in_the_build_folder_stays(tmp_path: Path) -> None:
    build, source = tmp_path / "build", tmp_path / "linux"
    for folder in (build, source, source / "source"):
        folder.mkdir()
    (build / "source").symlink_to(source)
    for path in ("a.c", "source/a.c"):
        (source / path).touch()
    expire_hidden(build, source, "before", lambda *_: {})
    expire_hidden(build, source, "after", lambda *_: {"source/a.c": False, "source/Makefile": True})
    assert (source / "a.c").exists()


def test_an_object_is_made_anew_where_a_file_that_its_header_asks_for_comes_or_goes(
    driver: Driver, demo: DemoRepository
) -> None:
    """No list holds a file that is not there; and `touches` has to know that such a commit reaches the object."""
    asking = demo.read("include/linux/async.h").replace(
        "struct async_domain {",
        "struct async_domain {\n#if __has_include(<linux/async_late.h>)\n\tint n;\n#endif\n",
    )
    demo.commit({"include/linux/async.h": asking}, "Ask for a header")
    base = driver.objects("HEAD")
    before = content(base)
    demo.commit({"include/linux/async_late.h": ""}, "Answer")
    [built] = [each for each in base.objects if each.path == ASYNC]
    step = driver.repository.history().step(*map(driver.repository.commit, ("HEAD~1", "HEAD")))
    assert touches(step, ASYNC, Observation({}, frozenset(built.depends), complete=built.complete))
    assert driver.some("HEAD", [ASYNC]).built == 1
    driver.forget()
    assert content(driver.objects("HEAD~1")) == before
    driver.forget()
    after = content(driver.objects("HEAD"))
    assert after[ASYNC] != before[ASYNC]
    assert after == driver.clean("HEAD")


@pytest.mark.parametrize("folder", [False, True])
def test_a_link_that_leads_elsewhere(driver: Driver, demo: DemoRepository, folder: bool) -> None:
    """To a file that is older than the object, or to a folder of such files."""
    header = demo.read("include/linux/async.h")
    longer = header.replace("struct async_domain {", "struct async_domain {\n\tint n;")
    source = demo.read("kernel/async.c").replace("<linux/async.h>", "<linked/async.h>")
    demo.commit(
        {"include/a/async.h": header, "include/b/async.h": longer, "kernel/async.c": source}, "Two headers"
    )
    link = demo.path / ("include/linked" if folder else "include/linked/async.h")
    link.parent.mkdir(exist_ok=True)
    for name in "ab":
        link.unlink(missing_ok=True)
        link.symlink_to(name if folder else f"../{name}/async.h")
        demo.git("add", "include")
        demo.git("commit", "--quiet", "--message", f"Use {name}")
    one = driver.some("HEAD~1", [ASYNC])
    other = driver.some("HEAD", [ASYNC])
    assert (one.built, other.built) == (1, 1)
    assert "include/b/async.h" in other.objects[0].depends


def test_what_does_not_read_its_name_stays(tmp_path: Path) -> None:
    build = tmp_path / "build"
    build.mkdir()
    lists = {
        ".a.o.cmd": "deps_a.o := \\\n  include/linux/list.h \\\n",
        ".b.o.cmd": "  include/linux/hlist.h \\\n",
        ".c.o.d": "c.o: c.S include/linux/list.h",
    }
    for name, text in lists.items():
        (build / name).write_text(text)
        (build / name[1:4]).touch()

    def differing(old: str, new: str) -> dict[str, bool]:
        assert (old, new) == ("before", "after")
        return {"lib/list.h": False, "lib/my_hlist.h": False, "include/linux/hlist.h": True}

    expire_hidden(build, tmp_path, "before", lambda *_: {})
    assert len(list(build.glob("*.o"))) == 3
    expire_hidden(build, tmp_path, "after", differing)
    assert sorted(file.name for file in build.glob("*.o")) == ["b.o"]
