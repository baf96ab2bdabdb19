"""What the quick way says where it cannot show that its result is the exact one."""

from __future__ import annotations


class NotProven(Exception):
    """The exact walk must decide. The argument says why, for tests and counters."""


# Around an offset, in a type string under construction: where the second parameter of a list begins, and where the
# list ends. `order.py` needs to know; it takes the marks out.
PARAMETER = "\x02"
