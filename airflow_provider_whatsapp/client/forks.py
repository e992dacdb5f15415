"""A lock that keeps a fork from copying the locks of a library while a thread holds them."""

from __future__ import annotations

import os
import threading


def fork_safe_lock() -> threading.Lock:
    """
    Return a lock to hold while code uses a library that has locks of its own.

    A fork waits for it. Otherwise the child could get a copy of the library's lock that a thread of the parent holds,
    and would wait for it without end.
    """
    lock = threading.Lock()
    os.register_at_fork(
        before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
    )
    return lock
