"""
How much memory an upload of 100 MB takes: the process that uploads must not grow with the file.

Its peak is read before and after, in a new process, while a server on loopback swallows the file;
``make bench`` runs this, which fails if the peak grows by more than it may.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr

from airflow_provider_whatsapp.client.client import WhatsAppClient
from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.models.media import MediaFile
from benchmarks.loopback import running_server

MB = 1024 * 1024
SIZE = 100 * MB
MOST = 16 * MB


def growth(url: str, path: Path) -> int:
    """Upload a file, and return the bytes by which this process's peak has grown."""
    client = WhatsAppClient(
        ClientConfig(api_key=SecretStr("key"), base_url=url, phone_number_id="1")
    )
    # Connection and models are there before anything is measured.
    small = b"log"
    client.media.upload(_described("small.txt", len(small)), io.BytesIO(small))
    before = _peak()
    with path.open("rb") as content:
        client.media.upload(_described(path.name, path.stat().st_size), content)
    return _peak() - before


def main() -> None:
    """Measure in a new process, whose peak is not that of anything before."""
    with tempfile.TemporaryDirectory() as folder, running_server() as url:
        path = Path(folder) / "log.txt"
        with path.open("wb") as file:
            file.truncate(SIZE)
        command = [sys.executable, "-m", "benchmarks.upload", url, str(path)]
        grown = int(
            subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        )
    print(
        f"Peak memory of an upload of {SIZE // MB} MB: {grown / MB:.1f} MB more than before; {MOST // MB} MB allowed"
    )
    if grown > MOST:
        sys.exit("The upload takes more memory than it may")


def _described(name: str, size: int) -> MediaFile:
    return MediaFile(name=name, mime_type="text/plain", size=size)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(growth(sys.argv[1], Path(sys.argv[2])))
    else:
        main()
