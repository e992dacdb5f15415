"""The promises of `make demo`."""

import signal
import subprocess
import sys
import time

import psutil
import pytest


def demo(folder, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "demo", "--folder", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def left_running(folder):
    """Processes whose Airflow home, or whose output, is below the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            described = f"{process.environ().get('AIRFLOW_HOME')} {process.cmdline()}"
            files = " ".join(file.path for file in process.open_files())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if str(folder) in described + files and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def until(condition, what):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.mark.parametrize("moment", ["sandbox", "db-migrate", "api-server", "triggerer"])
def test_ctrl_c_leaves_nothing_behind(tmp_path, moment):
    """Interrupted at the start of any of its programs, the demo ends all of them and says so."""
    folder = tmp_path / "demo"
    running = demo(folder)
    until((folder / f"{moment}.log").exists, f"{moment} to start")
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=90)
    assert running.returncode == 130, output
    assert "Interrupted" in output
    assert left_running(folder) == []


def test_a_kept_demo_can_be_ended(tmp_path):
    """The demo shows the message that arrived; what --keep leaves running, --stop ends."""
    folder = tmp_path / "demo"
    kept = demo(folder, "--keep")
    output, _ = kept.communicate(timeout=240)
    try:
        assert kept.returncode == 0, output
        assert "What WhatsApp got" in output
        assert '"to": "1650•••1234"' in output
        assert "make stop" in output
        assert len(left_running(folder)) >= 5
    finally:
        stopped, _ = demo(folder, "--stop").communicate(timeout=90)
    assert "Ended 5 programs" in stopped
    assert left_running(folder) == []
