"""One call of make, where a whole build says nothing about it."""

from __future__ import annotations

import signal

from kabicheck.objects.make import _termination_raises


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    """`nohup kabicheck check` goes on when its terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with _termination_raises():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
