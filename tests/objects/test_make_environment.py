"""What of the environment reaches a build: nothing that makes the same command give another object."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.objects.build_options import Build
from kabicheck.objects.make import Make
from kabicheck.objects.make_environment import clean_environment, through_ccache, without_effect
from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from pathlib import Path

    from tests.objects.conftest import Driver

MAKEFILE = """\
all:
	gcc $(KCFLAGS) $(CFLAGS_x.o) $(if $(CONFIG_SMP),-DSMP) -MMD -MF $(O)/x.d -c -o $(O)/x.o x.c
"""
SOURCE = """\
#if __has_include(<poison.h>)
#include <poison.h>
#endif
#ifdef SMP
int smp;
#endif
const char made[] = __DATE__;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tree of one object, headers that change it, and a compiler's driver that ends in failure."""
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / "x.c").write_text(SOURCE)
    (tmp_path / "headers").mkdir()
    (tmp_path / "headers/poison.h").write_text("int poison = 1;\n")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/cc1").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "parts/cc1").chmod(0o755)
    (tmp_path / "other.mk").write_text("KCFLAGS += -DSMP\n")
    return tmp_path


def _made(folder: Path, environment: dict[str, str]) -> tuple[bytes | None, bool]:
    """The object, and whether there is a list of what it was made from."""
    for name in ("x.o", "x.d"):
        (folder / name).unlink(missing_ok=True)
    command = ["make", "-C", str(folder), f"O={folder}"]
    subprocess.run(command, env=environment, check=False, capture_output=True)
    made = folder / "x.o"
    return made.read_bytes() if made.exists() else None, (folder / "x.d").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CPATH", "{0}/headers"),
        ("C_INCLUDE_PATH", "{0}/headers"),
        ("GCC_EXEC_PREFIX", "{0}/parts/"),
        ("COMPILER_PATH", "{0}/parts"),
        ("SOURCE_DATE_EPOCH", "86400"),
        ("KCFLAGS", "-DSMP"),
        ("CFLAGS_x.o", "-DSMP"),
        ("CONFIG_SMP", "y"),
        ("MAKEFLAGS", "-n"),
        ("GNUMAKEFLAGS", "-n"),
        ("MAKEFILES", "{0}/other.mk"),
    ],
)
def test_what_steers_a_compiler_reaches_none_of_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Each variable does change what make and gcc do, but for a build of ours, and doctor names it."""
    usual = {"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": "0"}
    expected = _made(folder, usual)
    key = Build().key
    monkeypatch.setenv(name, value.format(folder))
    poisoned = _made(folder, usual | {name: value.format(folder)})
    assert poisoned != expected
    for made in ("x.o", "x.d"):
        (folder / made).unlink(missing_ok=True)
    Make(folder, folder, {}, jobs=1).run(log=folder / "log", doing="making")
    assert ((folder / "x.o").read_bytes(), (folder / "x.d").exists()) == expected
    assert Build().key == key
    assert name in without_effect()


def test_a_folder_that_the_shell_calls_otherwise(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gcc believes $PWD where that is the current folder, and would call it so in debug information."""
    (folder.parent / "link").symlink_to(folder)
    monkeypatch.setenv("PWD", str(folder.parent / "link"))
    assert "PWD" not in clean_environment()


def test_what_toolchains_need_is_handed_on_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {Build().key}
    for name in ("LD_LIBRARY_PATH", "RUST_LIB_SRC", "NIX_CFLAGS_COMPILE"):
        monkeypatch.setenv(name, "/nowhere")
        assert clean_environment()[name] == "/nowhere"
        keys.add(Build().key)
    assert len(keys) == 4


def test_a_whole_build_is_the_same_whatever_surrounds_it(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CCACHE_DISABLE")
    objects = {built.path: built.file.read_bytes() for built in driver.objects("HEAD").objects}
    for name, value in {
        "CONFIG_KOBJECT_X": "y",
        "CFLAGS_async.o": "-DX",
        "CFLAGS_REMOVE_async.o": "-g",
        "ccflags-y": "-fshort-enums",
        "KAFLAGS": "-g0",
        "DEPENDENCIES_OUTPUT": str(tmp_path / "users"),
        "SUNPRO_DEPENDENCIES": str(tmp_path / "users"),
        "CCACHE_PREFIX": "false",
        "CCACHE_DIR": str(tmp_path / "users"),
        "CCACHE_SLOPPINESS": "include_file_mtime",
        "CPATH": str(tmp_path),
        "LANG": "de_DE.UTF-8",
        "TZ": "Asia/Tokyo",
        "DISTCC_HOSTS": "nowhere.invalid",
    }.items():
        monkeypatch.setenv(name, value)
    driver.cache.rename(tmp_path / "first")
    driver.build = Build(seed=driver.build.seed, jobs=2)
    again = driver.objects("HEAD").objects
    assert {built.path: built.file.read_bytes() for built in again} == objects
    assert not (tmp_path / "users").exists()


def test_ccache_takes_nothing_from_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("ccache") is None:
        skip_or_fail("no ccache")
    for folder in (tmp_path / ".config/ccache", tmp_path / "ours"):
        folder.mkdir(parents=True)
        (folder / "ccache.conf").write_text(
            "sloppiness = time_macros\ndepend_mode = true\nhard_link = true\nbase_dir = /\nhash_dir = false\n"
            "prefix_command = false\ncompiler_check = none\nignore_options = -D*\ndirect_mode = true\n"
        )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CCACHE_DIRECT", "1")
    environment = clean_environment(through_ccache(tmp_path / "ours", "gcc"))
    said = subprocess.run(
        ["ccache", "--show-config"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    found = dict(line.rpartition(") ")[2].split(" = ", 1) for line in said.splitlines() if " = " in line)
    wanted = {
        "cache_dir": str(tmp_path / "ours"),
        "direct_mode": "false",
        "depend_mode": "false",
        "hard_link": "false",
        "sloppiness": "",
        "base_dir": "",
        "hash_dir": "true",
        "prefix_command": "",
        "ignore_options": "",
        "compiler_check": "string:gcc",
    }
    assert {name: found[name] for name in wanted} == wanted
