"""What a user gets who installs the package instead of cloning the repository."""

import subprocess
import sys
import zipfile

import pytest

from tests.syntax import ROOT


@pytest.mark.slow
def test_a_wheel_holds_the_library_the_service_and_the_data_they_need(tmp_path):
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    [wheel] = tmp_path.glob("arrisk-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        path.relative_to(ROOT).as_posix()
        for folder in ("arrisk", "api")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    samples = {
        f"arrisk/sample_data/{path.relative_to(ROOT / 'data' / 'sample').as_posix()}"
        for path in (ROOT / "data" / "sample").rglob("*")
        if path.is_file()
    }
    assert samples
    assert expected | samples <= inside
