"""symtypes files: one line per type or exported symbol, its name and its type string.

Two tools of the kernel's write them. `gendwarfksyms --symtypes` (type_map_write() in scripts/gendwarfksyms/types.c):

    s#kref structure_type kref { member t#refcount_t refcount data_member_location(0) } byte_size(4)
    kref_get subprogram ( formal_parameter pointer_type { s#kref } byte_size(8) kref ) -> base_type void

and `genksyms --dump-types` (main() in scripts/genksyms/genksyms.c), whose type strings are the words of C:

    s#kref struct kref { t#refcount_t refcount ; }
    kref_get static inline void kref_get ( s#kref * kref )

A type reference is `s#`, `u#`, `e#` or `t#` (structure, union, enumeration, typedef), with genksyms also `E#`
(enumerator), and the name, quoted where it holds a space: `s#'(&str, &str)'`. Names without a prefix are exported
symbols. A reference file of genksyms (`.symref`, which `--reference` reads) is the same, and may say `override`
before a name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.formats.bounded import read_text

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".symtypes"
REFERENCE_SUFFIX = ".symref"

# The largest real files (one object's types) are a few megabytes.
MAX_FILE_SIZE = 256 * 1024 * 1024

# Distinct lines of a build, and what was made of them, that are kept; a whole distribution kernel has some 100,000.
LINES_KEPT = 1 << 18
# Characters of a line; the longest of a distribution kernel has some 30,000. Nested unnamed types are all in one.
MAX_LINE = 1 << 20
OVERRIDE = "override "

# A quote inside a quoted name is not escaped, so only one before a space can be the end. The name is bounded
# in length and by the next quoted reference: a search for an end that never comes must not become quadratic.
_QUOTED = r"'(?:[^'#]|#(?!')|'(?=\S)){1,8000}?'"
_REFERENCE = rf"[Esute]#(?:{_QUOTED}(?!\S)|[^\s']\S*)"
_WORD = re.compile(rf"{_REFERENCE}|\S+", re.ASCII)
# genksyms says `extern` before what was declared so; its versions do not depend on it.
_LINE = re.compile(rf"({_REFERENCE}|[^\s#\0-\x1f\x7f]+) (?:extern )?([^\0-\x1f\x7f]+)", re.ASCII)
_SPLIT = re.compile(rf"(?<!\S)({_REFERENCE})", re.ASCII)
# The same where a space is before every reference: several times as fast, since it starts with a literal.
_FIND = re.compile(rf" ({_REFERENCE})", re.ASCII)

# How every type string of gendwarfksyms begins (process_type(), process_subprogram(), process_variable()).
_DWARF_WORD = re.compile(
    r"(?:subprogram|variable|(?:array|atomic|base|class|const|enumeration|immutable|packed|pointer|reference|restrict"
    r"|rvalue_reference|shared|structure|subroutine|template_type_parameter|typedef|union|unspecified|volatile)_type)"
    r"(?![^ \[])"
)

# gendwarfksyms can lose the " ," before a parameter that is not the first (`byte_size(8)formal_parameter`):
# process_list_comma() of scripts/gendwarfksyms/dwarf.c when a parameter list is entered again from inside.
_PARAMETER = r"formal_parameter (?=[a-z_]+_type[ \[]|[sute]#)"
_LOST_COMMA = re.compile(rf"(?<=\S){_PARAMETER}", re.ASCII)
_SPLIT_LOST_COMMA = re.compile(rf"(?<!\S)([Esute]#(?:{_QUOTED}|[^\s']\S*?)(?=\s|$|{_PARAMETER}))", re.ASCII)


def read_symtypes(path: Path) -> dict[str, str]:
    """Name → type string of one file, in the file's order; text as `read_text` gives it.

    Raises ObjectError, naming file and line.
    """
    return parse_symtypes(read_text(path, MAX_FILE_SIZE, "a symtypes file of one object"), path)


def parse_symtypes(content: str, path: Path | str) -> dict[str, str]:
    """Like `read_symtypes`, from the file's content; `path` is for error messages."""
    types: dict[str, str] = {}
    if content and not content.endswith("\n"):
        raise ObjectError(path, CUT_SHORT, offset=len(content))
    for number, line in enumerate(content.split("\n"), 1):
        if not line:
            continue
        name, text = record(line)
        if not name:
            raise ObjectError(f"{path}:{number}", NO_RECORD)
        if name in types:
            raise ObjectError(f"{path}:{number}", f"second definition of {name}")
        types[name] = text
    return types


def read_overrides(path: Path) -> frozenset[str]:
    """The names in a reference file of genksyms whose changes do not count: `override` stands before them.

    Raises ObjectError.
    """
    lines = read_text(path, MAX_FILE_SIZE, "a reference file of one object").split("\n")
    return frozenset(record(line)[0] for line in lines if line.startswith(OVERRIDE))


_BRACED = {"s#": "struct ", "u#": "union ", "e#": "enum "}
NO_RECORD = f"not a symtypes line: a name, a space and its type string, in {MAX_LINE >> 20} MiB at most"
CUT_SHORT = "cut short: the last line has no end"


@lru_cache(LINES_KEPT)
def record(line: str) -> tuple[str, str]:
    """Name and type string of a line, without the space with which genksyms ends it; "" and "" for no such line.

    Objects of one build share most of their types, so each distinct line is looked at, and kept, once.
    """
    if len(line) > MAX_LINE:
        return "", ""
    match = _LINE.fullmatch(line.removeprefix(OVERRIDE).removesuffix(" "))
    return (match[1], match[2]) if match and not _holds_another(match[1], match[2]) else ("", "")


def _holds_another(name: str, text: str) -> bool:
    """Whether the line goes on with another record, whose own is then missing: a line break was lost.

    A function's text is in no other (one that is pointed to is a subroutine_type), and C's types end with a brace.
    """
    if " subprogram (" in text or name[1:3] == "##":  # which is a whole line of a consolidated file
        return True
    return name[:2] in _BRACED and text.startswith(_BRACED[name[:2]]) and not text.endswith("}")


def split_references(text: str) -> list[str]:
    """Cut a type string into plain text (even places) and references (odd places)."""
    return (_SPLIT_LOST_COMMA if _loses_comma(text) else _SPLIT).split(text)


@lru_cache(LINES_KEPT)
def references(text: str) -> tuple[str, ...]:
    """The type references of a type string, in their order, repeated ones too."""
    lost = _loses_comma(text)
    return tuple(_SPLIT_LOST_COMMA.findall(text) if lost else _FIND.findall(f" {text}"))


def words(text: str) -> list[str]:
    """The words of a type string, references whole, with the list commas that gendwarfksyms lost."""
    found: list[str] = _WORD.findall(_LOST_COMMA.sub(" , formal_parameter ", text))
    return found


def _loses_comma(text: str) -> bool:
    # Counting is much faster than searching, and nearly always enough.
    if text.count("formal_parameter ") == text.count(" formal_parameter "):
        return False
    return _LOST_COMMA.search(text) is not None


def is_c(text: str) -> bool:
    """Whether a type string is genksyms', which writes C's words, and not gendwarfksyms'."""
    return bool(text) and _DWARF_WORD.match(text) is None


def is_reference(name: str) -> bool:
    """Whether a name is a type reference, not an exported symbol."""
    return name[1:2] == "#" and name[0] in "Esute"


def referenced_name(reference: str) -> str:
    """The type's own name: `s#'foo bar'` → `foo bar`."""
    name = reference[2:]
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == "'" else name
