"""Damaged inputs, and whether what they lost is said: `python -m tests.fuzz --help`.

The oracle is for *silent loss*. A thing is compared with a damaged copy of itself, the copy being the old side, since
what only the new side has is "added" and harmless. The answer is a silent loss where

- the copy was read without an error,
- an export of the sound thing is not in it, and
- no change counts (nothing fails, nothing is without a version): status 0.

An export that is there under another name is no loss: label, string and relocation agree where a linker shares their
bytes, so that it cannot be told from a renamed one, and the comparison says "removed" and fails. Nor is a line or a
record counted that was taken out from its first byte to its last: what is left is what another build could have
written. Anything but an answer or one of our errors (a traceback, more than the time allowed) is a crash, for every
kind of input; for those that hold no exports (TOML) it is all there is to find.
"""
