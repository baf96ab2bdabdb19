"""`kabicheck check` with a kabicheck.toml, and with kABI rules, on the demo's tree, built for real."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kabicheck.cache import read_sealed
from kabicheck.cli import main
from kabicheck.demo.repository import DemoRepository, write_repository

if TYPE_CHECKING:
    from pathlib import Path

# The smallest form of scripts/gendwarfksyms/examples/kabi.h that these tests need.
KABI = """
#define __KABI_RULE(hint, target, value) \\
	static const char __PASTE(__gendwarfksyms_rule_, __COUNTER__)[] __used \\
		__attribute__((__aligned__(1))) __section(".discard.gendwarfksyms.kabi_rules") = \\
		"1\\0" #hint "\\0" #target "\\0" #value
#define KABI_ENUMERATOR_IGNORE(fqn, field) __KABI_RULE(enumerator_ignore, fqn field, )
#define KABI_REPLACE(_oldtype, _oldname, _new) \\
	union { struct { _new; }; struct { _oldtype __kabi_renamed##_oldname; }; }
"""


@dataclass
class Checked:
    """The demo with a working tree of ours, and checks of it."""

    demo: DemoRepository
    cache: Path
    capture: pytest.CaptureFixture[str]

    def settings(self, text: str) -> None:
        (self.demo.path / "kabicheck.toml").write_text(text)

    def check(self, *arguments: str, repository: Path | None = None) -> tuple[int, str]:
        """Status, and everything that was printed."""
        self.capture.readouterr()
        status = main(["check", "-C", str(repository or self.demo.path), *arguments])
        printed = self.capture.readouterr()
        return status, printed.out + printed.err

    def replace(self, file: str, old: str, new: str) -> dict[str, str]:
        text = self.demo.read(file)
        assert text.count(old) == 1
        return {file: text.replace(old, new)}

    def references(self) -> list[dict[str, int]]:
        """What the builds themselves said of versions, object by object."""
        manifests = [json.loads(read_sealed(file)) for file in (self.cache / "manifests").glob("*.json")]
        return [built["reference"] for manifest in manifests for built in manifest["objects"]]

    def folders(self) -> int:
        """How many configurations were built."""
        return len(list(self.cache.glob("repositories/*/*/build")))


@pytest.fixture
def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Checked:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PRE_COMMIT_FROM_REF", raising=False)
    monkeypatch.delenv("PRE_COMMIT_TO_REF", raising=False)
    return Checked(write_repository(tmp_path / "linux"), tmp_path / "cache", capsys)


def test_the_file_is_used_and_the_command_line_wins(checked: Checked, tmp_path: Path) -> None:
    checked.settings(
        f'[check]\nbase = "{checked.demo.base}"\ntargets = ["kernel/"]\nfragments = ["local.config"]\n'
        'jobs = 2\noutput = ["text", "junit:kabi.xml"]\n'
    )
    (checked.demo.path / "local.config").write_text("CONFIG_DEBUG_KOBJECT_RELEASE=y\n")
    status, printed = checked.check()
    assert status == 1
    assert "struct async_domain" in printed
    assert "i2c_transfer" not in printed, "outside of kernel/"
    assert (checked.demo.path / "kabi.xml").read_text().startswith("<?xml")
    [config] = {path.read_text() for path in checked.cache.glob("repositories/*/*/build/.config")}
    assert "CONFIG_DEBUG_KOBJECT_RELEASE=y" in config

    (checked.demo.path / "kabi.xml").unlink()
    status, printed = checked.check("-o", "text", "--base", "HEAD~1", "--jobs", "1", "lib/")
    assert status == 0, printed
    assert not (checked.demo.path / "kabi.xml").exists()

    other = tmp_path / "other.toml"
    other.write_text('[check]\nbase = "no-such-branch"\n')
    assert "no-such-branch" in checked.check("--settings", str(other))[1]
    status, printed = checked.check("--no-settings", "--base", checked.demo.base, "lib/")
    assert status == 0, printed


def test_pre_commit_knows_better_than_the_file(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    checked.settings('[check]\nbase = "no-such-branch"\ntargets = ["lib/"]\n')
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "")
    status, printed = checked.check()
    assert status == 2
    assert "no-such-branch" in printed, "an empty variable says nothing"
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", checked.demo.base)
    status, printed = checked.check()
    assert status == 0, printed


def test_a_bare_repository_has_the_file_of_head(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked.demo.commit(
        {
            "kabicheck.toml": f'[check]\nbase = "{checked.demo.base}"\ntargets = ["kernel/"]\n'
            'config = "configs/demo.config"\n',
            "configs/demo.config": "CONFIG_MODULES=y\nCONFIG_DEBUG_KOBJECT_RELEASE=y\n",
        },
        "Say how to check this",
    )
    bare = tmp_path / "bare.git"
    checked.demo.git("clone", "--quiet", "--bare", str(checked.demo.path), str(bare))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert checked.check("-o", "junit:kabi.xml", repository=bare) == (1, "")
    assert "async_schedule_node_domain" in (tmp_path / "here/kabi.xml").read_text()
    [config] = {path.read_text() for path in checked.cache.glob("repositories/*/*/build/.config")}
    assert "CONFIG_DEBUG_KOBJECT_RELEASE=y" in config

    status, printed = checked.check("--head", "HEAD~1", repository=bare)
    assert (status, "same commit" in printed) == (2, True), (
        "no file there, and the base is main's own merge base"
    )

    checked.demo.commit({"configs/demo.config": None}, "Forget something")
    checked.demo.git("push", "--quiet", str(bare), "main")
    status, printed = checked.check(repository=bare)
    assert status == 2
    assert re.search(r"error: \w+:kabicheck.toml: \w+ has no file configs/demo.config\n", printed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[check]\nstabel = true\n", r'\[check\]: unknown key "stabel" \(did you mean stable\?\)'),
        ("[check\n", "not TOML: "),
        ('[check]\ntargets = ["../up/"]\n', r"check\.targets: \.\./up/: not a build target \(.*"),
        ('[check]\nconfig = "defcnfg"\n', r"check\.config: defcnfg: not a configuration target"),
        ('[check]\nconfig = "gone.config"\n', r"check\.config: /\S+/linux/gone.config: no such file"),
        ('[check]\nfragments = ["gone"]\n', r"check\.fragments: /\S+/linux/gone: No such file"),
        ('[check]\noutput = ["xml"]\n', r"check\.output: no such output format: 'xml' \(one of: "),
        ('[check]\noutput = ["junit:../kabi.xml"]\n', r"check\.output: \.\./kabi.xml is not below"),
    ],
)
def test_errors_name_the_file_and_the_key(checked: Checked, text: str, said: str) -> None:
    checked.settings(text)
    status, printed = checked.check("--base", checked.demo.base)
    assert status == 2
    [line] = printed.splitlines()
    assert re.match(rf"kabicheck: error: /\S+/linux/kabicheck\.toml: {said}", line), line
    assert checked.folders() == 0


@pytest.mark.parametrize(("command", "status"), [("build", 2), ("bisect f", 2), ("bisect step f", 128)])
def test_commands_without_a_report_refuse_the_same_file(checked: Checked, command: str, status: int) -> None:
    checked.settings('[check]\noutput = ["xml"]\n')
    assert main([*command.split(), "-C", str(checked.demo.path)]) == status
    assert "check.output: no such output format: 'xml'" in checked.capture.readouterr().err


def test_ready_made_objects_need_no_repository_but_heed_its_file(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked.settings("[check]\njobs = false\n")
    ready = ("--base-objects", str(tmp_path / "old"), "--head-objects", str(tmp_path / "new"))
    assert "check.jobs must be" in checked.check(*ready)[1]
    assert "old: " in checked.check(*ready, repository=tmp_path)[1], "no repository: on to the objects"


def test_stable_obeys_kabi_rules_and_so_does_the_build(checked: Checked) -> None:
    """A member replaced under a union and an enumerator behind a rule; the build has versions of its own."""
    demo = checked.demo
    # The rule of Linux' scripts/Makefile.build, with our gendwarfksyms.
    rules = checked.replace(
        "scripts/Makefile.build",
        "define rule_cc_o_c\n\t$(call cmd_and_fixdep,cc_o_c)\n",
        f"gendwarfksyms = {sys.executable} -m kabicheck symver $(if $(KBUILD_GENDWARFKSYMS_STABLE), --stable)\n"
        "cmd_gen_symversions_c = if $(NM) $@ | grep -q ' __export_symbol_'; then \\\n"
        "\t$(call getexportsymbols,\\1) | $(gendwarfksyms) $@ >> $(dot-target).cmd; fi\n\n"
        "define rule_cc_o_c\n\t$(call cmd_and_fixdep,cc_o_c)\n\t$(call cmd,gen_symversions_c)\n",
    )
    base = demo.commit({**rules, "include/linux/kabi.h": KABI}, "Calculate versions")
    header = demo.read("include/linux/kobject.h")
    header = header.replace("#include <linux/types.h>", "#include <linux/types.h>\n#include <linux/kabi.h>")
    header = header.replace("\tKOBJ_CHANGE,\n", "\tKOBJ_CHANGE,\n\tKOBJ_MOVE,\n")
    header = header.replace(
        "struct kobject;\n", "KABI_ENUMERATOR_IGNORE(kobject_action, KOBJ_MOVE);\nstruct kobject;\n", 1
    )
    header = header.replace(
        "struct kobject		*parent;", "KABI_REPLACE(struct kobject *, parent, void *parent);"
    )
    assert header.count("KABI_") == 2
    demo.commit({"include/linux/kobject.h": header}, "kobject: Keep the ABI")

    checked.settings(f'[check]\nbase = "{base}"\ntargets = ["lib/"]\nstable = true\n')
    status, printed = checked.check()
    assert status == 0, printed
    assert "the build itself has other versions" not in printed
    assert any(checked.references())
    assert checked.folders() == 1

    status, printed = checked.check("--no-stable")
    assert status == 1
    assert "struct kobject" in printed
    assert "KOBJ_MOVE" in printed
    assert "the build itself has other versions" not in printed
    assert checked.folders() == 2, "another build: make was told otherwise"
