from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import FetchError, NoExports
from kabicheck.objects import archive as module
from kabicheck.objects.archive import read_archive, unpack
from kabicheck.objects.directory import read_directory
from kabicheck.objects.provider import ReadyMade
from kabicheck.objects.store import Store
from tests.objects.conftest import content

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.model import ObjectSet
    from tests.objects.conftest import Driver


@pytest.fixture
def build(driver: Driver) -> Path:
    """The build folder of the demo's head."""
    driver.objects("HEAD")
    return next(driver.cache.glob("repositories/*/*/build"))


def _without_depends(found: ObjectSet) -> dict[str, tuple[object, ...]]:
    return {path: value[:3] for path, value in content(found).items()}


def test_a_build_folder_gives_what_its_build_gave(driver: Driver, build: Path) -> None:
    built = driver.objects("HEAD")
    found = read_directory(build)
    assert _without_depends(found) == _without_depends(built)
    assert (found.config, found.notes) == (built.config, ())


def test_without_lists_every_object_counts_and_this_is_said(driver: Driver, build: Path) -> None:
    for name in ("built-in.a", "lib.a", "modules.order"):
        for path in build.rglob(name):
            path.unlink()
    found = read_directory(build)
    assert {o.path for o in found.objects} == {o.path for o in driver.objects("HEAD").objects}
    assert "no built-in.a" in found.notes[0]


def test_a_listed_object_that_is_missing_is_an_error(build: Path) -> None:
    (build / "lib/kobject.o").unlink()
    with pytest.raises(FetchError, match=r"lib/kobject\.o"):
        read_directory(build)


def test_folders_without_exports(tmp_path: Path) -> None:
    with pytest.raises(NoExports):
        read_directory(tmp_path)
    with pytest.raises(FetchError, match="no such folder"):
        read_directory(tmp_path / "none")


@pytest.mark.parametrize("packed", ["", "z", "j", "J"])
def test_an_archive_gives_what_the_folder_gives(build: Path, tmp_path: Path, packed: str) -> None:
    path = tmp_path / "build.tar"
    # With kbuild's own link `source`, which leads out of the folder.
    assert (build / "source").is_symlink()
    subprocess.run(["tar", f"-c{packed}f", path, "-C", build, "."], check=True)
    with Store.opened(tmp_path / "store") as store:
        found = ReadyMade(path, store).objects()
        assert _without_depends(found) == _without_depends(read_directory(build))
        assert read_archive(path, store) == found
        assert not list(store.temporary().iterdir())


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, size
    return member


def _archive(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


HOSTILE = [
    _member("/etc/x.o"),
    _member("../x.o"),
    _member("lib/../../x.o"),
    _member("x.o", tarfile.SYMTYPE, "y.o"),
    _member("x.o", tarfile.LNKTYPE, "y.o"),
    _member("lib", tarfile.SYMTYPE, "/etc"),
    _member("lib/deep", tarfile.SYMTYPE, "../../etc"),
    _member("lib", tarfile.LNKTYPE, "/etc/passwd"),
    _member("lib/source", tarfile.SYMTYPE, "/etc"),
    _member("x.o", tarfile.CHRTYPE),
    _member("null", tarfile.CHRTYPE),
    _member("disk", tarfile.BLKTYPE),
    _member("lib/good.o/x.o"),
    _member("d/" * 1500 + "x.o"),
    _member("d/" * 1500, tarfile.DIRTYPE),
    _member("x.o", tarfile.FIFOTYPE),
]


@pytest.mark.parametrize("member", HOSTILE, ids=lambda member: f"{member.name[:20]}-{member.type.decode()}")
def test_hostile_members_refuse_the_archive(tmp_path: Path, member: tarfile.TarInfo) -> None:
    path = _archive(tmp_path / "a.tar", _member("lib/good.o", size=3), member)
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(FetchError, match=str(path)):
        unpack(path, target)
    assert [p.name for p in tmp_path.iterdir() if p not in (path, target)] == []
    assert not [p for p in target.rglob("*") if p.is_symlink()]


def test_a_link_inside_cannot_redirect_what_follows(tmp_path: Path) -> None:
    path = _archive(
        tmp_path / "a.tar",
        _member("real", tarfile.DIRTYPE),
        _member("lib", tarfile.SYMTYPE, "real"),
        _member("lib/x.o", size=2),
    )
    target = tmp_path / "out"
    target.mkdir()
    unpack(path, target)
    assert (target / "lib/x.o").read_bytes() == b"xx"
    assert not (target / "lib").is_symlink()


def _too_many(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(module, "MEMBERS", 2)
    _archive(path, *(_member(f"{n}.o") for n in range(3)))


def _too_large(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(module, "UNPACKED", 99)
    _archive(path, _member("x.o", size=100))


def _too_large_and_of_no_use(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(module, "TOTAL", 99)
    _archive(path, _member("ignored", size=100))


def _long_header(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    header = _member("x", tarfile.XHDTYPE, size=1 << 40).tobuf()
    path.write_bytes(gzip.compress(header + b"\0" * 4096))


def _one_of_gigabytes(_: pytest.MonkeyPatch, path: Path) -> None:
    path.write_bytes(gzip.compress(_member("x.o", size=6 << 30).tobuf() + bytes(1 << 20)))


def _thousands_of_nothing(_: pytest.MonkeyPatch, path: Path) -> None:
    """60,000 members take 300 KB."""
    one = _member("lib/ignored").tobuf()
    path.write_bytes(gzip.compress(one * 10_000 + bytes(1024)))


def _zeros_behind_the_end(_: pytest.MonkeyPatch, path: Path) -> None:
    path.write_bytes(gzip.compress(_member("x").tobuf() + bytes(8 << 20)))


@pytest.mark.parametrize(
    "bomb",
    [
        _one_of_gigabytes,
        _thousands_of_nothing,
        _zeros_behind_the_end,
        _too_many,
        _too_large,
        _too_large_and_of_no_use,
        _long_header,
    ],
)
def test_bombs_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bomb: Callable[[pytest.MonkeyPatch, Path], None]
) -> None:
    path = tmp_path / "bomb.tar"
    bomb(monkeypatch, path)
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(FetchError, match="bomb"):
        unpack(path, target)
    assert sum(p.stat().st_size for p in target.rglob("*")) < 1000


@pytest.mark.parametrize("data", [b"", b"not a tar", b"\x1f\x8b\x08rubbish", b"\xfd7zXZ\0", b"BZh9"])
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(data)
    with Store.opened(tmp_path / "store") as store, pytest.raises(FetchError, match=str(path)):
        read_archive(path, store)


def test_a_truncated_archive(build: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    subprocess.run(["tar", "-czf", path, "-C", build, "."], check=True)
    data = path.read_bytes()
    for end in range(0, len(data), len(data) // 40):
        path.write_bytes(data[:end])
        with Store.opened(tmp_path / "store") as store, pytest.raises(FetchError):
            read_archive(path, store)


def test_an_archive_cut_off_between_members(tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.tar", _member("a.o", size=512), _member("b.o", size=512))
    path.write_bytes(path.read_bytes()[:1024])
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(FetchError, match="cut off"):
        unpack(path, target)


def test_what_follows_behind_an_archive(tmp_path: Path) -> None:
    """tarfile reads the first of two archives in one file, as tar does without --ignore-zeros."""
    one = _archive(tmp_path / "a.tar", _member("a.o", size=512)).read_bytes()
    for more in (one, b"rubbish"):
        both = tmp_path / "both.tar"
        both.write_bytes(one + more)
        target = tmp_path / "out"
        target.mkdir(exist_ok=True)
        with pytest.raises(FetchError, match="something follows behind the end of the archive"):
            unpack(both, target)


def test_no_archive_at_all(tmp_path: Path) -> None:
    with Store.opened(tmp_path / "store") as store, pytest.raises(FetchError, match="No such file"):
        ReadyMade(tmp_path / "none.tar", store).objects()
