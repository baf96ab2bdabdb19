"""`kabicheck.toml`: what a tree says of how it is to be checked, read into typed settings.

Whoever adds a setting adds a field to `Check`, its row in `_CHECK`, and an option of the same name to the
command: the command line wins over the file (kabicheck/pipeline/settings.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck import tables
from kabicheck.errors import UsageError
from kabicheck.formats.kabi_rules import parse_rules
from kabicheck.policy.policy import TABLES as POLICY_TABLES
from kabicheck.policy.policy import Policy, parse_policy

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.tables import Reader

NAME = "kabicheck.toml"
LIMIT = 1 << 16  # bytes
MOST_JOBS = 1024
ATTRIBUTION = ("verify", "blame", "off")
MOST_BUILDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """The table [check]. The defaults are those of the command line.

    base: What head is compared with, as git names commits; "" for the upstream branch.
    targets: Folders and objects to build, everything where there is none.
    config: The kernel's configuration, a file or a make target.
    fragments: Files with options that are laid over it.
    arch: As make has ARCH, "" for this machine's.
    cross_compile: As make has CROSS_COMPILE.
    llvm: As make has LLVM.
    kcflags: As make has KCFLAGS.
    jobs: Processes, 0 for one per processor.
    stable: Whether kABI rules in the objects are obeyed.
    output: FORMAT[:FILE] of each report.
    attribution: One of ATTRIBUTION.
    max_builds: How many other commits may be built for the attribution, None for as many as it takes.
    """

    base: str = ""
    targets: tuple[str, ...] = ()
    config: str = "defconfig"
    fragments: tuple[Path, ...] = ()
    arch: str = ""
    cross_compile: str = ""
    llvm: str = ""
    kcflags: str = ""
    jobs: int = 0
    stable: bool = False
    output: tuple[str, ...] = ()
    attribution: str = ATTRIBUTION[0]
    max_builds: int | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The kernel configurations that are files, not make targets."""
        seed = (Path(self.config),) if is_file(self.config) else ()
        return (*seed, *self.fragments)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole file.

    name: As errors have it, "" where there is no file.
    check: Its table [check].
    given: The keys of [check] in it.
    kabi_file: The file of kABI rules that it names, None where it names none.
    kabi: The kABI rules in it.
    policy: Which changes count.
    root: The work tree that it is part of, below which its reports stay; None for a file that a person named.
    """

    name: str = ""
    check: Check = Check()
    given: frozenset[str] = frozenset()
    kabi_file: Path | None = None
    kabi: tuple[KabiRule, ...] = ()
    policy: Policy = field(default_factory=Policy)
    root: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that it names, but for reports."""
        return (*self.check.files, *self.policy.files, *((self.kabi_file,) if self.kabi_file else ()))

    def without(self, keys: Collection[str]) -> Configuration:
        """Without the keys that the command line replaces, so that nobody minds what they say here."""
        kept = {
            field.name: getattr(self.check, field.name) for field in fields(Check) if field.name not in keys
        }
        return replace(
            self,
            check=Check(**kept),
            given=self.given - set(keys),
            kabi_file=None if "kabi" in keys else self.kabi_file,
            policy=replace(
                self.policy,
                severities=() if "severities" in keys else self.policy.severities,
                stablelists=() if "stablelists" in keys else self.policy.stablelists,
            ),
        )

    def located(self, folder: Path) -> Configuration:
        """All relative paths made absolute, from `folder`."""
        check = self.check
        located = replace(
            check,
            config=str(folder / check.config) if is_file(check.config) else check.config,
            fragments=tuple(folder / path for path in check.fragments),
            cross_compile=_located_prefix(check.cross_compile, folder),
            llvm=_located_prefix(check.llvm, folder),
            output=tuple(_located_output(output, folder) for output in check.output),
        )
        return replace(
            self,
            check=located,
            kabi_file=self.kabi_file and folder / self.kabi_file,
            policy=self.policy.located(folder),
        )

    def error(self, key: str, problem: str, *, hint: str = "") -> UsageError:
        """What is wrong with a value. key: with its table."""
        return UsageError(f"{self.name}: {key}: {problem}", hint=hint)


def read_configuration(path: Path) -> Configuration:
    """The settings in a file, with its relative paths as they stand there. Raises UsageError."""
    return parse_configuration(tables.read_bounded(path, LIMIT), str(path))


def parse_configuration(data: bytes, name: str) -> Configuration:
    """The settings in the text of a file. name: for errors. Raises UsageError."""
    content = tables.parse_tables(data, name, LIMIT)
    tables.refuse_unknown(content, _TABLES, name, dict.fromkeys(_CHECK, "[check]"))
    values = tables.read_table(content.get("check", {}), _CHECK, name, "[check]")
    kabi = content.get("kabi", [])
    return Configuration(
        name,
        Check(**values),
        frozenset(values),
        kabi_file=tables.read_value(kabi, tables.path, f"{name}: kabi") if isinstance(kabi, str) else None,
        kabi=() if isinstance(kabi, str) else parse_rules(kabi, name),
        policy=parse_policy(content, name),
    )


_TABLES = ("check", "kabi", *POLICY_TABLES)
_CHECK: dict[str, Reader] = {
    "base": tables.text,
    "targets": tables.strings,
    "config": tables.text,
    "fragments": tables.paths,
    "arch": tables.text,
    "cross_compile": tables.text,
    "llvm": tables.text,
    "kcflags": tables.text,
    "jobs": tables.whole(0, MOST_JOBS, f"from 0 (one per processor) to {MOST_JOBS}"),
    "stable": tables.boolean,
    "output": tables.strings,
    "attribution": tables.one_of(ATTRIBUTION),
    "max_builds": tables.whole(0, MOST_BUILDS),
}


def is_file(config: str) -> bool:
    """Whether `config` names a file, not a make target: decided by how it looks, not by what is there."""
    return "/" in config or config.endswith(".config")


def _located_prefix(value: str, folder: Path) -> str:
    """A compiler's folder or prefix; without a slash it is looked for in PATH."""
    return f"{folder}/{value}" if "/" in value and not value.startswith("/") else value


def _located_output(output: str, folder: Path) -> str:
    name, _, file = output.partition(":")
    return output if file in ("", "-") else f"{name}:{folder / file}"
