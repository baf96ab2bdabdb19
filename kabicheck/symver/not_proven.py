"""What the quick way says where it cannot show that its result is the exact one."""

from __future__ import annotations


class NotProven(Exception):
    """The exact walk must decide. The argument says why: docs/quick-way.md lists all reasons."""
