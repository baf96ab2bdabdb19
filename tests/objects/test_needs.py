"""What a build needs of the host, looked up with the host's own compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.objects import needs as module
from kabicheck.objects.build_options import Build
from kabicheck.objects.needs import needs, switched

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _touch(tree: Path, *names: str) -> None:
    for name in names:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch()


def test_only_what_the_tree_has_files_for(tmp_path: Path) -> None:
    _touch(tmp_path, "scripts/kconfig/lexer.l")
    found = {need.name: need.reason for need in needs(tmp_path, {}, Build())}
    assert found == {
        "make": "every build",
        "gcc": "every build",
        "ld": "every build",
        "stdio.h": "programs that the build runs",
        "flex": "scripts/kconfig/lexer.l",
    }


def test_what_the_configuration_asks_for(tmp_path: Path) -> None:
    config = {"DEBUG_INFO_BTF": "y", "RUST": "n"}
    found = {need.name: need for need in needs(tmp_path, config, Build())}
    assert found["pahole"].reason == "CONFIG_DEBUG_INFO_BTF"
    assert "rustc" not in found


def test_a_cross_build_needs_the_compiler_of_the_host_too(tmp_path: Path) -> None:
    found = {need.name: need for need in needs(tmp_path, {}, Build(arch="arm64", cross_compile="no-such-"))}
    assert found["gcc"].present and found["gcc"].version.startswith("gcc ")
    assert not found["no-such-gcc"].present
    assert found["no-such-gcc"].package == "gcc-no-such"


def test_a_header_is_there_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "asks")
    monkeypatch.setattr(module, "_BY_FILE", {"stdlib.h": "asks", "elfutils/no-such.h": "asks"})
    found = {need.name: need for need in needs(tmp_path, {}, Build())}
    assert found["stdlib.h"].present
    assert not found["elfutils/no-such.h"].present
    assert found["elfutils/no-such.h"].package == "libdw-dev"


def test_what_only_a_complete_configuration_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "certs/extract-cert.c")
    monkeypatch.setattr(module, "_BY_FILE_PERHAPS", {"openssl/no-such.h": "certs/extract-cert.c"})
    monkeypatch.setattr(module, "_BY_OPTION", {"openssl/no-such.h": "SYSTEM_TRUSTED_KEYRING"})
    for config, required in (({}, False), ({"SYSTEM_TRUSTED_KEYRING": "y"}, True)):
        *_, last = needs(tmp_path, config, Build())
        assert (last.name, last.present, last.required) == ("openssl/no-such.h", False, required)


def test_a_compiler_of_the_tree_is_not_run(tmp_path: Path) -> None:
    tool = tmp_path / "my-gcc"
    tool.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    tool.chmod(0o755)
    found = {need.name: need for need in needs(tmp_path, {}, Build(cross_compile=f"{tmp_path}/my-"))}
    assert found[str(tool)].present
    assert not (tmp_path / "ran").exists()


def test_options_that_our_builds_switch(tmp_path: Path) -> None:
    config = tmp_path / ".config"
    config.write_text("CONFIG_MODULES=y\nCONFIG_LTO_CLANG_THIN=y\n# CONFIG_MODVERSIONS is not set\n")
    assert [(each.name, each.old, each.new) for each in switched(config)] == [
        ("LTO_CLANG_THIN", "y", "n"),
        ("MODVERSIONS", "n", "y"),
    ]
