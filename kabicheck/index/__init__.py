"""What was calculated before: the versions of object files by their content."""
