"""Locks within libraries that a fork would copy while they are held."""

from __future__ import annotations

import os
import threading


def fork_safe_lock() -> threading.Lock:
    """
    Return a lock to hold while a library is used that has locks of its own.

    A fork waits for it. Else the child could get a copy of a library's lock that is held by a thread which the child
    does not have, and wait for it for ever.
    """
    lock = threading.Lock()
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock
