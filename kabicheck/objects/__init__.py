"""Where object files come from: a kernel build, a directory, an archive."""
