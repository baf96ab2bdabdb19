"""A branch as developers make them: 30 commits all over the tree, three of which change the ABI of TARGETS.

One of these comes with a merge. What another one wrote is written anew, for its blanks, by a later commit. Most others
touch nothing that TARGETS are built from, some headers that all of them read, and some what no list names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.kernel.linux import Edit
from tests.kernel.series import Patch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.kernel.linux import Checkout


def _patch(name: str, subject: str, file: str, old: str, new: str) -> Patch:
    return Patch(name, subject, (Edit(file, old, new),))


ENUMERATOR = Patch(
    "enumerator",
    "driver core: Let drivers insist on being probed asynchronously",
    (
        Edit(
            "include/linux/device/driver.h",
            "\tPROBE_FORCE_SYNCHRONOUS,\n",
            "\tPROBE_FORCE_SYNCHRONOUS,\n\tPROBE_FORCE_ASYNCHRONOUS,\n",
        ),
        Edit(
            "drivers/base/dd.c",
            "\tcase PROBE_PREFER_ASYNCHRONOUS:\n\t\treturn true;\n",
            "\tcase PROBE_PREFER_ASYNCHRONOUS:\n\tcase PROBE_FORCE_ASYNCHRONOUS:\n\t\treturn true;\n",
        ),
    ),
)

MEMBER = Patch(
    "member",
    "klist: Count what was ever added",
    (
        Edit(
            "include/linux/klist.h",
            "\tstruct list_head\tk_list;\n",
            "\tstruct list_head\tk_list;\n\tunsigned int k_added;\n",
        ),
        Edit("lib/klist.c", "\tknode_set_klist(n, k);\n", "\tknode_set_klist(n, k);\n\tk->k_added++;\n"),
    ),
)

PARAMETER = Patch(
    "parameter",
    "lib/string_helpers: Let callers of parse_int_array() say how to allocate",
    (
        Edit(
            "include/linux/string_helpers.h",
            "int parse_int_array(const char *buf, size_t count, int **array);\n",
            "int parse_int_array(const char *buf, size_t count, int **array, gfp_t gfp);\n",
        ),
        Edit(
            "lib/string_helpers.c",
            "int parse_int_array(const char *buf, size_t count, int **array)\n",
            "int parse_int_array(const char *buf, size_t count, int **array, gfp_t gfp)\n",
        ),
        Edit("lib/string_helpers.c", "kzalloc_objs(*ints, nints + 1)", "kzalloc_objs(*ints, nints + 1, gfp)"),
        Edit(
            "lib/string_helpers.c",
            "parse_int_array(buf, count, array);",
            "parse_int_array(buf, count, array, GFP_KERNEL);",
        ),
        Edit("sound/soc/intel/avs/board_selection.c", "(int **)&array);\n", "(int **)&array, GFP_KERNEL);\n"),
    ),
)

WHITESPACE = _patch(
    "whitespace",
    "klist: Align the members of struct klist",
    "include/linux/klist.h",
    "\tunsigned int k_added;\n",
    "\tunsigned int\t\tk_added;\n",
)

BEFORE_FORK = (
    _patch(
        "documentation",
        "docs: kobject: This is not from 2007",
        "Documentation/core-api/kobject.rst",
        "December 19, 2007",
        "March 2, 2026",
    ),
    _patch(
        "rtc",
        "rtc: ds1307: Say so once",
        "drivers/rtc/rtc-ds1307.c",
        "some mostly-compatible I2C",
        "mostly compatible I2C",
    ),
    _patch("slub", "mm: slub: Wording", "mm/slub.c", "A slab allocator with", "The slab allocator, with"),
    _patch(
        "wide-header",
        "kobject: Wording of the header's comment",
        "include/linux/kobject.h",
        "interface, ESPECIALLY the parts",
        "interface, in particular the parts",
    ),
    _patch(
        "help-text",
        "driver core: Explain uevents",
        "drivers/base/Kconfig",
        "\t  every uevent.\n",
        "\t  every uevent, that is for every change of a device.\n",
    ),
    _patch(
        "makefile",
        "lib: Wording in the Makefile",
        "lib/Makefile",
        "# Makefile for some libs needed in the kernel.",
        "# Makefile for the libraries that the kernel needs.",
    ),
    ENUMERATOR,
    _patch("ext4", "ext4: Fix a comment", "fs/ext4/ialloc.c", "BSD ufs-inspired", "BSD UFS inspired"),
)

SIDE = (
    _patch(
        "side-header",
        "string_helpers: Fix a comment",
        "include/linux/string_helpers.h",
        "/* Descriptions of the types of units to print in */",
        "/* The units to print in */",
    ),
    PARAMETER,
    _patch(
        "side-source",
        "lib/string_helpers: Name what is out of range",
        "lib/string_helpers.c",
        "static bool escape_null(unsigned char c, char **dst, char *end)\n{\n\tchar *out = *dst;\n",
        "static bool escape_null(unsigned char c, char **dst, char *end)\n{\n\tchar *out = dst[0];\n",
    ),
    _patch(
        "side-elsewhere",
        "ALSA: pcm: Spell it out",
        "sound/core/pcm.c",
        "Digital Audio (PCM) abstract layer",
        "Digital audio (pulse-code modulation) abstract layer",
    ),
)

BEHIND_FORK = (
    _patch(
        "no-abi",
        "kobject: Compare once",
        "lib/kobject.c",
        "\tif ((type <= KOBJ_NS_TYPE_NONE) || (type >= KOBJ_NS_TYPES))\n\t\treturn false;\n\n\treturn true;\n",
        "\treturn type > KOBJ_NS_TYPE_NONE && type < KOBJ_NS_TYPES;\n",
    ),
    _patch(
        "tcp",
        "tcp: Wording",
        "net/ipv4/tcp.c",
        "TCP/IP protocol suite for the LINUX",
        "TCP/IP suite for LINUX",
    ),
    _patch(
        "wider-header",
        "list: Fix a comment",
        "include/linux/list.h",
        " * Circular doubly linked list implementation.\n",
        " * Circular doubly linked lists.\n",
    ),
    _patch(
        "selftest",
        "selftests: kmod: There is nothing to clean",
        "tools/testing/selftests/kmod/Makefile",
        "# Nothing to clean up.",
        "# There is nothing to clean up.",
    ),
    _patch(
        "static",
        "driver core: Return early in next_device()",
        "drivers/base/driver.c",
        "\tif (n) {\n\t\tdev_prv = to_device_private_driver(n);\n\t\tdev = dev_prv->device;\n\t}\n\treturn dev;\n",
        "\tif (!n)\n\t\treturn NULL;\n\n\tdev_prv = to_device_private_driver(n);\n\tdev = dev_prv->device;\n"
        "\treturn dev;\n",
    ),
    _patch(
        "fs-help-text",
        "fs: Explain what is validated",
        "fs/Kconfig",
        "\t  Enable this to perform validation of",
        "\t  Enable this to validate",
    ),
    _patch(
        "kref",
        "kref: Fix a comment",
        "include/linux/kref.h",
        "handling generic reference",
        "generic reference",
    ),
    MEMBER,
    _patch(
        "omap",
        "ARM: OMAP2: Fix a comment",
        "arch/arm/mach-omap2/id.c",
        "OMAP2 CPU identification code",
        "CPU ids",
    ),
    _patch(
        "maintainers",
        "MAINTAINERS: Fix the name of kobjects",
        "MAINTAINERS",
        "DRIVER CORE, KOBJECTS,",
        "DRIVER CORE, KOBJECT,",
    ),
    WHITESPACE,
)

BEHIND_MERGE = (
    _patch(
        "base-makefile",
        "driver core: Say what the Makefile is for",
        "drivers/base/Makefile",
        "# Makefile for the Linux device tree\n",
        "# Makefile for the driver core\n",
    ),
    _patch("sysfs", "sysfs: Wording", "include/linux/sysfs.h", "definitions for the device", "of the device"),
    _patch(
        "sort",
        "lib/sort: Wording",
        "lib/sort.c",
        "For some reason, gcc doesn't know to optimize",
        "gcc does not know to optimize",
    ),
    _patch(
        "process",
        "docs: process: Wording",
        "Documentation/process/4.Coding.rst",
        "While there is much to be said for",
        "Much is to be said for",
    ),
    _patch("typo", "rbtree: Fix a typo", "include/linux/rbtree.h", "drammatically", "dramatically"),
    _patch(
        "net",
        "net: Wording in the Makefile",
        "drivers/net/Makefile",
        "# Makefile for the Linux network",
        "# The",
    ),
)

MERGE = "Merge branch 'string-helpers'"
PATCHES = (*BEFORE_FORK, *SIDE, *BEHIND_FORK, *BEHIND_MERGE)


@dataclass(frozen=True, slots=True)
class Branch:
    """commits: a patch's name → its id, and "merge"; head: of the branch."""

    head: str
    commits: Mapping[str, str] = field(default_factory=dict)


def make_branch(checkout: Checkout, base: str, name: str) -> Branch:
    """Put the branch on a commit; the checkout is left on it."""
    commits: dict[str, str] = {}

    def add(patches: tuple[Patch, ...]) -> None:
        commits.update((patch.name, checkout.commit(patch.subject, patch.edits)) for patch in patches)

    checkout.git("switch", "--quiet", "--create", name, base)
    add(BEFORE_FORK)
    checkout.git("switch", "--quiet", "--create", f"{name}-side")
    add(SIDE)
    checkout.git("switch", "--quiet", name)
    add(BEHIND_FORK)
    checkout.git("merge", "--quiet", "--no-ff", "--message", MERGE, f"{name}-side")
    commits["merge"] = checkout.git("rev-parse", "HEAD")
    add(BEHIND_MERGE)
    return Branch(checkout.git("rev-parse", "HEAD"), commits)
