"""Outputs appear whole or not at all: real kills, a real full disk, places that really cannot be written."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arrisk.errors import OutputError
from arrisk.ingest.atomic import PARTIAL, REPLACED, atomic_file, atomic_folder

_ROOT = Path(__file__).parents[2]
_WAIT = "print('ready', flush=True); import time; time.sleep(60)"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _start_writer(code: str) -> subprocess.Popen:
    writer = subprocess.Popen(
        [sys.executable, "-c", f"from pathlib import Path\nfrom arrisk.ingest.atomic import *\n{code}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    assert writer.stdout.readline() == "ready\n"
    return writer


def _kill(writer: subprocess.Popen) -> None:
    writer.send_signal(signal.SIGKILL)
    writer.wait(timeout=30)
    writer.stdout.close()


def test_a_file_appears_whole_and_alone(tmp_path):
    with atomic_file(tmp_path / "out.json") as partial:
        partial.write_text("{}")
        assert not (tmp_path / "out.json").exists()
    assert _names(tmp_path) == ["out.json"]


def test_a_failed_block_leaves_the_older_file_as_it_was(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("older")
    with pytest.raises(ZeroDivisionError), atomic_file(target) as partial:
        partial.write_text(f"half {1 / 0}")
    assert target.read_text() == "older"
    assert _names(tmp_path) == ["out.json"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    usual = tmp_path / "usual"
    usual.touch()
    with atomic_file(tmp_path / "ours") as partial:
        partial.write_text("")
    assert (tmp_path / "ours").stat().st_mode == usual.stat().st_mode


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("older")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with atomic_file(tmp_path / "link.txt") as partial:
        partial.write_text("newer")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "newer"


def test_a_killed_file_writer_leaves_nothing_under_the_name(tmp_path):
    target = str(tmp_path / "out.csv")
    code = f"with atomic_file(Path({target!r})) as partial: partial.write_text('half'); {_WAIT}"
    _kill(_start_writer(code))
    assert not (tmp_path / "out.csv").exists()
    assert len(list(tmp_path.glob(f"{PARTIAL}*"))) == 1
    with atomic_file(tmp_path / "out.csv") as partial:
        partial.write_text("whole")
    assert _names(tmp_path) == ["out.csv"]


def test_a_killed_folder_writer_leaves_nothing_under_the_name_and_the_next_run_cleans_up(tmp_path):
    target = str(tmp_path / "book")
    code = f"with atomic_folder(Path({target!r})) as p: (p / 'invoices.csv').write_text('half'); {_WAIT}"
    _kill(_start_writer(code))
    assert not (tmp_path / "book").exists()
    with atomic_folder(tmp_path / "book") as partial:
        (partial / "invoices.csv").write_text("whole")
    assert _names(tmp_path) == ["book"]
    assert (tmp_path / "book" / "invoices.csv").read_text() == "whole"


def test_a_living_neighbour_is_not_cleaned_away(tmp_path):
    target = str(tmp_path / "out.csv")
    code = f"with atomic_file(Path({target!r})) as partial: partial.write_text('his'); {_WAIT}"
    neighbour = _start_writer(code)
    try:
        with atomic_file(tmp_path / "out.csv") as partial:
            partial.write_text("ours")
        assert [path.read_text() for path in tmp_path.glob(f"{PARTIAL}*")] == ["his"]
    finally:
        _kill(neighbour)


def test_a_folder_moved_aside_by_a_killed_run_comes_back(tmp_path):
    aside = tmp_path / f"{REPLACED}book-0123abcd"
    aside.mkdir()
    (aside / "invoices.csv").write_text("the only copy")
    with pytest.raises(OutputError, match="not empty"), atomic_folder(tmp_path / "book"):
        pass
    assert (tmp_path / "book" / "invoices.csv").read_text() == "the only copy"
    assert _names(tmp_path) == ["book"]


def test_replacing_a_folder_takes_all_of_the_old_one_away(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "old.csv").write_text("old")
    with atomic_folder(tmp_path / "book", may_replace=True) as partial:
        (partial / "new.csv").write_text("new")
        assert (tmp_path / "book" / "old.csv").exists()
    assert _names(tmp_path) == ["book"]
    assert _names(tmp_path / "book") == ["new.csv"]


def test_a_folder_with_something_in_it_is_not_touched(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"), atomic_folder(tmp_path) as partial:
        (partial / "new.csv").write_text("new")
    assert _names(tmp_path) == ["precious.txt"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere/out.json", "there is no such folder to write to .*mkdir -p"),
        ("plain.txt/out.json", "there is no such folder to write to .*a path whose parts are all folders"),
        ("folder", "the output is a folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_explained(tmp_path, path, message):
    (tmp_path / "plain.txt").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=message), atomic_file(tmp_path / path) as partial:
        partial.write_text("x")
    assert _names(tmp_path) == ["folder", "plain.txt"]


@pytest.mark.parametrize("writer", [atomic_file, atomic_folder])
def test_a_read_only_place_is_explained(writer):
    # The kernel's own file system refuses everybody, the superuser too.
    with pytest.raises(OutputError, match="another folder"), writer(Path("/sys/kernel/arrisk-output")):
        pass


def test_a_pipe_is_written_directly():
    code = "with atomic_file(Path('/dev/stdout')) as out: out.write_text('{}')"
    program = f"from pathlib import Path\nfrom arrisk.ingest.atomic import atomic_file\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=_ROOT, check=True)
    assert done.stdout == b"{}"


def test_a_device_stays_a_device():
    with atomic_file(Path("/dev/null")) as out:
        out.write_text("x")
    assert Path("/dev/null").is_char_device()


def test_a_full_device_is_explained():
    with pytest.raises(OutputError, match="no space left"), atomic_file(Path("/dev/full")) as out:
        out.write_text("x")


def test_a_full_disk_is_explained_and_nothing_is_left(run_on_small_disk):
    printed = run_on_small_disk("""
from arrisk.errors import OutputError
from arrisk.ingest.atomic import atomic_file, atomic_folder
for make in (atomic_file, atomic_folder):
    try:
        with make(disk / "out") as partial:
            file = partial if partial.is_file() else partial / "invoices.csv"
            file.write_bytes(b"x" * 1_000_000)
    except OutputError as error:
        print(error.what, listdir(disk))
""")
    assert printed == "no space left to write the output []\n" * 2


def test_an_error_about_an_input_is_not_blamed_on_the_output(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_file(tmp_path / "out.json"):
        (tmp_path / "missing-input.csv").read_text()
