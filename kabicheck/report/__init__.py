"""One emitter per file; they render a Report and never compute."""
