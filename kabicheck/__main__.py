"""`python -m kabicheck`."""

from kabicheck.cli import entry

if __name__ == "__main__":
    entry()
