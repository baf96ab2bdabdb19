"""git: refs, commits, worktrees of our own. The only room that imports pygit2."""
