"""The scenarios: what happens to a kernel's ABI in the course of some commits, and who did it."""

from __future__ import annotations

from tests.commands.scenarios.story import ASYNC_C, ASYNC_H, Scenario, Story

BIT = "\tunsigned int registered : 1;\n"
BOOL = "\tbool registered;\n"
DOMAIN, SCHEDULE = "struct async_domain", "async_schedule_node_domain()"
HIDDEN = "struct async_hidden"


def struct(story: Story) -> None:
    story.remark(times=3)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark(times=4)


def parameter(story: Story) -> None:
    story.remark(ASYNC_C, times=3)
    new = "struct async_domain *domain, int retries)"
    header = story.replaced(
        ASYNC_H,
        (
            "struct async_domain *domain);\nvoid async_synchronize_full(",
            f"{new};\nvoid async_synchronize_full(",
        ),
    )
    source = story.replaced(
        ASYNC_C,
        (
            "struct async_domain *domain)\n{\n\tasync_cookie_t cookie = next",
            f"{new}\n{{\n\tasync_cookie_t cookie = next",
        ),
        (
            "&async_dfl_domain);\n}\nEXPORT_SYMBOL_GPL(async_schedule_node);",
            "&async_dfl_domain, 0);\n}\nEXPORT_SYMBOL_GPL(async_schedule_node);",
        ),
    )
    story.commit("Ask for retries", {ASYNC_H: header, ASYNC_C: source})
    story.remark(ASYNC_C, times=4)


def enumerator(story: Story) -> None:
    path = "include/linux/kobject.h"
    story.remark(path, times=2)
    story.edit("Tell of moves", path, ("\tKOBJ_CHANGE,\n", "\tKOBJ_MOVE,\n\tKOBJ_CHANGE,\n"))
    story.remark(path, times=5)


def macro(story: Story) -> None:
    size = "#define ASYNC_NAME\t8\n\n"
    story.edit(
        "Give domains names",
        ASYNC_H,
        ("struct async_domain {\n", f"{size}struct async_domain {{\n"),
        (BIT, f"{BIT}\tchar name[ASYNC_NAME];\n"),
    )
    story.begin()
    story.remark(times=3)
    story.edit("Allow longer names", ASYNC_H, ("ASYNC_NAME\t8", "ASYNC_NAME\t16"))
    story.remark(times=4)


def include(story: Story) -> None:
    story.commit(
        "Point to what is hidden",
        {
            ASYNC_H: story.replaced(
                ASYNC_H,
                ("struct async_domain {\n", f"{HIDDEN};\n\nstruct async_domain {{\n"),
                (BIT, f"{BIT}\t{HIDDEN} *hidden;\n"),
            ),
            "include/linux/async_hidden.h": f"{HIDDEN} {{\n\tint depth;\n}};\n",
        },
    )
    story.begin()
    story.remark(ASYNC_C, times=3)
    story.edit(
        "Look inside",
        ASYNC_C,
        ("#include <linux/async.h>\n", "#include <linux/async.h>\n#include <linux/async_hidden.h>\n"),
    )
    story.remark(ASYNC_C, times=4)


def kconfig(story: Story) -> None:
    path = "include/linux/kobject.h"
    story.remark(path, times=3)
    story.edit(
        "Debug releases by default",
        "Kconfig",
        ('bool "kobject release debugging"\n', 'bool "kobject release debugging"\n\tdefault y\n'),
    )
    story.remark(path, times=4)


def rename(story: Story) -> None:
    story.remark(times=2)
    new = "include/linux/async_domain.h"
    files = {path: story.replaced(path, ("linux/async.h", "linux/async_domain.h")) for path in (ASYNC_C,)}
    story.commit("Call the header by its name", {**files, new: story.replaced(ASYNC_H), ASYNC_H: None})
    story.remark(new, times=2)
    story.edit("Make it a bool", new, (BIT, BOOL))
    story.remark(new, times=2)


def revert(story: Story) -> None:
    story.remark(times=1)
    story.edit(
        "Number the domains", ASYNC_H, ("struct async_domain {\n", "struct async_domain {\n\tint number;\n")
    )
    story.remark(times=2)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark(times=2)
    story.edit("Revert: Number the domains", ASYNC_H, ("\tint number;\n", ""))
    story.remark(times=1)


def back_and_forth(story: Story) -> None:
    story.remark(times=2)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark(times=1)
    story.edit("Make it a bit again", ASYNC_H, (BOOL, BIT))
    story.remark(times=1)
    story.edit("Make it a long", ASYNC_H, (BIT, "\tunsigned long registered;\n"))
    story.remark(times=2)


def two_commits(story: Story) -> None:
    story.remark(times=2)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark(times=3)
    story.edit("Count what is late", ASYNC_H, (BOOL, f"{BOOL}\tunsigned int late;\n"))
    story.remark(times=2)


def merge(story: Story) -> None:
    story.remark(times=2)
    trunk = story.head
    story.remark("kernel/notifier.c", times=2)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark("kernel/notifier.c", times=2)
    side = story.head
    story.git("checkout", "--quiet", "--detach", trunk)
    story.remark(ASYNC_C, times=3)
    story.merge("Merge the side branch", side)
    story.remark(ASYNC_C, times=2)


def unbuildable(story: Story) -> None:
    story.remark(times=2)
    story.edit("Break the header", ASYNC_H, ("struct async_domain {\n", "struct async_domain {{\n"))
    story.broken.add(story.head)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.broken.add(story.head)
    story.edit("Mend the header", ASYNC_H, ("struct async_domain {{\n", "struct async_domain {\n"))
    story.remark(times=3)


def broken_elsewhere(story: Story) -> None:
    story.remark(times=2)
    story.edit("Break the header", ASYNC_H, ("struct async_domain {\n", "struct async_domain {{\n"))
    story.broken.add(story.head)
    story.edit("Mend the header", ASYNC_H, ("struct async_domain {{\n", "struct async_domain {\n"))
    story.remark(times=2)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark(times=2)


def whitespace(story: Story) -> None:
    story.remark(times=2)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark(times=3)
    story.edit("Align the members", ASYNC_H, (BOOL, "\tbool             registered;\n"))
    story.remark(times=2)


def many(story: Story) -> None:
    story.remark(times=76)
    story.edit("Allow longer names", ASYNC_H, ("typedef u64 async_cookie_t;", "typedef u32 async_cookie_t;"))
    story.remark(times=123)


def many_elsewhere(story: Story) -> None:
    story.remark("kernel/notifier.c", times=76)
    story.edit("Make it a bool", ASYNC_H, (BIT, BOOL))
    story.remark("kernel/notifier.c", times=123)


BOOLED = ("Make it a bool",)
SCENARIOS = {
    "struct": Scenario("a member changes its type", struct, {DOMAIN: BOOLED}, 2),
    "parameter": Scenario("a parameter is added", parameter, {SCHEDULE: ("Ask for retries",)}, 2),
    "enumerator": Scenario(
        "an enumerator is added", enumerator, {"enum kobject_action": ("Tell of moves",)}, 2, "lib/kobject.o"
    ),
    "macro": Scenario("a macro in a member's type changes", macro, {DOMAIN: ("Allow longer names",)}, 5),
    "include": Scenario("an include makes a type visible", include, {HIDDEN: ("Look inside",)}, 5),
    "kconfig": Scenario(
        "an option's default changes",
        kconfig,
        {"struct kobject": ("Debug releases by default",)},
        5,
        "lib/kobject.o",
    ),
    "rename": Scenario("the file is renamed, then edited", rename, {DOMAIN: BOOLED}, 2),
    "revert": Scenario(
        "another change is reverted",
        revert,
        {DOMAIN: ("Number the domains", *BOOLED, "Revert: Number the domains")},
        6,
    ),
    "back-and-forth": Scenario(
        "changed, changed back, changed again", back_and_forth, {DOMAIN: ("Make it a long",)}, 2
    ),
    "two-commits": Scenario(
        "two commits change one structure", two_commits, {DOMAIN: (*BOOLED, "Count what is late")}, 4
    ),
    "merge": Scenario("a merge brings it in", merge, {DOMAIN: BOOLED}, 4, merges=("Merge the side branch",)),
    "unbuildable": Scenario(
        "it happens where nothing builds",
        unbuildable,
        {DOMAIN: ("Break the header | Make it a bool | Mend the header",)},
        4,
        verdict="one of",
    ),
    "broken-elsewhere": Scenario("commits before it do not build", broken_elsewhere, {DOMAIN: BOOLED}, 2),
    "whitespace": Scenario("blame names a whitespace commit", whitespace, {DOMAIN: BOOLED}, 3),
    "many": Scenario(
        "200 commits touch the file", many, {"typedef async_cookie_t": ("Allow longer names",)}, 2
    ),
    "many-elsewhere": Scenario("200 commits, all others elsewhere", many_elsewhere, {DOMAIN: BOOLED}, 0),
}
