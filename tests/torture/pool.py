# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that do the same for one thing after the other."""

from concurrent.futures import ThreadPoolExecutor


class Pool(ThreadPoolExecutor):
    """If what uses it fails, what has not begun is not begun any more."""

    def __exit__(self, kind, *_):
        self.shutdown(cancel_futures=kind is not None)
