"""Real kernel objects with what the kernel's gendwarfksyms said of them, where such corpora are found.

`$KABICHECK_PARITY`, or a folder `shared/parity` beside the checkout, holds `*.tar.xz` archives of one folder
each: `manifest.json` (a list of object, exports, versions), the objects, and a `.symtypes` file beside each.
"""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.oracle.gendwarfksyms import kabicheck

ROOT = Path(__file__).parents[2]


def archives() -> list[Path | None]:
    """The corpora of this machine, or a placeholder for the skip."""
    given = os.environ.get("KABICHECK_PARITY")
    folder = Path(given) if given else ROOT.parent / "shared" / "parity"
    return [*sorted(folder.glob("*.tar.xz"))] or [None]


@pytest.fixture(scope="module", params=archives(), ids=lambda path: path.name if path else "none")
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked corpus: the folder with the manifest."""
    if request.param is None:
        pytest.skip("no corpora: set KABICHECK_PARITY")
    folder = tmp_path_factory.mktemp("parity")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("*/manifest.json")).parent


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
