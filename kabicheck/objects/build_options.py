"""How to build a kernel: what kbuild is told, and what identifies the result.

What `kabicheck.toml` and the command line say of it is `config.Check`; a `Build` is what follows from that for make.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from dataclasses import dataclass, field
from functools import cached_property

from kabicheck.errors import UsageError
from kabicheck.objects.host import require_tools
from kabicheck.objects.kernel_config import Seed
from kabicheck.objects.make_environment import uses_ccache
from kabicheck.objects.toolchain import identify


def is_under(path: str, goal: str) -> bool:
    """Whether making a goal makes an object."""
    return goal in ("./", path) or (goal.endswith("/") and path.startswith(goal))


_TARGET = re.compile(r"(?!-)[\w.+,@-]+(?:/[\w.+,@-]+)*/?")

_ARCH = re.compile(r"\w+")  # make takes it for a part of paths, and expands what it holds


@dataclass(frozen=True)
class Build:
    """How commits are built: everything but the commit and the folder.

    seed: Where the kernel's configuration starts.
    targets: Folders ("lib/") and objects ("lib/kobject.o"); none stand for everything.
    arch: make's ARCH, empty for the host's.
    cross_compile: make's CROSS_COMPILE, empty for the host's compiler.
    llvm: make's LLVM ("1", "-18" or a path), empty for gcc.
    kcflags: make's KCFLAGS, flags for the compiler.
    jobs: How many commands make runs at a time, 0 for one per processor.
    stable: Whether the build's own versions are those of gendwarfksyms --stable, too
        (Documentation/kbuild/gendwarfksyms.rst).
    """

    seed: Seed = field(default_factory=Seed)
    targets: tuple[str, ...] = ()
    arch: str = ""
    cross_compile: str = ""
    llvm: str = ""
    kcflags: str = ""
    jobs: int = 0
    stable: bool = False

    def __post_init__(self) -> None:
        for target in self.targets:
            if not _TARGET.fullmatch(target) or ".." in target.split("/"):
                raise UsageError(
                    f"{target}: not a build target", hint="a folder (lib/) or an object (lib/x.o)"
                )
        if self.arch and not _ARCH.fullmatch(self.arch):
            raise UsageError(f"{self.arch}: not an architecture", hint="as x86_64 or arm64")

    @property
    def compiler(self) -> str:
        """The compiler's command, as kbuild derives it."""
        if not self.llvm:
            return f"{self.cross_compile}gcc"
        if self.llvm.startswith("-"):
            return f"clang{self.llvm}"
        return f"{self.llvm}clang" if self.llvm.endswith("/") else "clang"

    @property
    def linker(self) -> str:
        """The linker's command, as kbuild derives it."""
        return self.compiler.replace("clang", "ld.lld") if self.llvm else f"{self.cross_compile}ld"

    def goals(self) -> tuple[str, ...]:
        """What make is told: folders end in a slash; "./" is everything short of linking vmlinux."""
        names = {t if t.endswith(".o") else t.rstrip("/") + "/" for t in self.targets}
        return tuple(sorted(names)) or ("./",)

    def variables(self) -> dict[str, str]:
        """The variables on make's command line. With ARCH=x86, tinyconfig would be 32 bits wide on any host."""
        arch = self.arch or ("x86_64" if platform.machine() == "x86_64" and not self.cross_compile else "")
        given = {
            "ARCH": arch,
            "CROSS_COMPILE": self.cross_compile,
            "LLVM": self.llvm,
            "KCFLAGS": self.kcflags,
            "KBUILD_GENDWARFKSYMS_STABLE": "1" if self.stable else "",
        }
        if uses_ccache():
            given["CC"] = f"ccache {self.compiler}"
        return {name: value for name, value in given.items() if value}

    @cached_property
    def toolchain(self) -> str:
        """What identifies compilers and linker, and what Rust's objects are made with. Raises BuildError."""
        require_tools("make", self.compiler, self.linker)
        host = self.compiler if self.llvm else "gcc"  # HOSTCC
        return identify((self.compiler, host), (self.linker, "rustc", "bindgen"))

    @cached_property
    def key(self) -> str:
        """A folder name for everything but the commit and the targets that decides what objects become."""
        parts = [self.seed.digest, self.toolchain, self.variables()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
