"""`kabicheck check` on a real kernel says what two clean builds of it say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kabicheck.objects.build_options import Build
from kabicheck.objects.kbuild import Kbuild
from kabicheck.objects.kernel_config import Seed, settings
from kabicheck.objects.store import Store
from kabicheck.pipeline.reading import read_object
from kabicheck.vcs.repository import Repository
from tests.kernel.checks import Check, Export, applied, check
from tests.kernel.series import FRAGMENT, SERIES, TARGETS
from tests.report.checks.junit import schema

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import ObjectSet
    from tests.kernel.clean import CleanBuild, Versions
    from tests.kernel.conftest import CleanSides, Kernel

# The fixtures build kernels, for minutes.
pytestmark = [pytest.mark.kernel, pytest.mark.timeout(0)]


def collected(kernel: Kernel, commit: str) -> tuple[ObjectSet, Versions]:
    """What a check kept of a commit, and the version of every export in it."""
    repository = Repository.discover(kernel.checkout.path)
    build = Build(Seed(target="tinyconfig", fragments=(FRAGMENT,)), TARGETS)
    with Store.opened() as store:
        kbuild = Kbuild(repository.worktree(build.key), build, store)
        found = kbuild.objects(repository.commit(commit))
        readings = [read_object(built).versions() for built in found.objects]
    return found, {(one.path, name): crc for one in readings for name, crc in one.versions.items()}


def test_findings_are_the_status(first: Check) -> None:
    assert (first.status, first.errors) == (1, "")
    assert first.text.splitlines()[-1].startswith("FAILED: ")


def test_changed_symbols_are_those_of_the_clean_builds(first: Check, clean: CleanSides) -> None:
    old, new = clean.base.versions, clean.head.versions
    changed = {export for export in old.keys() | new.keys() if old.get(export) != new.get(export)}
    assert len(changed) > len(SERIES)
    versions = {export: change for export, change in first.changes.items() if change.kind != "licence"}
    assert versions.keys() == changed
    assert applied(old, versions) == new
    assert first.changes.keys() - changed == {("lib/argv_split.o", "argv_free")}


@pytest.mark.parametrize("side", ["base", "head"])
def test_versions_are_the_builds_own(kernel: Kernel, clean: CleanSides, first: Check, side: str) -> None:
    built: CleanBuild = getattr(clean, side)
    found, versions = collected(kernel, getattr(kernel, side))
    assert found.built == 0, "kept by the check"
    assert settings(found.config) == settings(built.config)
    assert versions == built.versions
    # kabicheck's own build calculated them too.
    assert {(o.path, name): crc for o in found.objects for name, crc in o.reference.items()} == versions


def test_junit_holds_every_export_once(first: Check, clean: CleanSides) -> None:
    everything: set[Export] = clean.base.versions.keys() | clean.head.versions.keys()
    assert sorted(first.exports) == sorted(everything)
    root = first.document()
    assert (root.get("tests"), root.get("errors")) == (str(len(everything)), "0")
    failing = {export for export, change in first.changes.items() if change.fails}
    assert root.get("failures") == str(len(failing))
    assert first.changes.keys() - failing == {("lib/cmdline.o", "parse_option_str")}, (
        "new exports break nobody"
    )
    modules = {suite.get("name"): {case.get("classname") for case in suite} for suite in root}
    assert modules.keys() >= {"vmlinux", "cordic", "prime_numbers", "xz_dec"}
    assert modules["xz_dec"] == {"xz_dec.lib/xz/xz_dec_syms"}


def test_junit_is_valid(first: Check) -> None:
    schema().assertValid(first.document())


def test_causes_are_named_with_their_lines(first: Check, kernel: Kernel) -> None:
    assert first.causes.keys() == {title for patch in SERIES for title in patch.causes}
    cause = next(iter(first.causes.values()))
    header = (kernel.checkout.path / "include/linux/kobject.h").read_text().splitlines()
    assert cause.place == f"include/linux/kobject.h:{header.index('struct kobject {') + 1}"
    assert [line.split("/*")[0].split() for line in cause.diff if "cookie" in line] == [
        ["+", "long", "unsigned", "int", "cookie;"]
    ]
    signature = first.causes["klist_remove()"].place
    assert signature is not None
    assert signature.startswith("lib/klist.c:")
    assert first.causes["read_stack_pointer()"].place is None, "its stand-in is no file"
    versions = [change for change in first.changes.values() if change.kind == "version"]
    # The signature and the assembly prototype have other causes.
    assert cause.exports == len(versions) - 2


def test_second_run_builds_nothing(kernel: Kernel, first: Check, cache: Path, tmp_path: Path) -> None:
    assert first.compiled > 0
    logs = {log: log.stat().st_mtime_ns for log in cache.glob("repositories/*/*/logs/*")}
    assert logs
    second = check(kernel.checkout, kernel.base, "main", tmp_path / "second.xml")
    assert {log: log.stat().st_mtime_ns for log in cache.glob("repositories/*/*/logs/*")} == logs
    assert second.compiled == 0
    assert second.junit.read_bytes() == first.junit.read_bytes()
    assert (second.status, _facts(second)) == (first.status, _facts(first))


def _facts(done: Check) -> list[str]:
    """The report without the lines that say what was built, and how long that took."""
    lines = done.text.splitlines()
    return [line for line in lines if " compared in " not in line and " for attribution, " not in line]


def test_same_commit_on_both_sides(kernel: Kernel, first: Check, tmp_path: Path) -> None:
    done = check(kernel.checkout, "main", "main", tmp_path / "same.xml", "--allow-same")
    assert (done.status, done.changes, done.compiled) == (0, {}, 0)


def test_commit_that_does_not_build(kernel: Kernel, first: Check, tmp_path: Path) -> None:
    before = kernel.checkout.state()
    done = check(kernel.checkout, kernel.base, kernel.broken, tmp_path / "broken.xml")
    assert (done.status, done.text) == (2, "")
    assert not done.junit.exists()
    error, *lines = done.errors.splitlines()
    assert kernel.broken[:7] in error
    source = (kernel.checkout.git("show", f"{kernel.broken}:lib/klist.c")).splitlines()
    place = source.index("\tklist_put(n, undeclared_here);") + 1
    assert re.search(rf"lib/klist\.c:{place}:\d+: error: .undeclared_here. undeclared", "\n".join(lines)), (
        lines
    )
    assert kernel.checkout.state() == before
