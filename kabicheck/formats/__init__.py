"""Files that other tools write and read: symtypes, Module.symvers, lists of stable symbols."""
