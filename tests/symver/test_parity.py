"""Real kernel objects have the versions and types that the kernel's gendwarfksyms said: see `tests/parity.py`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.oracle.gendwarfksyms import kabicheck
from tests.parity import corpus

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["corpus"]


def test_every_version_and_every_symtypes_file(corpus: Path, tmp_path: Path) -> None:
    versions, wrong = 0, []
    for entry in json.loads((corpus / "manifest.json").read_text()):
        obj, symtypes = corpus / entry["object"], tmp_path / "symtypes"
        names = "".join(f"{name}\n" for name in entry["exports"])
        status, out, errors = kabicheck(["symver", "-T", str(symtypes), str(obj)], names)
        assert status == 0, errors
        got = {name: value for _, name, value in (line.split() for line in out.splitlines())}
        versions += len(got)
        wrong += [
            (entry["object"], name) for name in entry["exports"] if got.get(name) != entry["versions"][name]
        ]
        if symtypes.read_bytes() != obj.with_suffix(".symtypes").read_bytes():
            wrong.append((entry["object"], "symtypes"))
    assert versions
    assert not wrong


def test_the_objects_own_exports_are_those_of_the_manifest(corpus: Path) -> None:
    """`--exports` finds the same names and versions, in objects whose exports have their types in them."""
    for entry in json.loads((corpus / "manifest.json").read_text()):
        obj = corpus / entry["object"]
        if (
            ".gendwarfksyms." in obj.name
            or obj.with_suffix(".gendwarfksyms.o").exists()
            or "rust" in str(corpus)
        ):
            continue
        status, out, errors = kabicheck(["symver", "--exports", str(obj)])
        assert status == 0, errors
        assert {tuple(line.split()[1:]) for line in out.splitlines()} == set(entry["versions"].items())
