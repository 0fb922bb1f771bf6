"""Connections to a port of several processes are shared out among them."""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections import Counter
from contextlib import ExitStack, closing

import pytest

from api.shared_port import SharedPort

CONNECTIONS = 12


def tell_process(port: SharedPort) -> None:
    """Tell whoever connects which process has taken the connection, and keep it open."""

    async def serve() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(f"{os.getpid()}\n".encode())
            await writer.drain()
            await reader.read()
            writer.close()

        await (await asyncio.start_server(answer, sock=port)).serve_forever()

    asyncio.run(serve())


@pytest.fixture
def address():
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        port = stack.enter_context(SharedPort.take(socket.create_server(("127.0.0.1", 0))))
        port.setblocking(False)
        children = [context.Process(target=tell_process, args=(port,)) for _ in range(2)]
        for child in children:
            child.start()
            stack.callback(child.join)
            stack.callback(child.kill)
        yield port.getsockname()


def test_two_processes_share_the_connections_that_wait(address):
    with ExitStack() as stack:

        def connect():
            connection = stack.enter_context(closing(socket.create_connection(address, timeout=60)))
            connection.settimeout(60)
            return connection

        while len({connect().recv(100) for _ in range(4)}) < 2:
            pass  # until both are there
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGSTOP)
        waiting = [connect() for _ in range(CONNECTIONS)]
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGCONT)
        taken = Counter(one.recv(100) for one in waiting)
        assert len(taken) == 2
        assert min(taken.values()) >= CONNECTIONS / 4, taken


def test_a_port_gives_one_connection_at_a_time():
    with closing(SharedPort.take(socket.create_server(("127.0.0.1", 0)))) as port:
        port.setblocking(False)
        with pytest.raises(BlockingIOError):
            port.accept()
        clients = [socket.create_connection(port.getsockname()) for _ in range(2)]
        taken = [port.accept()[0]]
        with pytest.raises(BlockingIOError):
            port.accept()
        taken.append(port.accept()[0])
        with pytest.raises(BlockingIOError):
            port.accept()
        assert {one.getpeername() for one in taken} == {one.getsockname() for one in clients}
        for one in (*taken, *clients):
            one.close()
