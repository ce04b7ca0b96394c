"""A client of many kept connections, in a process of its own, so that what it costs is not the server's.

python -m installation.bench.load reads a `Plan` as one line of JSON, prints `going`, and at the end what it saw; another line ends it early.
"""
import json
import selectors
import socket
import sys
import time
from collections import Counter, deque
from statistics import quantiles
from typing import Any, TypedDict

NUMBER = b"@NUMBER@"


class Plan(TypedDict):
    """`requests` are whole requests, sent in turns, in which NUMBER becomes eight digits that grow.

    Each client sends when its answer is there; with `a_second`, at even times, and waits are counted from those.
    """

    port: int
    clients: int
    seconds: float
    a_second: float
    requests: list[str]


def request(method: str, path: str, token: str, body: dict[str, Any] | None = None, key: str = "") -> str:
    """One for a `Plan`."""
    content = json.dumps(body) if body is not None else ""         # ASCII, so that its length is the number of its characters
    more = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if content else ""
    return (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}"
            f"{f'Authorization: Bearer {token}{chr(13)}{chr(10)}' if token else ''}{f'Idempotency-Key: {key}{chr(13)}{chr(10)}' if key else ''}\r\n{content}")


class _Client:
    """One connection: what is being received, and since when it is waited for."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.received = b""
        self.missing = -1              # bytes of the answer that are still to come; -1 before its head is there

    def send(self, content: bytes, since: float) -> None:
        self.since, self.received, self.missing = since, b"", -1
        self.sock.sendall(content)

    def receive(self) -> int:
        """The status when the answer is complete, else 0."""
        came = self.sock.recv(262_144)
        if not came:
            raise ConnectionError("the server hung up")
        self.received += came
        if self.missing < 0:
            head, found, body = self.received.partition(b"\r\n\r\n")
            if not found:
                return 0
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self.missing = int(length[15:]) - len(body)
        else:
            self.missing -= len(came)
        return int(self.received[9:12]) if self.missing == 0 else 0


def run(plan: Plan) -> dict[str, Any]:
    templates = [r.encode("ascii") for r in plan["requests"]]
    pace = plan["a_second"]
    waits: list[float] = []
    statuses: Counter[int] = Counter()
    with selectors.DefaultSelector() as ready:
        idle = deque(_Client(plan["port"]) for _ in range(plan["clients"]))
        for client in idle:
            ready.register(client.sock, selectors.EVENT_READ, client)
        ready.register(sys.stdin, selectors.EVENT_READ)
        print("going", flush=True)
        began, sent = time.perf_counter(), 0
        until = began + plan["seconds"]
        while (now := time.perf_counter()) < until or len(idle) < plan["clients"]:
            while idle and now < until and (not pace or began + sent / pace <= now):
                idle.popleft().send(templates[sent % len(templates)].replace(NUMBER, b"%08d" % sent), began + sent / pace if pace else now)
                sent += 1
            due = began + sent / pace if pace and idle and now < until else now + 0.1
            for key, _ in ready.select(max(0.0, due - now)):
                if key.data is None:
                    sys.stdin.readline()
                    ready.unregister(sys.stdin)
                    until = now
                elif status := key.data.receive():
                    waits.append(time.perf_counter() - key.data.since)
                    statuses[status] += 1
                    idle.append(key.data)
        seconds = time.perf_counter() - began
    cuts = quantiles(waits, n=100)
    return {"rate": len(waits) / seconds, "p50": round(1000 * cuts[49], 1), "p99": round(1000 * cuts[98], 1), "most": round(1000 * max(waits), 1),
            "answers": len(waits), "statuses": {str(s): n for s, n in statuses.items()}, "cpu": round(time.process_time() / seconds, 2)}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.stdin.readline()))), flush=True)
