"""git: refs, commits, worktrees of our own. The only layer that imports pygit2."""
