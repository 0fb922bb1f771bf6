"""The port that several processes share."""

import socket
from contextlib import closing

import uvicorn

from api.server import bind


def test_what_is_written_to_a_connection_of_a_shared_port_is_sent_at_once():
    with closing(bind(uvicorn.Config("api.server:make_app", host="127.0.0.1", port=0))) as shared:
        shared.listen()
        with closing(socket.create_connection(shared.getsockname())):
            taken, _ = shared.accept()
            with closing(taken):
                assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
