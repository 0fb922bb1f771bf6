"""A service that is told to stop answers what is under way, and takes nothing new."""

import signal
import threading
import time

import httpx2
import pytest

from tests.soak.desk import prepare_people, sign_in
from tests.soak.harness import start_server

pytestmark = pytest.mark.slow


def test_a_request_under_way_is_answered_before_the_service_ends(settings, tmp_path):
    database = prepare_people(settings.database_url)
    log = tmp_path / "log.txt"
    server = start_server(settings, log)
    try:
        headers = sign_in(server.address, "otto")
        answers = []

        def ask():
            body = {"login": "slow", "display_name": "", "roles": ["collector"], "password": "four words are enough"}
            sent = {**headers, "Idempotency-Key": "slow-user-1"}
            answers.append(httpx2.post(f"{server.address}/v1/users", json=body, headers=sent, timeout=60).status_code)

        # Somebody else writes meanwhile, so that the request has to wait for the lock.
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE jobs SET share = 0 WHERE 1 = 0")
            if not database.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            thread = threading.Thread(target=ask)
            thread.start()
            time.sleep(1)
            server.process.terminate()
            time.sleep(1)
            assert server.process.is_alive()
            with pytest.raises(httpx2.TransportError):
                httpx2.get(f"{server.address}/health/live", timeout=5)
        thread.join()
        server.process.join(30)
        assert answers == [201], log.read_text()
        assert server.process.exitcode == -signal.SIGTERM
        assert '"stopped"' in log.read_text()
    finally:
        server.kill()
        database.close()
