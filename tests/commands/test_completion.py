"""`kabicheck completion`: the scripts are valid in their shells, and complete what our parsers know."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from kabicheck.cli import COMMANDS, main
from kabicheck.commands.completion import SHELLS, script
from tests.lacking import skip_or_fail


def _shell(shell: str, *arguments: str) -> str:
    if shutil.which(shell) is None:
        skip_or_fail(f"{shell} is not installed")
    done = subprocess.run([shell, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _bash(*words: str) -> list[str]:
    """What bash offers for the last of these words of a command line."""
    line = " ".join(f"'{word}'" for word in words)
    ask = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_kabicheck; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return _shell("bash", "-c", f"{script('bash')}\n{ask}").split()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_valid(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    _shell(shell, "-n", "-c", capsys.readouterr().out)


def test_bash_completes_commands_options_and_values() -> None:
    assert set(_bash("kabicheck", "")) >= {name for name in COMMANDS if " " not in name}
    assert _bash("kabicheck", "check", "--fragm") == ["--fragment"]
    assert set(_bash("kabicheck", "check", "--color", "")) == {"auto", "always", "never"}


def test_fish_completes_commands_options_and_values() -> None:
    def offered(line: str) -> set[str]:
        lines = _shell("fish", "--no-config", "-c", f"{script('fish')}\ncomplete -C '{line}'").splitlines()
        return {line.partition("\t")[0] for line in lines}

    assert offered("kabicheck comp") == {"compare", "completion"}
    assert offered("kabicheck check --fragm") == {"--fragment"}
    assert offered("kabicheck completion ") >= set(SHELLS)


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["completion", "csh"])
    assert "bash" in capsys.readouterr().err
