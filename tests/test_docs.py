"""Every command in README.md, CONTRIBUTING.md and docs/ runs as it stands there, and prints what is shown there.

A `console` block holds commands behind `$ `, lines that continue one behind `> `, and all that they print; `…` at the
end of a line stands for any text, over several lines too. A `sh` block holds commands that must succeed, which
kabicheck's status 1, findings, counts as. A block of another language whose first line is a comment with nothing but a
file's name is that file. All blocks of a document run in their order, where somebody works on the demo's kernel-like
tree.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from kabicheck.cli import COMMANDS, options_of
from kabicheck.demo.repository import DemoRepository, write_repository

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = ROOT / "docs/architecture.md"
PLACE = "/path/to/kabicheck"  # what documents call a checkout of this repository

COMMAND_LANGUAGES = {"console", "sh"}
OTHER_LANGUAGES = {"python", "c", "groovy", "text", "toml", "yaml"}
# Who reads a YAML file: pre-commit, unless its name says otherwise.
SCHEMAS = {
    ".github/workflows/kabicheck.yml": ("vendor.github-workflows",),
    ".gitlab-ci.yml": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}

# Commands that are only parsed, with the reason.
NOT_RUN = {
    "ci/test": "it would run this test",
    "ci/test --quick": "it runs tests that are run anyway",
    ". .venv/bin/activate": "tests may run in another environment",
    "ci/release": "tests/ci/test_release.py runs it",
    f"pip install {PLACE}": "it would change the environment that the tests run in",
    "pre-commit install --hook-type pre-commit --hook-type pre-merge-commit --hook-type pre-push": "it needs PyPI",
    "kabicheck check --arch arm64 --cross-compile aarch64-linux-gnu-": "needs a cross compiler",
    "kabicheck check --llvm 1": "needs clang and lld",
    "kabicheck check --commit-objects '/srv/builds/{commit}.tar.xz' --base v7.3": "needs builds of each commit",
    "make O=../build-release KBUILD_SYMTYPES=1": "the demo's make writes no symtypes files",
    "kabicheck consolidate ../build-release -o release.kabi": "needs that build",
    "kabicheck compare release.kabi ../build": "needs that build",
    "ci/kernel-source --gendwarfksyms ./gendwarfksyms": "needs the kernel's source; tests marked oracle run it",
    "python benchmarks/symver.py --gendwarfksyms ./gendwarfksyms ../build": "needs gendwarfksyms and a built kernel",
    "python benchmarks/index.py ../build": "needs a built kernel",
    "python benchmarks/linked.py ../build/vmlinux": "needs a built kernel",
}

# Commands of this repository's own run in its checkout. Of those that run tests, pytest has only to find some.
_OURS = re.compile(r"ci/|(?:\w+=\S+ )*python -m (?:pytest|tests\.|ruff|mypy)")
_PYTEST = re.compile(r"(?:\w+=\S+ )*python -m pytest ")

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:/\*|#) ([\w./-]+)(?: \*/)?\n")
SEPARATOR = "\x1e"
FINDINGS_ARE_NO_FAILURE = """\
trap 's=$?; [[ $s = 1 && $BASH_COMMAND =~ ^kabicheck\\ (check|compare) ]] ||
  { echo "status $s: $BASH_COMMAND" >&2; exit 99; }' ERR
"""
# What differs from one run, or from one machine, to the next.
_VARYING = (
    (re.compile(r"(kabicheck-demo-)\w+"), r"\1…"),
    (re.compile(r"\bin \d+\.\d s\b"), "in … s"),
    (re.compile(r" · \w+ · GNU C\d+ [\d.]+"), " · machine · compiler"),
)


@dataclass(frozen=True)
class Block:
    """A fenced block. place: "docs/check.md:12" for messages."""

    place: str
    language: str
    text: str

    @property
    def commands(self) -> list[tuple[str, list[str]]]:
        """Each command with the lines that it prints; a `sh` block says nothing of those."""
        if self.language == "sh":
            lines = self.text.replace("\\\n", " ").splitlines()
            return [(line.partition(" #")[0].strip(), []) for line in lines if line.strip()]
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
        return found


@dataclass(frozen=True)
class Desk:
    """Where documents' commands are run: `linux`, with a remote that has all but the demo's own commits."""

    demo: DemoRepository
    environment: dict[str, str]

    def run(self, script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script.replace(PLACE, str(ROOT))],
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    demo = write_repository(tmp_path / "linux")
    demo.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "remote.git"))
    demo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    demo.git("push", "--quiet", "origin", f"{demo.base}:refs/heads/main")
    demo.git("branch", "--quiet", "--set-upstream-to=origin/main")
    demo.git("tag", "v7.3", demo.base)
    demo.git("config", "--unset", "core.hooksPath")
    (demo.path / ".git/hooks").mkdir()
    return Desk(
        demo,
        {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "KABICHECK_CACHE": str(tmp_path / "cache"),
            "KABICHECK_VENV": str(_installed(tmp_path / "venv")),
            "LC_ALL": "C.UTF-8",
        },
    )


def _installed(venv: Path) -> Path:
    """An environment that ci/demo takes for its own: the one that runs the tests."""
    venv.mkdir()
    (venv / "bin").symlink_to(Path(sys.executable).parent)
    (venv / "installed-dev").write_text(f"{ROOT} {(ROOT / 'pyproject.toml').read_text()}")
    return venv


def blocks(document: Path) -> list[Block]:
    """All fenced blocks of a document."""
    text = document.read_text()
    found = []
    for match in _FENCE.finditer(text):
        place = f"{document.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
        indent, language, content = match.groups()
        found.append(Block(place, language, re.sub(f"^{indent}", "", content, flags=re.MULTILINE)))
    assert text.count("```") == 2 * len(found), f"{document}: a fence that is not understood"
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_says(document: Path, desk: Desk) -> None:
    for block in blocks(document):
        if block.language in COMMAND_LANGUAGES:
            _run(block, desk)
        else:
            _look_at(block, desk)


def test_what_is_not_run_is_in_a_document() -> None:
    said = {
        command
        for document in DOCUMENTS
        for block in blocks(document)
        if block.language in COMMAND_LANGUAGES
        for command, _ in block.commands
    }
    assert NOT_RUN.keys() <= said


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            assert "://" in target or (document.parent / target).exists(), f"{document}: {target}"


def test_the_architecture_names_files_that_exist() -> None:
    """A bare name is one of the package's; with a folder, it is how a path in the package or the checkout ends."""
    package = [f"/{path.relative_to(ROOT)}" for path in (ROOT / "kabicheck").rglob("*.py")]
    beside = [f"/{path.relative_to(ROOT)}" for top in ("ci", "tests") for path in (ROOT / top).rglob("*.py")]
    named = set(re.findall(r"[\w/]+\.py\b", ARCHITECTURE.read_text()))
    assert named, "the document names files"
    for name in named:
        known = [*package, *beside] if "/" in name else package
        assert any(path.endswith(f"/{name}") for path in known), f"{ARCHITECTURE}: there is no {name}"


def test_the_architecture_has_a_row_for_every_layer() -> None:
    rows = re.findall(r"^\| (`.*?) \|", ARCHITECTURE.read_text(), flags=re.MULTILINE)
    named = {name.rstrip("/").removesuffix(".py") for row in rows for name in re.findall(r"`(.+?)`", row)}
    layers = {
        path.name.removesuffix(".py")
        for path in (ROOT / "kabicheck").iterdir()
        if not path.name.startswith("__") and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert layers, "the package has layers"
    assert layers - named == set(), f"{ARCHITECTURE}: layers without a row"
    assert named - layers == set(), f"{ARCHITECTURE}: rows of no layer"


def _run(block: Block, desk: Desk) -> None:
    """Run a block in one shell, and compare what each command of a console block prints."""
    commands = []
    for command, shown in block.commands:
        if command in NOT_RUN:
            _parse(command, block.place)
        elif _PYTEST.match(command):  # its tests are run anyway
            commands.append((f"{command} --collect-only --quiet", shown))
        else:
            commands.append((command, shown))
    folder = ROOT if _OURS.match(block.commands[0][0]) else desk.demo.path
    if block.language == "sh":
        script = "\n".join([FINDINGS_ARE_NO_FAILURE, *(command for command, _ in commands), "exit 0"])
        done = desk.run(script, folder)
        assert done.returncode == 0, f"{block.place}: {done.stdout}"
        return
    script = "".join(
        f"{{ status=$?; printf '{SEPARATOR}'; (exit $status); }}\n{command}\n" for command, _ in commands
    )
    _, *printed = desk.run(script, folder).stdout.split(SEPARATOR)
    for (command, shown), output in zip(commands, printed, strict=True):
        wanted = [re.escape(_constant(line.removesuffix("…"))) + ".*" * line.endswith("…") for line in shown]
        got = _constant(output.removesuffix("\n"))
        assert re.fullmatch("\n".join(wanted), got, re.DOTALL), f"{block.place}: {command}\n{output}"


def _look_at(block: Block, desk: Desk) -> None:
    """Blocks without commands: files, and configuration that must at least be valid."""
    assert block.language in OTHER_LANGUAGES, f"{block.place}: a block of language '{block.language}'"
    assert not re.search(r"^ *\$ ", block.text, re.MULTILINE), f"{block.place}: commands in a block of text"
    if named := _FILE.match(block.text):
        (desk.demo.path / named[1]).parent.mkdir(parents=True, exist_ok=True)
        (desk.demo.path / named[1]).write_text(block.text)
    if block.language == "python":
        script = desk.demo.path.parent / "example.py"
        script.write_text(block.text)
        done = desk.run(f"{sys.executable} {shlex.quote(str(script))}", desk.demo.path)
        assert done.returncode == 0, f"{block.place}: {done.stdout}"
    if block.language == "toml":
        tomllib.loads(block.text)
    if block.language == "yaml":
        config = desk.demo.path / "checked.yaml"
        config.write_text(block.text)
        schema = SCHEMAS.get(named[1]) if named else None
        validate = (
            f"check_jsonschema --builtin-schema {' '.join(schema)}"
            if schema
            else "pre_commit validate-config"
        )
        done = desk.run(f"{sys.executable} -m {validate} {config}", desk.demo.path)
        assert done.returncode == 0, f"{block.place}: {done.stdout}"


def _parse(command: str, place: str) -> None:
    """A command that is not run must at least be one: for the shell, and for kabicheck where it is kabicheck's."""
    assert subprocess.run(["bash", "-n", "-c", command], check=False).returncode == 0, f"{place}: {command}"
    program, *arguments = shlex.split(command)
    if program == "kabicheck":
        assert arguments[0] in COMMANDS, f"{place}: {command}"
        parser = options_of(arguments[0])
        parser.exit_on_error = False
        parser.parse_args(arguments[1:])
    script = arguments[0] if program == "python" else program
    assert "/" not in script or (ROOT / script).is_file(), f"{place}: {command}"


def _constant(text: str) -> str:
    for pattern, constant in _VARYING:
        text = pattern.sub(constant, text)
    return text
