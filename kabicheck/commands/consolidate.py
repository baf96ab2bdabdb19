"""Put the types of a whole build into one file, each text once.

PATH is a folder of symtypes files (make KBUILD_SYMTYPES=1), of genksyms or of gendwarfksyms, or a consolidated file of
the older format. FILE is in the format of suse-kabi-tools, which `ksymtypes` reads too: some megabytes for a kernel,
to be kept as the reference that `kabicheck compare FILE BUILD` is given later.

exit status: 0 the file was written; 2 something could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CLEAN, NoExports

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder of symtypes files")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", required=True, help="what to write")


def run(args: argparse.Namespace) -> int:
    """Write the file as a whole or not at all."""
    from kabicheck.commands.console import write_file
    from kabicheck.formats.consolidated import SymtypesFolder, consolidate, read_consolidated
    from kabicheck.formats.symtypes import SUFFIX
    from kabicheck.pipeline.destinations import require_place

    require_place(args.output)
    corpus = SymtypesFolder(args.path) if args.path.is_dir() else read_consolidated(args.path)
    if not corpus.paths:
        raise NoExports(args.path, f"holds no {SUFFIX} files", hint="make KBUILD_SYMTYPES=1 writes them")
    write_file(args.output, "".join(consolidate(corpus)).encode("latin-1"))
    return EXIT_CLEAN
