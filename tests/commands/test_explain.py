"""`kabicheck explain`: rules, symbols, and why a symbol's version differs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.compare.rules.table import RULES
from tests.compare.test_cases import compile_side

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = Path(__file__).parents[1] / "symver" / "data" / "shapes"


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command; its status, what it printed, and its errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        return main(["explain", *map(str, arguments)]), *capsys.readouterr()

    return run


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule(rule_id: str, explain: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = explain(rule_id)
    assert (status, err) == (0, "")
    assert out.startswith(f"{rule_id} · {RULES[rule_id].severity}\n\n")
    assert "Remedy: " in out
    assert "](" not in out, "links are for the pages"


def test_all_rules_are_listed(explain: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = explain()
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(RULES)


def test_the_mirror_is_named(explain: Callable[..., tuple[int, str, str]]) -> None:
    assert explain("member-added")[1].endswith("Where the sides are swapped it is member-removed.\n")


def test_a_symbol(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    built = compile_side("member_added", "old", tmp_path)
    status, out, err = explain("device_find", "--in", built)
    assert (status, err) == (0, "")
    first, version, exported, declared, source, kind, *reaches = out.splitlines()
    assert (first, version) == ("device_find", "  version   0xe286a7d4")
    assert exported == f"  exported  by {built}, in vmlinux: EXPORT_SYMBOL"
    assert declared == "  declared  /src/api.h:34"
    assert source == "  source    struct device *device_find(const char *name);"
    assert kind.startswith("  type      subprogram ( formal_parameter ")
    assert reaches == ["  reaches   3 types: struct device, struct device_ops, struct state"]


def test_in_every_object_of_a_folder(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    for side in ("old", "new"):
        compile_side("member_added", side, tmp_path)
    (tmp_path / "member_added" / "new" / "none.txt").write_text("no object")
    status, out, _ = explain("device_find", "--in", tmp_path / "member_added")
    assert status == 0
    assert [line for line in out.splitlines() if "exported" in line] == [
        "  exported  by new/object.o, in vmlinux: EXPORT_SYMBOL",
        "  exported  by old/object.o, in vmlinux: EXPORT_SYMBOL",
    ]


def test_what_is_recorded(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = explain("area", "--in", f"{SHAPES}.symtypes")
    assert status == 0
    assert f"  exported  by {SHAPES}.symtypes\n" in out, "which licence is not recorded"
    symvers = tmp_path / "Module.symvers"
    symvers.write_text("0x00000001\tf\tvmlinux\tEXPORT_SYMBOL_GPL\tNS\n")
    assert explain("f", "--in", symvers)[1] == (
        "f\n  version   0x00000001\n"
        f"  exported  by {symvers}, in vmlinux: EXPORT_SYMBOL_GPL, namespace NS\n"
        "  type      not known here\n"
    )


def test_why_a_symbol_differs(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    old, new = (compile_side("member_added", side, tmp_path) for side in ("old", "new"))
    status, out, err = explain("device_find", old, new)
    assert (status, err) == (0, "")
    assert "struct state: member added, size 32 → 40" in out
    assert "  reached by device_find() → struct device → struct state\n" in out
    assert "  1 export changes: device_find 0xe286a7d4 → 0x1bdd6038\n" in out
    assert "device_register" not in out
    assert out.endswith("FAILED: 1 export changed by 1 cause\n")
    assert explain("device_find", old, old)[1].endswith("OK: 1 export compared, none changed\n")


def test_an_export_that_came(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    old, new = (compile_side("signature", side, tmp_path) for side in ("old", "new"))
    assert explain("fresh", old, new)[1].endswith("OK: 1 export added\n")
    assert explain("fresh", new, old)[1].endswith("FAILED: 1 export removed\n")


def test_mistakes(tmp_path: Path, explain: Callable[..., tuple[int, str, str]]) -> None:
    built = compile_side("member_added", "old", tmp_path)
    for arguments, words in (
        (("member-aded",), "no such rule: member-aded (did you mean member-added; a symbol needs --in FILE)"),
        (("\x1b[2J",), "no such rule: \\x1b[2J (`kabicheck explain` lists the rules"),
        (("device_fnd", "--in", built), f"device_fnd is not exported by {built} (did you mean device_find?)"),
        (("device_fnd", built, built), f"device_fnd is not exported by {built}, {built} (did you mean"),
        (
            ("xyz", "--in", built),
            f"xyz is not exported by {built} (of 2 exported symbols none has a similar name)",
        ),
        (("device_find", built), "give two sides, OLD and NEW, or --in FILE"),
        (("device_find", built, built, "--in", built), "give two sides, OLD and NEW, or --in FILE"),
        (("--in", built), "which symbol?"),
        (("f", "--in", tmp_path / "missing"), "cannot be read"),
    ):
        status, out, err = explain(*arguments)
        assert (status, out) == (2, "")
        assert words in err
        assert len(err.splitlines()) == 1


def test_whatever_the_terminal_can_show() -> None:
    """`·` and `→` are not in every encoding, and standard output can be full."""
    command = [sys.executable, "-m", "kabicheck", "explain", "kind"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("kind ? breaking\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "kabicheck: error: the standard output cannot be written: No space left on device\n"
