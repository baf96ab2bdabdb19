from __future__ import annotations

from pathlib import Path

import pytest

from kabicheck.errors import BuildError, UsageError
from kabicheck.objects.host import missing_requirement, require_buildable, require_tools, untaken
from kabicheck.objects.make import Make

# Lines as gcc, clang, dash, bash and make wrote them.
OUTPUTS = {
    "/bin/sh: 1: flex: not found": "flex",
    "sh: line 1: bison: command not found": "bison",
    "make[2]: bc: No such file or directory": "bc",
    "make[1]: gcc: No such file or directory": "gcc",
    "gendwarfksyms.h:6:10: fatal error: dwarf.h: No such file or directory": "libdw-dev",
    "../x.h:7:10: fatal error: 'elfutils/libdw.h' file not found": "libdw-dev",
    "gelf.c:1:10: fatal error: gelf.h: No such file or directory": "libelf-dev",
    "scripts/sign-file.c:25:10: fatal error: openssl/opensslv.h: No such file or directory": "libssl-dev",
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_what_is_missing_is_named_with_its_package(output: str) -> None:
    assert missing_requirement(f"  HOSTCC x\n{output}\nmake: *** [x] Error 2").endswith(
        f"install the package {OUTPUTS[output]}"
    )


@pytest.mark.parametrize(
    "output",
    [
        "x.c:1:10: fatal error: linux/gone.h: No such file or directory",
        "x.c:1:1: error: 'flex' undeclared",
        "make: *** No rule to make target 'lib/gone.o'.  Stop.",
    ],
)
def test_a_mistake_in_the_tree_is_not_the_hosts(output: str) -> None:
    assert missing_requirement(output) == ""


def test_a_cross_compilers_package() -> None:
    with pytest.raises(BuildError, match="install the package gcc-x86-64-linux-gnu9"):
        require_tools("make", "x86_64-linux-gnu9-gcc")


def test_a_real_missing_header_and_a_real_missing_tool(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(
        "header:\n\techo '#include <gcc-plugin.h>' | gcc -E -\ntool:\n\tno_such_tool_anywhere\n"
    )
    make = Make(tmp_path, tmp_path, {}, 1)
    log = tmp_path / "log"
    with pytest.raises(BuildError, match=r"this failed .*gcc-plugin-dev") as error:
        make.run("header", log=log, doing="this")
    assert "gcc-plugin.h" in error.value.lines[0]
    with pytest.raises(BuildError) as error:
        make.run("tool", log=log, doing="that")
    assert any("no_such_tool_anywhere" in line for line in error.value.lines)
    assert not any("gcc-plugin.h" in line for line in error.value.lines), "of an earlier make in the same log"


# Tried with Linux 7.3: `make tinyconfig lib/string.o` in and from folders whose names have these.
@pytest.mark.parametrize(
    "name", ["ü", "\udcff", "日本", "@", "!", "+", ",", "=", "~", "^", ".", "_", "-", "A1"]
)
def test_what_kbuild_takes_in_a_path(name: str) -> None:
    require_buildable(Path(f"/home/a{name}b/x"))


@pytest.mark.parametrize("character", " :%#$'\"()&;<>|`\\*?[]{}\n\t\x7f")
def test_what_kbuild_does_not_take_in_a_path(character: str) -> None:
    folder = Path(f"/home/a{character}b")
    assert untaken(folder) == repr(character)
    with pytest.raises(UsageError, match="set KABICHECK_CACHE"):
        require_buildable(folder / "repositories")
