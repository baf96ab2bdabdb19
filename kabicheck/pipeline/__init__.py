"""The driver: two refs, folders or files become a report. `check.py` reads from top to bottom."""
