"""Which files of a kernel tree can have changed which object."""

from __future__ import annotations

import pytest

from kabicheck.attribute.depends import touches
from kabicheck.attribute.question import Observation
from kabicheck.model import Commit, Step, Touch

COMMIT = Commit("1" * 40, "1111111", "Subject", "A", "a@x", 0, "2" * 40)
OBJECT = "drivers/gpu/drm/drm_file.o"
SEEN = Observation(
    {"drm_open": "0x1 GPL"},
    frozenset(
        {
            "drivers/gpu/drm/drm_file.c",
            "include/drm/drm_file.h",
            "include/linux/list.h",
            "arch/x86/include/asm/bitops.h",
            "scripts/gen-table.txt",
        }
    ),
)
ABSENT = Observation({})
UNKNOWN = Observation({}, complete=False)


def step(*touched: Touch) -> Step:
    return Step(COMMIT, COMMIT, touched)


@pytest.mark.parametrize(
    "path",
    [
        "drivers/gpu/drm/drm_file.c",  # its source
        "include/linux/list.h",  # what it includes
        "scripts/gen-table.txt",  # whatever it lists
        "drivers/gpu/drm/Makefile",  # its folder's makefile
        "drivers/gpu/Makefile",  # one above
        "drivers/Makefile",
        "drivers/gpu/drm/amd/amdgpu/Makefile",  # one that another beside it may include
        "drivers/gpu/drm/Kbuild",
        "Makefile",
        "Kbuild",
        "arch/x86/Makefile",
        "arch/x86/kvm/Makefile",
        "arch/x86/include/asm/Kbuild",
        "include/asm-generic/Kbuild",
        "virt/kvm/Makefile.kvm",
        "drivers/net/Kconfig",
        "Documentation/Kconfig",
        "init/Kconfig.gcc-plugins",
        "arch/x86/configs/x86_64_defconfig",
        "kernel/configs/hardening.config",
        "scripts/Makefile.build",
        "scripts/mod/modpost.c",
        "tools/objtool/check.c",
        "tools/include/linux/list.h",
        "arch/x86/entry/syscalls/syscall_64.tbl",
        "arch/x86/lib/x86-opcode-map.txt",
        "kernel/time/timeconst.bc",
        "drivers/tty/vt/cp437.uni",
        "localversion-rt",
        "lib/build_OID_registry",
    ],
)
def test_what_an_object_is_made_from_and_what_reaches_all_touch_it(path: str) -> None:
    assert touches(step(Touch("M", path)), OBJECT, SEEN)


@pytest.mark.parametrize(
    "path",
    [
        "drivers/net/tun.c",
        "include/linux/skbuff.h",
        "arch/arm64/include/asm/bitops.h",  # of the same name, and not new
        "kernel/sched/core.c",
        "arch/x86/entry/entry_64.S",
        "rust/kernel/lib.rs",
        "drivers/net/Makefile",
        "lib/Makefile",
        "fs/ext4/Makefile",
        "Documentation/gpu/drm-internals.rst",
        "Documentation/Makefile",
        "Documentation/devicetree/bindings/arm/arm,trace.yaml",
        "LICENSES/preferred/GPL-2.0",
        "MAINTAINERS",
        "CREDITS",
        ".mailmap",
        "drivers/gpu/drm/.gitignore",
        "drivers/staging/README",
        "tools/testing/selftests/bpf/Makefile",
        "tools/perf/builtin-stat.c",
        "arch/arm64/boot/dts/qcom/sm8550.dtsi",
    ],
)
def test_what_neither_it_nor_its_makefiles_read_does_not(path: str) -> None:
    assert not touches(step(Touch("M", path)), OBJECT, SEEN)


@pytest.mark.parametrize("status", ["A", "D"])
@pytest.mark.parametrize(
    "path",
    [
        "arch/x86/include/asm/list.h",  # hides include/linux/list.h, or does so no longer
        "drivers/gpu/drm/list.h",
        "drivers/gpu/drm/drm_file.S",  # another source for the same object
        "drivers/gpu/drm/secret.h",  # for which a makefile around it, or its source, may ask
    ],
)
def test_a_file_that_appears_or_goes_may_stand_for_another(status: str, path: str) -> None:
    assert touches(step(Touch(status, path)), OBJECT, SEEN)
    assert touches(step(Touch("R", path, "drivers/net/other.h")), OBJECT, SEEN)
    assert touches(step(Touch("R", "drivers/net/other.h", path)), OBJECT, SEEN)
    assert not touches(step(Touch("M", path)), OBJECT, SEEN)


def test_a_file_that_appears_elsewhere_does_not() -> None:
    assert not touches(step(Touch("A", "drivers/net/new.c"), Touch("D", "include/net/old.h")), OBJECT, SEEN)


def test_a_renamed_file_is_touched_under_its_old_name() -> None:
    assert touches(step(Touch("R", "include/drm/file.h", "include/drm/drm_file.h")), OBJECT, SEEN)


@pytest.mark.parametrize(
    ("touch", "expected"),
    [
        (Touch("A", "drivers/gpu/drm/drm_file.c"), True),
        (Touch("R", "drivers/gpu/drm/drm_file.c", "drivers/gpu/drm/drm_fops.c"), True),
        (Touch("M", "drivers/gpu/drm/Makefile"), True),
        (Touch("M", "init/Kconfig"), True),
        (Touch("M", "drivers/gpu/drm/drm_file.c"), False),  # not built before, and no makefile says otherwise
        (Touch("M", "include/linux/list.h"), False),
    ],
)
def test_what_makes_an_object_appear(touch: Touch, expected: bool) -> None:
    assert touches(step(touch), OBJECT, ABSENT) is expected


def test_an_object_of_which_not_all_is_known_is_touched_by_all_that_builds_read() -> None:
    assert touches(step(Touch("M", "drivers/net/tun.c")), OBJECT, UNKNOWN)
    assert not touches(step(Touch("M", "Documentation/gpu/drm-internals.rst")), OBJECT, UNKNOWN)
    assert not touches(step(), OBJECT, UNKNOWN)
