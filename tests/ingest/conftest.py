"""Small files, and disks that are full or may not be written."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def write_file(tmp_path):
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def fixtures() -> Path:
    return Path(__file__).parent / "fixtures"


@pytest.fixture
def run_on_small_disk(tmp_path):
    """Give a function that runs Python code with a real `disk` of 256 kB and returns what it prints."""

    def run(code: str) -> str:
        disk = tmp_path / "disk"
        disk.mkdir()
        program = f"from pathlib import Path\nfrom os import listdir\ndisk = Path({str(disk)!r})\n{code}"
        mounted = f'mount -t tmpfs -o size=256k tmpfs "{disk}" && exec "$0" -c "$1"'
        command = ["unshare", "--mount", "--map-root-user", "sh", "-c", mounted, sys.executable, program]
        if subprocess.run(
            ["unshare", "--mount", "--map-root-user", "true"], capture_output=True, check=False
        ).returncode:
            # No right to mount: a limit on the size of files stops the writer in the same place.
            limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
            command = [sys.executable, "-c", limit + program]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=root, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
