"""kabicheck.toml: what is read, and what is said of what cannot be."""

from __future__ import annotations

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.cli import options_of
from kabicheck.config import LIMIT, NAME, Check, parse_configuration, read_configuration
from kabicheck.errors import UsageError
from kabicheck.policy.policy import Policy
from kabicheck.policy.waivers import SCOPES

DOCUMENT = Path(__file__).parents[1] / "docs/configuration.md"


def parse(text: str) -> Check:
    return parse_configuration(text.encode(), NAME).check


def error(text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        parse_configuration(text if isinstance(text, bytes) else text.encode(), NAME)
    return str(caught.value)


def test_the_documented_example_has_every_key() -> None:
    [example] = re.findall(r"```toml\n(# Every key.*?)```", DOCUMENT.read_text(), re.DOTALL)
    configuration = parse_configuration(example.encode(), NAME)
    names = {field.name for field in fields(Check)}
    assert configuration.given == names
    same = {name for name in names if getattr(configuration.check, name) == getattr(Check(), name)}
    assert same == set(), "an example shows what it changes"
    policy = configuration.policy
    assert not [each for each in fields(Policy) if getattr(policy, each.name) == getattr(Policy(), each.name)]
    [waiver] = policy.waivers
    assert all(getattr(waiver, key) for key in (*SCOPES, "expires"))
    assert configuration.kabi


def test_documented_errors_are_what_is_said() -> None:
    document = DOCUMENT.read_text()
    for text in ("[check]\nstabel = true", '[check]\njobs = "four"'):
        assert f"kabicheck: error: {error(text)}\n" in document


def test_everything_is_an_option_too() -> None:
    options = vars(options_of("check").parse_args([]))
    for field in fields(Check):
        assert options[field.name] in (None, []), "an option that is not given leaves the file's value"


def test_values() -> None:
    check = parse(
        '[check]\nbase = "v7.3"\ntargets = ["lib/"]\nfragments = ["a.config"]\njobs = 2\nstable = true\n'
        'output = ["junit:out.xml"]'
    )
    assert check == Check(
        base="v7.3",
        targets=("lib/",),
        fragments=(Path("a.config"),),
        jobs=2,
        stable=True,
        output=("junit:out.xml",),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "[check]\n"])
def test_an_empty_file_is_the_defaults(text: str) -> None:
    assert parse(text) == Check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[chek]", 'unknown key "chek" (did you mean check?)'),
        ("stable = true", 'unknown key "stable" (it belongs into the table [check])'),
        ("[check]\nfragment = []", '[check]: unknown key "fragment" (did you mean fragments?)'),
        ("[check]\nzzz = 1", 'unknown key "zzz" (known: base, targets, config, '),
        ("check = 3", "check must be a table, not 3 ([check])"),
        ("[[check]]", "check must be a table, not this array"),
        ("[check]\nbase = 7", "check.base must be a string without control characters, not 7"),
        ('[check]\nkcflags = "a\\u0000b"', "check.kcflags must be a string without control characters"),
        (
            "[check]\narch = 1979-05-27",
            "check.arch must be a string without control characters, not this date",
        ),
        (
            '[check]\ntargets = "lib/"',
            'check.targets must be an array of strings without control characters, none of them empty, not "l',
        ),
        ('[check]\noutput = ["text", 1]', "check.output must be an array of strings"),
        ('[check]\nfragments = [""]', "check.fragments must be an array of strings"),
        ('[check]\ntargets = ["lib/", " "]', "check.targets must be an array of strings"),
        *(
            (f'[check]\n{key} = ""', f'check.{key} must be a string that is not empty, not ""')
            for key in ("base", "config", "arch", "cross_compile", "llvm", "kcflags")
        ),
        ("[check]\nstable = 1", "check.stable must be true or false, not 1"),
        (
            "[check]\njobs = true",
            "check.jobs must be a whole number from 0 (one per processor) to 1024, not true",
        ),
        ("[check]\njobs = -1", "to 1024, not -1"),
        ("[check]\njobs = 1025", "to 1024, not 1025"),
        ("[check]\njobs = 2.0", "to 1024, not this float"),
        (f"[check]\njobs = 0x{'f' * 20000}", "to 1024, not this int"),
    ],
)
def test_what_is_not_allowed(text: str, said: str) -> None:
    assert error(text).startswith(f"{NAME}: ")
    assert said in error(text)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[check\n", "not TOML: .*at line 1"),
        (b"[check]\njobs = 1\njobs = 2\n", "not TOML: .*line 3"),
        (b"[check]\nbase = '\xff'", "not TOML: .*utf-8"),
        (b"\0", "not TOML"),
        (b"x = " + b"[" * 50000, "not TOML"),
        (b"x = " + b"9" * 50000, "not TOML|unknown key"),
        (b"#" * (LIMIT + 1), "larger than 64 KiB"),
        (b"[check]\n" + b"a." * 30_000 + b"a = 1", "a key of more than 16 parts .at line 2."),
        (b"x = {" + b"'a' . " * 17 + b"b = 1}", "a key of more than 16 parts .at line 1."),
        (b'["a"' + b' . "b"' * 16 + b"]", "a key of more than 16 parts"),
    ],
    ids=["cut", "twice", "encoding", "nul", "deep", "number", "large", "dotted", "quoted", "heading"],
)
def test_broken_files(data: bytes, said: str) -> None:
    assert re.search(said, error(data))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"[check]\n{text}".encode()))
def test_any_bytes_are_settings_or_an_error(data: bytes) -> None:
    try:
        configuration = parse_configuration(data, NAME)
    except UsageError as refused:
        assert refused.message.startswith(f"{NAME}: ")
    else:
        assert isinstance(configuration.check, Check)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    folder = tmp_path / NAME
    folder.mkdir()
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    dangling = tmp_path / "dangling.toml"
    dangling.symlink_to(tmp_path / "nowhere")
    for path, said in (
        (folder, "not a regular file"),
        (pipe, "not a regular file"),
        (dangling, "No such file"),
    ):
        with pytest.raises(UsageError, match=f"{re.escape(str(path))}: .*{said}"):
            read_configuration(path)


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    text = """
        [check]
        config = "configs/arm"
        fragments = ["a.config", "/b.config"]
        cross_compile = "tools/bin/arm-"
        llvm = "llvm/"
        output = ["text", "text:-", "junit:out/kabi.xml"]
    """
    check = parse_configuration(text.encode(), NAME).located(tmp_path).check
    assert check == Check(
        config=f"{tmp_path}/configs/arm",
        fragments=(tmp_path / "a.config", Path("/b.config")),
        cross_compile=f"{tmp_path}/tools/bin/arm-",
        llvm=f"{tmp_path}/llvm/",
        output=("text", "text:-", f"junit:{tmp_path}/out/kabi.xml"),
    )


@pytest.mark.parametrize("word", ["defconfig", "x86_64_defconfig"])
def test_targets_and_commands_are_no_paths(tmp_path: Path, word: str) -> None:
    text = f'[check]\nconfig = "{word}"\ncross_compile = "arm-linux-gnueabi-"\nllvm = "-18"'
    configuration = parse_configuration(text.encode(), NAME)
    assert configuration.located(tmp_path) == configuration


def test_what_the_command_line_replaces_is_left_out() -> None:
    text = '[check]\nconfig = "a.config"\njobs = 3\n[policy]\nseverities = ["s"]\nstablelists = ["l"]'
    kept = parse_configuration(text.encode(), NAME).without({"config", "severities", "kabi"})
    assert (kept.check, kept.given) == (Check(jobs=3), frozenset({"jobs"}))
    assert kept.files == (Path("l"),)
