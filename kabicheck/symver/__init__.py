"""Symbol versions with gendwarfksyms' semantics."""
