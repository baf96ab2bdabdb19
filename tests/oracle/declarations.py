"""Random C types: records, enums, typedefs, callbacks, and declarators of every shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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


_VALUES = (
    "-1", "-128", "-129", "-2147483647 - 1", "127", "128", "255", "256", "65535", "65536", "0x7fffffff",
    "0xffffffff", "0x100000000", "-0x100000000", "0x7fffffffffffffff", "0xffffffffffffffff", "0",
)  # fmt: skip


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
class Types:
    """The types of a translation unit as it is written: all that was declared so far can be referred to."""

    rng: Random
    stable: bool
    chunks: list[str] = field(default_factory=list)
    line: int = 1
    count: int = 0
    records: list[Record] = field(default_factory=list)
    typedefs: list[Typedef] = field(default_factory=list)
    callbacks: list[str] = field(default_factory=list)

    def define_types(self) -> None:
        """Declare some tags, then define most of them, with typedefs and enums in between."""
        rng = self.rng
        self.records += [
            Record(rng.choice(("struct", "struct", "struct", "union")), f"r{n}")
            for n in range(rng.randint(1, 9))
        ]
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
