"""What can be said of a difference: one rule per file, whose documentation is its page. `table` lists them."""
