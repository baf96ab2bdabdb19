"""Random Rust crates out of everything that rustc describes in its own way, drawn from a seeded `Random`.

Types live in three modules and refer to each other; by value only to earlier ones, so that most crates compile.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.oracle.compilers import DoesNotCompile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

_HEADER = "#![allow(warnings)]\n"
_USES = "use std::{cell::Cell, marker::PhantomData, mem::ManuallyDrop, num::*, rc::Rc, sync::Arc};"
_TRAIT = "pub trait Draw { fn draw(&self) -> u32; fn twice(&self) -> u32 { 2 * self.draw() } }"

_PLAIN = [
    *["u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "usize", "isize"],
    *["f32", "f64", "bool", "char", "()", "&'static str", "Box<str>", "String", "*const u8"],
    *["NonZeroU8", "NonZeroI64", "std::cmp::Ordering", "std::time::Duration"],
    *["&'static dyn crate::m0::Draw", "Box<dyn crate::m0::Draw>", "Arc<dyn crate::m0::Draw + Send>"],
]
_AROUND_ONE = [
    *["Option<{}>", "&'static [{}]", "[{}; 0]", "[{}; 17]", "({},)", "Vec<{}>", "Rc<Cell<{}>>", "Box<[{}]>"],
    *["Arc<{}>", "PhantomData<{}>", "ManuallyDrop<{}>"],
]
_AROUND_TWO = [
    *["Result<{}, {}>", "({}, {})", "fn({}) -> {}", 'extern "C" fn({}) -> {}', "Option<fn({}) -> {}>"],
    "unsafe fn({}) -> {}",
]
_INDIRECT = ["Box<{}>", "&'static {}", "*mut {}", "Option<Box<{}>>", "Vec<{}>", "std::ptr::NonNull<{}>"]


def compile_rust(source: str, output: Path, options: Sequence[str] = ()) -> Path:
    """Compile a crate into one object. Raises DoesNotCompile with the compiler's words."""
    file = output.with_suffix(".rs")
    file.write_text(source)
    done = subprocess.run(
        [
            *("rustc", "--edition=2021", "--crate-type=lib", "--emit=obj", "-Awarnings"),
            *("-Cdebuginfo=2", "-Cpanic=abort", *options, str(file), "-o", str(output)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if done.returncode:
        raise DoesNotCompile(done.stderr)
    return output


def generate(rng: Random) -> str:
    """A crate."""
    return _Crate(rng).source()


class _Crate:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.generic = [rng.random() < 0.3 for _ in range(rng.randint(3, 9))]

    def source(self) -> str:
        modules: list[list[str]] = [[_USES, _TRAIT], [_USES], [_USES]]
        for number in range(len(self.generic)):
            modules[number % 3].append(self.definition(number))
        lines = [_HEADER, _USES]
        lines += [f"pub mod m{i} {{\n{chr(10).join(module)}\n}}" for i, module in enumerate(modules)]
        lines += [self.function(number) for number in range(self.rng.randint(2, 6))]
        lines.append(f"#[no_mangle] pub static mut TABLE: Option<{self.type()}> = None;")
        lines.append(f"#[no_mangle] pub fn closure(a: u8) -> impl Fn({self.type()}) -> u8 {{ move |_| a }}")
        return "\n".join(lines)

    def function(self, number: int) -> str:
        rng = self.rng
        parameters = ", ".join(
            f"p{i}: {rng.choice(('', '&', '&mut ', '*const '))}{self.type()}"
            for i in range(rng.randint(0, 4))
        )
        linkage = rng.choice(("#[no_mangle] pub", '#[no_mangle] pub extern "C"', "#[inline(never)] pub"))
        return f"{linkage} fn function{number}({parameters}) -> {self.type()} {{ loop {{}} }}"

    def type(self, depth: int = 0, before: int | None = None) -> str:
        """Any type; by value only those of the crate with a number below `before`."""
        rng = self.rng
        kind = rng.random()
        if depth > 3 or kind < 0.3:
            return rng.choice(_PLAIN)
        if kind < 0.6:
            number = rng.randrange(len(self.generic))
            argument = f"<{self.type(depth + 1, before)}>" if self.generic[number] else ""
            name = f"crate::m{number % 3}::T{number}{argument}"
            return name if before is None or number < before else rng.choice(_INDIRECT).format(name)
        around = rng.choice(_AROUND_ONE if kind < 0.8 else _AROUND_TWO)
        return around.format(*(self.type(depth + 1, before) for _ in range(around.count("{}"))))

    def definition(self, number: int) -> str:
        """A structure, a union, or an enumeration with or without data; generic ones use their parameter."""
        generic = self.generic[number]
        name = f"T{number}<T>" if generic else f"T{number}"
        kinds = [self.structure, self.tuple, self.variants]
        if not generic:
            kinds += [self.union, self.enumeration]
        return self.rng.choice(kinds)(name, number)

    def fields(self, number: int, least: int = 0) -> list[str]:
        generic = self.generic[number]
        return [
            "T" if generic and self.rng.random() < 0.3 else self.type(0, number)
            for _ in range(self.rng.randint(least, 4))
        ]

    def structure(self, name: str, number: int) -> str:
        layouts = ["", "", "#[repr(C)] ", "#[repr(C, align(16))] "]
        if not self.generic[number]:
            layouts.append("#[repr(C, packed)] ")
        seen = ("pub ", "", "pub(crate) ")
        members = [f"{self.rng.choice(seen)}f{i}: {kind}" for i, kind in enumerate(self.fields(number))]
        if self.generic[number]:
            members.append("marker: PhantomData<T>")
        return f"{self.rng.choice(layouts)}pub struct {name} {{ {', '.join(members)} }}"

    def tuple(self, name: str, number: int) -> str:
        members = self.fields(number) + ["PhantomData<T>"] * self.generic[number]
        return f"pub struct {name}({', '.join(members)});"

    def union(self, name: str, number: int) -> str:
        members = (f"f{i}: ManuallyDrop<{kind}>" for i, kind in enumerate(self.fields(number, 1)))
        return f"{self.rng.choice(('', '#[repr(C)] '))}pub union {name} {{ {', '.join(members)} }}"

    def enumeration(self, name: str, number: int) -> str:
        layout = self.rng.choice(("i8", "u16", "i64", "u64", "C"))
        first = -3 if layout.startswith("i") else 5
        values = (f"E{i} = {first + 7 * i}" for i in range(1 + number % 5))
        return f"#[repr({layout})] pub enum {name} {{ {', '.join(values)} }}"

    def variants(self, name: str, number: int) -> str:
        rng = self.rng
        variants = []
        for i in range(rng.randint(1, 6)):
            fields = self.fields(number, 1)
            named = ", ".join(f"a{j}: {kind}" for j, kind in enumerate(fields))
            variants.append(f"V{i}{rng.choice(('', '(' + ', '.join(fields) + ')', '{' + named + '}'))}")
        if self.generic[number]:
            variants.append("Marker(PhantomData<T>)")
        layout = rng.choice(("", "", "", "#[repr(u8)] ", "#[repr(C)] ", "#[repr(i32)] "))
        return f"{layout}pub enum {name} {{ {', '.join(variants)} }}"
