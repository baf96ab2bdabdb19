"""Reading DWARF fast: abbreviations, units, file tables."""
