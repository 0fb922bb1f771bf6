"""Every command of the page for whoever runs the service works as it stands there, one after the other."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from arrisk.cli.app import app
from arrisk.config import Settings, name_variable
from arrisk.store import connect, locate
from arrisk.store.tables import SIGN_INS
from tests.syntax import ROOT

PAGE = (ROOT / "docs" / "users" / "running.md").read_text(encoding="utf-8")
# These wait for a person, or for requests.
ASKING = ("user add", "serve")


def list_commands():
    """List the commands of the page with the variables before them, in their order."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    lines = [line for language, block in blocks if not language for line in block.splitlines()]
    words = [shlex.split(line) for line in lines]
    return [(dict(one.split("=", 1) for one in words[: words.index("arrisk")]), words[words.index("arrisk") + 1 :])
            for words in words]  # fmt: skip


@pytest.mark.slow
def test_every_command_of_the_page_works(arrisk, arrisk_home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = {"sign_in_id": "1", "login_sha256": "x", "at": "2001-01-01T00:00:00+00:00"}
    ran = []
    for variables, words in list_commands():
        text = " ".join(words)
        if text.startswith(ASKING):
            assert CliRunner().invoke(app, [*words[:2][: 1 if words[0] == "serve" else 2], "--help"]).exit_code == 0
            continue
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            found = arrisk(*words)
        assert found.code == 0, (text, found.err, found.out)
        ran.append(words[0])
        if text == "db upgrade":
            database = connect(locate(arrisk_home))
            with database.write() as connection:
                connection.execute(SIGN_INS.insert().values(**old))
            database.close()
    assert ran == ["db", "backup", "restore", "restore", "audit", "archive", "archive", "archive", "archive"]


def test_every_setting_and_metric_of_the_page_is_one():
    settings = {name_variable(name) for name in Settings.model_fields}
    assert set(re.findall(r"ARRISK_[A-Z_]*[A-Z]", PAGE)) <= settings
    metrics = (ROOT / "api" / "metrics.py").read_text(encoding="utf-8")
    named = re.findall(r"`(arrisk_[a-z_]+)`", PAGE)
    assert named
    assert [name for name in named if f'"{name.removesuffix("_total")}"' not in metrics] == []
