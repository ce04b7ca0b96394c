"""A service that tells on stdout what its batch entrypoint gave it: `edge_batch.py BROKER SILENCE_S`, commands on stdin."""
import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

from eventlet import tpool  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402

from shared.broker import Confirms, connect, exchange, queue  # noqa: E402
from shared.config import Config  # noqa: E402
from shared.edge.batch_entrypoint import batch  # noqa: E402

state = {"fail": 0, "fail_empty": 0, "sleep": 0.0, "published": 0}
config = Config(broker=sys.argv[1], silence_s=float(sys.argv[2]))


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class Taker:
    name = "taker"

    @batch("taker", "giver", size=10)
    def take(self, source: str, messages: list[tuple[dict[str, Any], bytes]]) -> None:
        assert all(isinstance(body, bytes) for _, body in messages)
        kind = "fail" if messages else "fail_empty"
        failed = state[kind] > 0
        tell(took=[body.decode("latin-1")[:20] for _, body in messages], source=source, failed=failed,
             sizes=[len(body) for _, body in messages], headers=messages[0][0] if messages else {})
        eventlet.sleep(state["sleep"])
        if failed:
            state[kind] -= 1
            raise OSError("not now")


def publish(count: int, **how: Any) -> None:
    """Messages numbered on; `how` may hold body, headers, content_type and content_encoding as a hostile sender sets them."""
    body = how.pop("body", None)
    with connect(config) as connection:
        producer = connection.Producer()
        confirms = None if config.broker.startswith("memory") else Confirms(producer.channel)     # RabbitMQ may drop the last ones of a channel that closes
        for _ in range(count):
            if confirms:
                confirms.expect()
            state["published"] += 1
            text = f"{state['published']}" if body is None else body
            producer.publish(text.encode("latin-1"), exchange=exchange("giver"), routing_key="envelope", declare=[
                queue("taker", "giver")], **{"content_type": "application/json", "content_encoding": "binary", **how})
        if confirms:
            confirms.wait(10)
    tell(published=count)


def main() -> None:
    runner = ServiceRunner({"SANU": config, "max_workers": 64})
    runner.add_service(Taker)
    runner.start()
    tell(started=True)
    while line := tpool.execute(sys.__stdin__.readline):    # in a native thread: it blocks
        command = json.loads(line)
        if "publish" in command:
            eventlet.spawn_n(publish, command.pop("publish"), **command)
        elif "stop" in command:
            break
        else:
            state.update(command)
    begun = time.monotonic()
    runner.stop()
    tell(stopped=time.monotonic() - begun)


if __name__ == "__main__":
    main()
