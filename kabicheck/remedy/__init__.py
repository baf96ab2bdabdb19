"""Which kABI rule would keep a version, and the proof that it does."""
