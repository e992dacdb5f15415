from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.rate_limit.gcra import Operation, Rate
from airflow_provider_whatsapp.client.rate_limit.limiter import RateLimiter
from airflow_provider_whatsapp.client.rate_limit.sqlite import SqliteStore
from airflow_provider_whatsapp.models.json_values import encode_json
from tests.threads import LIMIT, running_program

RATE = Rate.per_second(10)
# Acquires slots as fast as it can, and prints the milliseconds until each.
WORKER = """
import json, sys
from pathlib import Path
from airflow_provider_whatsapp.client.rate_limit.sqlite import SqliteStore
from airflow_provider_whatsapp.client.rate_limit.gcra import Operation, Rate
store = SqliteStore(Path(sys.argv[1]), clock=lambda: 1000.0)
sys.stdin.readline()
print(json.dumps([store.update(Operation.ACQUIRE, "a", Rate.per_second(100)) for _ in range(50)]))
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "buckets"


@pytest.fixture
def store(folder):
    return SqliteStore(folder, clock=lambda: 1000.0)


def test_processes_share_it(folder):
    """Processes that open the file at the same time get one slot each, and no slot twice."""
    command = [sys.executable, "-c", WORKER, str(folder)]
    with ExitStack() as programs:
        start = partial(
            running_program, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        workers = [programs.enter_context(start()) for _ in range(4)]
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        waits = [
            wait
            for worker in workers
            for wait in json.loads(worker.communicate(timeout=60)[0])
        ]
    assert len(waits) == 200
    assert all(10 <= after - before <= 11 for before, after in pairwise(sorted(waits)))


def test_pauses_are_shared(store, folder):
    """A pause of one process delays the others."""
    store.update(Operation.PAUSE, "a", RATE, 5000)
    other = SqliteStore(folder, clock=lambda: 1001.0)
    assert (
        other.update(Operation.PEEK, "a", RATE),
        other.update(Operation.ACQUIRE, "a", RATE),
    ) == (4000, 4000)
    assert other.update(Operation.ACQUIRE, "b", RATE) == 0


def test_wall_clock(folder):
    """Its time is that of the machine, which processes agree on."""
    SqliteStore(folder).update(Operation.PAUSE, "a", RATE, 5000)
    assert (
        4000
        < SqliteStore(folder, clock=time.time).update(Operation.PEEK, "a", RATE)
        <= 5000
    )


def test_in_the_temp_folder(tmp_path, monkeypatch):
    """The file is in the user's own folder within the temp folder, which other users cannot read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    SqliteStore().update(Operation.ACQUIRE, "a", RATE)
    folder = tmp_path / f"airflow-provider-whatsapp-{os.geteuid()}"
    assert [path.name for path in folder.iterdir() if path.suffix == ".sqlite3"] == [
        "rate-limit.sqlite3"
    ]
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o701, 0o720], ids=oct)
def test_folder_of_others(store, folder, mode):
    """Nothing is kept in a folder that other users can read or write."""
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(PermissionError, match="not a folder of this user's alone"):
        store.update(Operation.ACQUIRE, "a", RATE)
    assert not list(folder.iterdir())


def test_no_link_is_followed(store, folder, tmp_path):
    """A link in the folder's place is not followed."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        store.update(Operation.ACQUIRE, "a", RATE)


def test_broken_file(store, folder):
    """A broken file is given up, and the next step makes a new one."""
    folder.mkdir(mode=0o700)
    (folder / "rate-limit.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises((sqlite3.Error, OSError)):
        store.update(Operation.ACQUIRE, "a", RATE)
    assert [store.update(Operation.ACQUIRE, "a", RATE) for _ in range(2)] == [0, 102]


def test_removed_file(store, folder):
    """When the file is deleted, all processes share a new one."""
    store.update(Operation.ACQUIRE, "a", RATE)
    (folder / "rate-limit.sqlite3").unlink()
    assert (
        SqliteStore(folder, clock=lambda: 1000.0).update(Operation.ACQUIRE, "a", RATE) == 0
    )
    assert store.update(Operation.ACQUIRE, "a", RATE) == 102


def test_busy_file(store, folder):
    """A file that another process keeps locked is not waited for without end."""
    store.update(Operation.ACQUIRE, "a", RATE)
    other = sqlite3.connect(folder / "rate-limit.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises((sqlite3.Error, OSError)):
        store.update(Operation.ACQUIRE, "a", RATE)
    other.close()
    assert time.monotonic() - begun < LIMIT
    assert store.update(Operation.ACQUIRE, "a", RATE) == 102


def test_forgets(folder):
    """Buckets without a call for a minute are deleted now and then."""
    now = [1000.0]
    store = SqliteStore(folder, clock=lambda: now[0])
    for number in range(500):
        store.update(Operation.ACQUIRE, f"old-{number}", RATE)
    now[0] += 61
    for _ in range(501):
        store.update(Operation.ACQUIRE, "new", RATE)
    with sqlite3.connect(folder / "rate-limit.sqlite3") as connection:
        assert connection.execute("SELECT key FROM bucket").fetchall() == [("new",)]
    connection.close()


def test_what_is_stored(store, folder, key, phone):
    """The file holds neither the key nor a phone number."""
    config = ClientConfig(api_key=key, requests_per_second=100)
    call = Call(
        method="POST",
        path="1/messages",
        json=encode_json({"text": "Hello Ada"}),
        sender="106540352242922",
        recipient=phone,
    )
    RateLimiter(config, store).acquire(call, lambda _: None)
    content = b"".join(path.read_bytes() for path in Path(folder).iterdir())
    assert not [
        secret
        for secret in (key, phone, "106540352242922", "Ada")
        if secret.encode() in content
    ]
