"""A small kernel-like repository: `tree/` is its first commit, `series/` the patches on top.

tree       Linux 7.3's build in miniature: same make calls, same files built, same reasons to rebuild
series     `git format-patch` files, applied in the order of their names; adding a commit is adding a file
repository writes both into a folder as a git repository
"""
