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

from tests.oracle.rules import rules

if TYPE_CHECKING:
    from random import Random

BASE_TYPES = (
    "int", "unsigned int", "char", "signed char", "unsigned char", "short", "unsigned short", "long",
    "unsigned long", "long long", "unsigned long long", "_Bool", "float", "double", "long double",
)  # fmt: skip
# What decl_file may be: private means that the text after its last dot is "c".
FILES = (
    *("include/linux/a.h", "include/linux/b.h", "./include/uapi/c.h") * 4,
    *("drivers/d.c", "lib/e.c", "a.b.c", "f.c.h", "g.inc", "noext", "dir.c/noext", "h.C"),
)
QUALIFIERS = ("const", "volatile", "const volatile")


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
class Record:
    """A struct, union or enum tag. `complete` once it was defined; `flexible` when it ends in `[]`."""

    keyword: str
    tag: str
    complete: bool = False
    flexible: bool = False

    def __str__(self) -> str:
        return f"{self.keyword} {self.tag}"


@dataclass
class Typedef:
    """kind: "object", "array", "function" or "void" (incomplete: usable behind a pointer only)."""

    name: str
    kind: str


@dataclass
class Unit:
    """One translation unit as it is written: everything declared so far can be referred to."""

    rng: Random
    stable: bool
    chunks: list[str] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng
        self.line = 1
        self.count = 0
        self.records = [
            Record(rng.choice(("struct", "struct", "struct", "union")), f"r{n}")
            for n in range(rng.randint(1, 9))
        ]
        self.typedefs: list[Typedef] = []
        self.callbacks: list[str] = []
        self.callable: list[str] = []
        for record in self.records:
            # Without this, a tag that is first named between parentheses is local to that prototype.
            if rng.random() < 0.97:
                self.chunk(f"{record};")
        kinds = [self.define_typedef, self.define_callback, self.define_enum]
        for record in rng.sample(self.records, len(self.records)):
            for _ in range(rng.choice((0, 0, 1, 2))):
                rng.choice(kinds)()
            if rng.random() < 0.85:
                self.define_record(record)
        for _ in range(rng.randint(1, 8)):
            rng.choice(
                (self.define_function, self.define_function, self.define_variable, self.declare_undefined)
            )()
        if self.stable:
            self.chunks += rules(
                rng, [*map(str, self.records), *(f"typedef {t.name}" for t in self.typedefs)], self.exported
            )
        self.chunk(_EXPORT, *(f'EXPORT({name}, "{rng.choice(("", "GPL"))}")' for name in self.exported))

    # --- text

    def chunk(self, *lines: str) -> None:
        """Add lines at the next line of a random file."""
        self.line += self.rng.randint(1, 3)
        self.chunks.append(f'# {self.line} "{self.rng.choice(FILES)}"\n' + "\n".join(lines))

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    # --- types

    def base(self) -> str:
        return "__int128" if self.chance(0.02) else self.rng.choice(BASE_TYPES)

    def specifier(self, need: str) -> str:
        """A type name without declarator. need: "object" (complete, no array) or "any" (behind a pointer)."""
        rng = self.rng
        records = [str(r) for r in self.records if need == "any" or (r.complete and not r.flexible)]
        kinds = {"any": {"object", "array", "function", "void"}, "object": {"object"}}[need]
        typedefs = [t.name for t in self.typedefs if t.kind in kinds]
        roll = rng.random()
        if records and roll < 0.5:
            chosen = rng.choice(records)
        elif typedefs and roll < 0.8:
            return rng.choice(typedefs)
        elif need == "any" and roll < 0.86:
            chosen = "void"
        elif roll < 0.9:
            chosen = f"__typeof__({self.base()})"
        else:
            chosen = self.base()
        if self.chance(0.2):
            return f"{rng.choice(QUALIFIERS)} {chosen}"
        return f"_Atomic {chosen}" if self.chance(0.02) and need == "object" else chosen

    def declare(self, name: str, *, parameter: bool = False, depth: int = 0) -> str:
        """A declaration of an object: a specifier, and a declarator built from the inside out."""
        rng = self.rng
        if self.callbacks and self.chance(0.3):
            return f"{rng.choice(self.callbacks)} {name}"
        text, last = name, ""
        while self.chance(0.62 if last in ("", "[") else 0.4) and len(text) < 60:
            options = ["*", "*"]
            if last != "(":
                options.append("[")
            if last == "*" and depth < 3:
                options += ["(", "("]
            last_before, last = last, rng.choice(options)
            if last == "*":
                text = f"*{self.pointer_qualifier(last_before)}{text}"
            else:
                inner = f"({text})" if last_before == "*" else text
                size = "" if parameter and inner == name and self.chance(0.3) else rng.randint(1, 7)
                text = f"{inner}[{size}]" if last == "[" else f"{inner}({self.parameters(depth + 1)})"
        if last == "(" and self.chance(0.3):
            return f"void {text}"
        return f"{self.specifier('any' if last == '*' else 'object')} {text}"

    def pointer_qualifier(self, outer: str) -> str:
        if not self.chance(0.15):
            return ""
        return self.rng.choice(("const ", "volatile ", "" if outer == "" else "const "))

    def parameters(self, depth: int, *, named: bool = False) -> str:
        rng = self.rng
        if not named and self.chance(0.04):
            return ""
        if self.chance(0.08):
            return "void"
        params = []
        for n in range(rng.choice((1, 1, 2, 2, 3, 4))):
            name = f"p{n}" if named or self.chance(0.5) else ""
            if self.stable and self.chance(0.03):
                name = f"__kabi_{rng.choice(('reserved', 'renamed', 'x'))}{n}"
            params.append(self.parameter(name, depth))
        if self.chance(0.1):
            params.append("...")
        return ", ".join(params)

    def parameter(self, name: str, depth: int) -> str:
        if self.records and self.chance(0.45):
            return f"{self.rng.choice(self.records)} *{'restrict ' if self.chance(0.1) else ''}{name}"
        return self.declare(name, parameter=True, depth=depth)

    # --- definitions

    def define_typedef(self) -> None:
        rng, name = self.rng, self.name("t")
        roll = rng.random()
        if roll < 0.15:
            self.chunk(f"typedef {self.base()} {name}({self.parameters(1)});")
            kind = "function"
        elif roll < 0.3:
            self.chunk(f"typedef {rng.choice(self.records)} {name};")
            kind = "void"
        elif roll < 0.5:
            self.chunk(f"typedef {rng.choice(('struct', 'union'))} {{", *self.members(), f"}} {name};")
            kind = "object"
        elif roll < 0.6:
            self.chunk(f"typedef {self.specifier('object')} {name}[{rng.randint(1, 4)}];")
            kind = "array"
        elif roll < 0.7:
            attribute = rng.choice(("aligned(16)", "aligned(4)", "vector_size(16)", "mode(DI)"))
            base = "int" if attribute[0] in "vm" else self.base()
            self.chunk(f"typedef {base} {name} __attribute__(({attribute}));")
            kind = "array"
        else:
            self.chunk(f"typedef {self.declare(name)};")
            kind = "array"
        self.typedefs.append(Typedef(name, kind))

    def define_callback(self) -> None:
        """A function pointer type with several parameters: shared by structs in a cycle, it loses commas."""
        name = self.name("cb")
        params = ", ".join(
            f"{self.rng.choice(self.callbacks)}"
            if self.callbacks and self.chance(0.2)
            else self.parameter("", 1)
            for _ in range(self.rng.randint(2, 4))
        )
        result = self.rng.choice(("void", "int", f"{self.rng.choice(self.records)} *"))
        star = "" if self.chance(0.25) else "*"
        self.chunk(f"typedef {result} ({star}{name})({params});")
        if star:
            self.callbacks.append(name)
        self.typedefs.append(Typedef(name, "object" if star else "function"))

    def define_enum(self) -> None:
        rng = self.rng
        tag = self.name("e")
        attribute = " __attribute__((packed))" if self.chance(0.1) else ""
        anonymous = self.chance(0.2)
        head = f"{'typedef ' if anonymous else ''}enum{attribute}{'' if anonymous else ' ' + tag} {{"
        explicit = rng.choice((0, 0, 1, 2, 5))  # from here on: the value after a largest one is an error
        values = [f" = {rng.choice(_VALUES)}" if n >= explicit else "" for n in range(rng.randint(1, 5))]
        self.chunk(
            head,
            *(f"\t{tag}_{n}{value}," for n, value in enumerate(values)),
            f"}}{' ' + tag if anonymous else ''};",
        )
        if anonymous:
            self.typedefs.append(Typedef(tag, "object"))
        else:
            self.records.append(Record("enum", tag, complete=True))

    def define_record(self, record: Record) -> None:
        rng = self.rng
        attributes = [a for a in ("packed", f"aligned({rng.choice((2, 8, 32))})") if self.chance(0.08)]
        attribute = f"__attribute__(({', '.join(attributes)})) " if attributes else ""
        members = self.members() if not self.chance(0.03) else []
        if record.keyword == "struct" and members and self.chance(0.1):
            members.append(f"\t{self.specifier('object')} {self.name('m')}[{rng.choice(('', '0'))}];")
            record.flexible = True
        self.chunk(f"{record.keyword} {attribute}{record.tag} {{", *members, "};")
        record.complete = True

    def members(self, depth: int = 0) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 5)):
            lines += [f"\t{line}" for line in self.member(depth)]
        return lines

    def member(self, depth: int) -> list[str]:
        rng, name = self.rng, self.name("m")
        roll = rng.random()
        if self.stable and roll < 0.3:
            return self.kabi_member(name)
        if roll < 0.38:
            width = rng.choice((1, 3, 7))
            base = rng.choice(("unsigned int", "int", "unsigned char", "unsigned long", "_Bool"))
            return [f"{base} {'' if self.chance(0.1) else name} : {1 if base == '_Bool' else width};"]
        if roll < 0.48 and depth < 2:
            keyword = rng.choice(("struct", "union"))
            tag = f" {self.name('n')}" if self.chance(0.3) else ""
            member = name if tag or self.chance(0.5) else ""
            return [f"{keyword}{tag} {{", *self.members(depth + 1), f"}} {member};"]
        if roll < 0.52:
            return [
                f"enum {{ {name}_A{rng.choice(('', f' = {rng.choice(_VALUES)}'))}, {name}_B = 2 }} {name};"
            ]
        aligned = f" __attribute__((aligned({rng.choice((8, 16))})))" if self.chance(0.05) else ""
        return [f"{self.declare(name)}{aligned};"]

    def kabi_member(self, name: str) -> list[str]:
        """What the kABI macros of the kernel's examples expand to, and their misuse."""
        rng = self.rng
        old = rng.choice(
            ("unsigned long", "int", "void *", *(f"{r} *" for r in self.records), *self.callbacks)
        )
        kept = rng.choice(("reserved", "reserved_x", "renamed", "renamed", "ignored", "ignored_", "unknown"))
        inner = f"{old} __kabi_{kept}{'' if self.chance(0.02) else name}"
        new = rng.choice(
            (
                self.declare(name),
                f"struct {{ {self.declare(name)}; }}",
                f"struct {{ int {name}; long {name}l; }}",
            )
        )
        roll = rng.random()
        if roll < 0.2:
            return [f"{inner};"]
        if roll < 0.55:
            body = [f"{new};", f"struct {{ {inner}; }};"]
        elif roll < 0.8:
            body = [f"{new};", f"{inner};"]
        elif roll < 0.9:
            body = [f"{inner};", f"{new};"]
        else:
            body = [f"{self.declare(name + 'x')};", f"{self.declare(name + 'y')};", f"{new};", f"{inner};"]
        outer = name + "u" if self.chance(0.15) else ""
        return ["union {", *(f"\t{line}" for line in body), f"}} {outer};"]

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


_VALUES = (
    "-1", "-128", "-129", "-2147483647 - 1", "127", "128", "255", "256", "65535", "65536", "0x7fffffff",
    "0xffffffff", "0x100000000", "-0x100000000", "0x7fffffffffffffff", "0xffffffffffffffff", "0",
)  # fmt: skip

# The kernel's include/linux/export.h, as far as the object file shows it.
_EXPORT = r"""
#ifdef __LP64__
#define REFERENCE ".balign 8\n.quad "
#else
#define REFERENCE ".balign 4\n.long "
#endif
#define EXPORT(sym, license) __asm__(".section \".export_symbol\",\"a\"\n__export_symbol_" #sym ":\n" \
	".asciz \"" license "\"\n.ascii \"\\0\"\n" REFERENCE #sym "\n.previous\n");"""
