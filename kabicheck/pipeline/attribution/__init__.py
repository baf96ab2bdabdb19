"""Who changed what: a comparison's questions, asked of history, and the answers put into it."""
