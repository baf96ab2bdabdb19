"""What a build of ours sees of the environment: what is named here, and nothing else.

make takes every variable of the environment for one of its own, so that whatever a makefile does not set itself can
come from there: flags (KCFLAGS, CFLAGS_async.o), lists of objects, options (CONFIG_SMP). Compilers read more (CPATH,
GCC_EXEC_PREFIX, CCC_OVERRIDE_OPTIONS), and so does what wraps them (CCACHE_PREFIX).
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Handed on: where programs and their own files are. Which compiler PATH leads to is part of a build's key.
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TERM", "TMPDIR", "TMP", "TEMP")
# Handed on, since toolchains of some hosts do not work without, and part of a build's key.
_COUNTED = (
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "LOCALE_ARCHIVE", "PERL5LIB"),
    *("PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"),
    *("RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME", "RUST_LIB_SRC"),
    *("LIBCLANG_PATH", "CLANG_PATH", "LLVM_CONFIG_PATH", "BINDGEN_EXTRA_CLANG_ARGS"),
)
_COUNTED_PREFIX = "NIX_"  # by which the compilers of Nix are told all
# The kernel embeds time, user and host; fixed ones make equal trees build to equal objects
# (Documentation/kbuild/reproducible-builds.rst). A compiler that is a link to distcc or icecc compiles here.
_FIXED = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "SOURCE_DATE_EPOCH": "0",
    "KBUILD_BUILD_TIMESTAMP": "Thu Jan  1 00:00:00 UTC 1970",
    "KBUILD_BUILD_USER": "kabicheck",
    "KBUILD_BUILD_HOST": "localhost",
    "KBUILD_BUILD_VERSION": "1",
    "LOCALVERSION": "",
    "DISTCC_HOSTS": "localhost",
    "ICECC": "disable",
}
# ccache looks at the preprocessor's output, and at nothing less. In its direct mode it asks only whether the headers
# that it knows of are as they were, not whether another one hides one of them now; in its depend mode it does not
# preprocess. Its results are copies, never links, since objtool and strip change objects in place.
_EXACT = {
    "CCACHE_CONFIGPATH": os.devnull,  # no setting of the user's or the host's
    "CCACHE_NODIRECT": "1",
    "CCACHE_NODEPEND": "1",
    "CCACHE_SLOPPINESS": "",
    "CCACHE_BASEDIR": "",
    "CCACHE_HASHDIR": "1",
    "CCACHE_NOHARDLINK": "1",
    "CCACHE_NOFILECLONE": "1",
    "CCACHE_NOINODECACHE": "1",
    "CCACHE_MAXSIZE": "5G",
}


# What steers a user's own build, and none of ours: of make, kbuild, compilers, and what is put in front of these.
_STEERING = re.compile(
    r"(CCACHE|KBUILD|KCONFIG|HOST|GCC|COLLECT|DISTCC|ICECC|CONFIG)_?.*|.*C?C_INCLUDE_PATH|CPATH|COMPILER_PATH|LIBRARY_PATH"
    r"|CPLUS_INCLUDE_PATH|DEPENDENCIES_OUTPUT|SUNPRO_DEPENDENCIES|CCC_OVERRIDE_OPTIONS|SOURCE_DATE_EPOCH"
    r"|(GNU)?MAKE(FLAGS|FILES)|MFLAGS|(SUB|SRC)?ARCH|CROSS_COMPILE|LLVM(_IAS)?|CC|LD|AR|NM|AS|CPP|OBJCOPY|OBJDUMP|STRIP"
    r"|PAHOLE|RUSTC(_WRAPPER)?|K?RUSTFLAGS.*|K?(C|A|CPP|LD)FLAGS.*|(EXTRA_|USER|cc|as|ld)(CFLAGS|flags|LDFLAGS).*"
)
_HEEDED = ("CCACHE_DISABLE", "HOSTNAME", "HOSTTYPE")


def clean_environment(ccache: Mapping[str, str] | None = None, /, **added: str) -> dict[str, str]:
    """The environment of programs that build, or that tell about what builds.

    `ccache` says how ccache is used (`through_ccache`); without, a compiler that is a link to it keeps nothing.
    """
    kept = {name: value for name in _KEPT if (value := os.environ.get(name)) is not None}
    return kept | counted_variables() | _FIXED | dict(ccache or {"CCACHE_DISABLE": "1"}) | added


def counted_variables() -> dict[str, str]:
    """What is handed on and can decide what objects become."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if value and (name in _COUNTED or name.startswith(_COUNTED_PREFIX))
    }


def uses_ccache() -> bool:
    """Whether compilers are called through ccache: where it is installed, and not switched off in its own way."""
    return shutil.which("ccache") is not None and not os.environ.get("CCACHE_DISABLE")


def through_ccache(folder: Path, toolchain: str) -> Mapping[str, str]:
    """Variables with which ccache, whoever calls it, is exact and keeps what it makes in a folder of ours.

    `toolchain` identifies the compilers, with all that they run.
    """
    return {**_EXACT, "CCACHE_DIR": str(folder), "CCACHE_COMPILERCHECK": f"string:{toolchain}"}


def without_effect() -> list[str]:
    """The names of this environment's variables that would steer a build of the user's own, and none of ours."""
    return sorted(
        name
        for name, value in os.environ.items()
        if value and _STEERING.fullmatch(name) and name not in _HEEDED
    )
