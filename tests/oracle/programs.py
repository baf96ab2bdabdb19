"""Random C programs that reach every corner of gendwarfksyms, and almost always compile.

The generator draws from a `random.Random`: hypothesis hands in one that it can shrink (`programs()`), long
runs outside CI a seeded one (`generate(Random(seed))`). A program is a list of top-level chunks, each under
its own line marker, so that most definitions come from a header and some from a `.c` file, which makes them
private.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.oracle.declarations import Types
from tests.oracle.rules import rules

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class Program:
    """One or two units (each a tuple of chunks), and the exports in the order in which they are asked for.

    `optimise` is an option of gcc and clang.
    """

    units: tuple[tuple[str, ...], ...]
    exports: tuple[str, ...]
    stable: bool
    optimise: str

    def sources(self) -> list[str]:
        """The C text of each unit."""
        return ["\n".join(chunks) + "\n" for chunks in self.units]


def programs() -> st.SearchStrategy[Program]:
    """Programs for hypothesis, which can shrink them."""
    return st.randoms(use_true_random=False, note_method_calls=False).map(generate)


def generate(rng: Random) -> Program:
    """A program drawn from `rng`."""
    stable = rng.random() < 0.4
    units = [Unit(rng, stable)]
    if rng.random() < 0.15:
        units.append(Unit(rng, stable))
    exports = sorted({name for unit in units for name in unit.exported})
    rng.shuffle(exports)
    exports = exports[: rng.randint(1, 12)] if rng.random() < 0.3 else exports
    if rng.random() < 0.2:
        exports += [
            exports[0],
            "missing",
            *(f"absent_{rng.randint(0, 999)}" for _ in range(rng.randint(0, 80))),
        ]
    return Program(
        tuple(tuple(unit.chunks) for unit in units),
        tuple(exports or ["nothing"]),
        stable,
        rng.choice(("-O0", "-O0", "-O1", "-O2")),
    )


@dataclass
class Unit(Types):
    """One translation unit: types, then the functions and variables that use them.

    callable: functions that bodies may call.
    """

    exported: list[str] = field(default_factory=list)
    callable: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng
        self.define_types()
        kinds = (self.define_function, self.define_function, self.define_variable, self.declare_undefined)
        for _ in range(rng.randint(1, 8)):
            rng.choice(kinds)()
        if self.stable:
            types = [*map(str, self.records), *(f"typedef {t.name}" for t in self.typedefs)]
            self.chunks += rules(rng, types, self.exported)
        self.chunk(_EXPORT, *(f'EXPORT({name}, "{rng.choice(("", "GPL"))}")' for name in self.exported))

    # --- symbols

    def define_function(self) -> None:
        rng, name = self.rng, self.name("f")
        if self.chance(0.15):
            self.define_inlined(name)
            return
        variadic = rng.choice(("int p0, int p1[p0]", "int p0, int (*p1)[p0]")) if self.chance(0.04) else ""
        head = f"{self.declare_result()}{name}({variadic or self.parameters(1, named=True)})"
        prefix = rng.choice(
            ("", "", "", "", "static ", "__attribute__((weak)) ", "__attribute__((noinline)) ")
        )
        if self.chance(0.2):
            self.chunk(f"{prefix}{head};")
        self.chunk(f"{prefix}{head}", "{", *self.body(), "}")
        self.exported.append(name)
        if prefix == "" and self.chance(0.2):
            self.alias(name)

    def declare_result(self) -> str:
        rng = self.rng
        if self.chance(0.3):
            return "void "
        return f"{rng.choice(self.records)} *" if self.chance(0.5) else f"{self.specifier('object')} "

    def define_inlined(self, name: str) -> None:
        """A function that others call: with optimisation its DIE becomes an abstract origin."""
        rng = self.rng
        label = f' __asm__("{name}_label")' if self.chance(0.15) else ""
        if label:
            self.chunk(f"int {name}(int, void *){label};")
            self.exported.append(f"{name}_label")
        prefix = rng.choice(
            (
                "",
                "",
                "inline ",
                "extern inline ",
                "static inline " if not label else "",
                "extern inline __attribute__((gnu_inline)) ",
            )
        )
        self.chunk(f"{prefix}int {name}(int p0, void *p1)", "{", *self.body(), "\treturn p0 + 1;", "}")
        self.callable.append(name)
        self.exported.append(name)

    def body(self) -> list[str]:
        """Statements: local types named as global ones, static variables named as exports."""
        rng = self.rng
        lines = []
        if self.callable and self.chance(0.6):
            lines.append(f"\t{rng.choice(self.callable)}({rng.randint(0, 9)}, 0);")
        if self.chance(0.15):
            record = rng.choice([r for r in self.records if r.keyword != "enum"])
            complete, record.complete = record.complete, False
            lines += [f"\t{record} {{", *self.members(1), "\t};", f"\tstatic {record} local;"]
            record.complete = complete
        if self.chance(0.1):
            name = rng.choice(self.exported) if self.exported else "local_static"
            lines.append(f"\t{{ static {self.specifier('object')} {name}; }}")
        return lines

    def define_variable(self) -> None:
        rng, name = self.rng, self.name("v")
        if self.chance(0.15):
            self.chunk(f"extern {self.specifier('object')} {name}[];".replace("const ", ""))
            first = self.chunks[-1].rsplit("extern ", 1)[1].removesuffix("[];")
            if self.chance(0.8):
                self.chunk(f"{first}[{rng.randint(1, 9)}];")
        else:
            declaration = self.declare(name)
            prefix = rng.choice(
                (
                    "",
                    "",
                    "",
                    "static __attribute__((used)) ",
                    "__attribute__((weak)) ",
                    "__attribute__((aligned(64))) ",
                )
            )
            if not prefix.startswith("static") and self.chance(0.3):
                self.chunk(f"extern {declaration};")
            self.chunk(f"{prefix}{declaration};")
            if prefix == "" and self.chance(0.15):
                self.alias(name)
        self.exported.append(name)
        if self.chance(0.3):
            self.pointer(name)

    def declare_undefined(self) -> None:
        """A symbol of another object: its type comes from the pointer that EXPORT_SYMBOL leaves."""
        name = self.name("x")
        if self.chance(0.5):
            self.chunk(f"extern {self.declare(name)};")
        else:
            self.chunk(f"extern {self.declare_result()}{name}({self.parameters(1)});")
        self.exported.append(name)
        if self.chance(0.9):
            self.pointer(name)

    def pointer(self, name: str) -> None:
        self.chunk(
            f"static __typeof__({name}) *__gendwarfksyms_ptr_{name} __attribute__((used, "
            f'section(".discard.gendwarfksyms"))) = &{name};'
        )

    def alias(self, name: str) -> None:
        weak = ", weak" if self.chance(0.3) else ""
        other = f"int {name}_alias(void)" if self.chance(0.1) else f"__typeof__({name}) {name}_alias"
        self.chunk(f'extern {other} __attribute__((alias("{name}"){weak}));')
        self.exported.append(f"{name}_alias")


# The kernel's include/linux/export.h, as far as the object file shows it.
_EXPORT = r"""
#ifdef __LP64__
#define REFERENCE ".balign 8\n.quad "
#else
#define REFERENCE ".balign 4\n.long "
#endif
#define EXPORT(sym, license) __asm__(".section \".export_symbol\",\"a\"\n__export_symbol_" #sym ":\n" \
	".asciz \"" license "\"\n.ascii \"\\0\"\n" REFERENCE #sym "\n.previous\n");"""
