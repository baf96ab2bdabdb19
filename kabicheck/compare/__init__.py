"""What differs between two sides, and why."""
