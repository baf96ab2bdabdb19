from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import exports_rust_symbols, rust_exports

if TYPE_CHECKING:
    from pathlib import Path

# rust/Makefile of Linux 7.3: rust_exports
PIPELINE = (
    "nm -p --defined-only x.o | awk '$2~/(T|R|D|B)/ && $3!~/__(pfx|cfi|odr_asan)/ { printf \"%s\\n\",$3 }'"
)

SOURCE = """
int data = 1, zero, common __attribute__((common));
const int readonly = 2;
static int local = 3;
__thread int thread = 4, thread_zero;
extern int undefined;
__attribute__((weak)) int weak(void) { return undefined + local; }
__attribute__((visibility("hidden"))) int hidden(void) { return weak(); }
static int resolved(void) { return 0; }
static void *resolver(void) { return resolved; }
int indirect(void) __attribute__((ifunc("resolver")));
int alias(void) __attribute__((alias("hidden")));
int __pfx_hidden(void) { return 0; }
int of__cfi_check(void) { return 0; }
int __odr_asan_x = 1;
int pfx(void) { return 0; }
asm(".globl absolute\\nabsolute = 7");
asm(".section .note.other,\\"\\",%progbits\\n.globl unloaded\\nunloaded: .long 1\\n.text");
asm(".type unique, %gnu_unique_object\\n.data\\nunique: .long 1\\n.text");
"""


@pytest.mark.parametrize("option", ["-O2", "-ffunction-sections", "-fno-pic"])
def test_the_list_is_kbuilds_own(option: str, tmp_path: Path) -> None:
    compiler = ["gcc", "-fdata-sections", option, "-c", "-xc", "-", "-o", "x.o"]
    subprocess.run(compiler, input=SOURCE, text=True, cwd=tmp_path, check=True)
    listed = subprocess.run(["sh", "-c", PIPELINE], cwd=tmp_path, capture_output=True, text=True, check=True)
    names = rust_exports(Image(tmp_path / "x.o"))
    assert list(names) == listed.stdout.split()
    assert {"data", "zero", "readonly", "thread", "thread_zero", "hidden", "alias", "pfx"} == set(names)


def test_which_object_exports_rusts_symbols() -> None:
    assert exports_rust_symbols("build/rust/exports.o")
    assert not exports_rust_symbols("drivers/crust/exports.o")
    assert not exports_rust_symbols("rust/kernel.o")
