"""`kabicheck init`: what it writes is what our own reader takes, whatever the tree holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.config import NAME, Check, parse_configuration, read_configuration
from kabicheck.demo.repository import write_repository
from kabicheck.policy.policy import Policy

if TYPE_CHECKING:
    from pathlib import Path

HOST_CONFIG = "arch/x86/configs/openeuler_defconfig"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel's tree without a repository, on an x86_64 host."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    _write(tmp_path, {"Makefile": "", "Kconfig": "", "lib/x.c": ""})
    return tmp_path


def _write(tree: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


def test_an_ordinary_tree_gets_the_defaults(tree: Path) -> None:
    assert main(["init"]) == 0
    written = read_configuration(tree / NAME)
    assert (written.check, written.policy) == (Check(), Policy())


def test_all_that_is_switched_off_is_valid_and_is_the_default(tree: Path) -> None:
    """Each key is there: without their `#`, they are what holds without the file."""
    assert main(["init"]) == 0
    text, _, examples = (tree / NAME).read_text().partition("# How bad")
    switched_on = re.sub(r"^# (\w+ = )(?!\(none\))", r"\1", text, flags=re.MULTILINE)
    written = parse_configuration(switched_on.encode(), NAME)
    assert (written.check, written.policy) == (Check(), Policy())
    assert set(re.findall(r"^# (\w+) = ", text, re.MULTILINE)) >= {"targets", "fail_on", "jobs", "stable"}
    shown = re.sub(r"^# (\[\[|[\w-]+ = )", r"\1", "# How bad" + examples, flags=re.MULTILINE)
    policy = parse_configuration(shown.encode(), NAME)
    assert policy.policy.grades and policy.policy.waivers and policy.kabi


@pytest.mark.parametrize(
    ("files", "check", "policy"),
    [
        ({HOST_CONFIG: ""}, {"config": "openeuler_defconfig"}, {}),
        (
            {"arch/arm64/configs/gki_defconfig": "", "gki/aarch64/symbols/base": "[abi]\n  kfree\n"},
            {"config": "gki_defconfig", "arch": "arm64"},
            {"stablelists": ["gki/aarch64/symbols/base"]},
        ),
        (
            {".config": "#\n# Linux/x86 6.12.0 Kernel Configuration\n#\n", "kabi/severities": "lib/* PASS\n"},
            {"config": ".config"},
            {"severities": ["kabi/severities"]},
        ),
        (
            {
                ".config": "# Linux/s390 6.12.0 Kernel Configuration\n",
                "redhat/kabi/Module.kabi_s390x": "kfree\n",
            },
            {"config": ".config", "arch": "s390"},
            {"stablelists": ["redhat/kabi/Module.kabi_s390x"]},
        ),
        (
            {"redhat/kabi/stable/kabi_stablelist_x86_64": "[list]\n\tkfree\n"},
            {},
            {"stablelists": ["redhat/kabi/stable/kabi_stablelist_x86_64"]},
        ),
    ],
    ids=["openEuler", "Android", "SUSE", "another architecture", "Red Hat"],
)
def test_what_distributions_keep_in_their_trees(
    tree: Path, files: dict[str, str], check: dict[str, str], policy: dict[str, list[str]]
) -> None:
    _write(tree, files)
    assert main(["init"]) == 0
    written = read_configuration(tree / NAME)
    assert {name: getattr(written.check, name) for name in written.given} == check
    lists = {"stablelists": written.policy.stablelists, "severities": written.policy.severities}
    assert {name: [str(path) for path in paths] for name, paths in lists.items() if paths} == policy


def test_a_list_that_cannot_be_read_is_named_and_left_out(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(tree, {"dist/kabi/Module.kabi_x86_64": "two words\n"})
    assert main(["init"]) == 0
    assert "left out: " in (printed := capsys.readouterr().out)
    assert "dist/kabi/Module.kabi_x86_64:1" in printed
    assert read_configuration(tree / NAME).policy == Policy()


def test_what_is_there_is_kept(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(tree, {NAME: "[check]\njobs = 3\n"})
    assert main(["init"]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["init", "--print"]) == 0
    printed = capsys.readouterr().out
    assert (tree / NAME).read_text() == "[check]\njobs = 3\n"
    assert main(["init", "--force"]) == 0
    assert (tree / NAME).read_text() == printed


def test_a_link_is_not_followed_unasked(tree: Path, tmp_path: Path) -> None:
    (tree / NAME).symlink_to(tmp_path / "elsewhere")
    assert main(["init"]) == 2
    assert not (tmp_path / "elsewhere").exists()


def test_it_belongs_to_the_root_of_a_repository(tree: Path) -> None:
    """From a folder in it; the base is the branch that a check would take."""
    repository = write_repository(tree / "linux")
    assert main(["init", "-C", str(repository.path / "lib")]) == 0
    assert read_configuration(repository.path / NAME).check.base == "main"


def test_other_folders_are_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "-C", str(tree / "lib")]) == 2
    assert "not a kernel's source tree" in capsys.readouterr().err
