"""A TCP proxy of a test's own, which cuts the line to a server or lets it go silent."""
import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Proxy:
    """A TCP proxy before a local port, to cut the line, or to let it go silent, between a client and a server."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._passing = threading.Event()
        self._passing.set()
        self._sockets: set[socket.socket] = set()
        self._start(self._accept)

    def cut(self) -> None:
        """Drops every open connection; new ones are taken."""
        for each in list(self._sockets):
            self._drop(each)

    def hole(self) -> None:
        """Keeps and takes connections but passes nothing on, as a network that swallows packets."""
        self._passing.clear()

    def open(self) -> None:
        """Passes everything on again, what was held first."""
        self._passing.set()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept; close alone would not
        self._listener.close()
        self.cut()
        self._passing.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.add(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        try:
            self._passing.wait()
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            return self._drop(client)
        self._sockets.add(server)
        if client not in self._sockets:  # cut while we were connecting
            return self._drop(server)
        self._start(self._pump, server, client)
        self._pump(client, server)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._passing.wait()
                sink.sendall(data)
        self._drop(source)
        self._drop(sink)

    def _drop(self, connection: socket.socket) -> None:
        self._sockets.discard(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    @staticmethod
    def _start(work: Callable[..., None], *args: socket.socket) -> None:
        threading.Thread(target=work, args=args, daemon=True).start()
