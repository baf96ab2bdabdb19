"""Why no rule may hide a change."""

from __future__ import annotations


class Unsafe(Exception):
    """What was there before is not there any more, or not at its place; the message is for the user."""
