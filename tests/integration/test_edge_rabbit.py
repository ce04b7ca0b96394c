"""The batch entrypoint over RabbitMQ: a broker that is late, restarts or drops the line costs neither message nor order."""
from tests.integration.test_edge_batch import PACKED, Taker
from tests.proxy import Proxy
from tests.servers import Rabbit


def test_order_is_kept_over_a_failure_a_cut_line_and_a_killed_broker(rabbit: Rabbit) -> None:
    rabbit.start()
    uri = rabbit.new_vhost()
    proxy = Proxy(rabbit.port)
    taker = Taker(uri.replace(str(rabbit.port), str(proxy.port)))
    try:
        taker.until(lambda: taker.empty)
        taker.say(fail=2)
        taker.say(publish=100)
        taker.until(lambda: len(taker.accepted) >= 100)
        assert taker.accepted == taker.numbers(100)
        taker.say(sleep=0.3)
        taker.say(publish=60)
        taker.until(lambda: {"published": 60} in taker.told and len(taker.accepted) >= 110)
        proxy.cut()                    # what was not acknowledged comes again
        taker.say(sleep=0.0)
        taker.until(lambda: taker.accepted[-1:] == ["160"], 20)
        assert taker.empty >= 2, "a new connection looks for what was missed"
        rabbit.kill()
        rabbit.start()
        empty = taker.empty
        taker.until(lambda: taker.empty > empty, 30)
        taker.say(publish=30)
        taker.until(lambda: taker.accepted[-1:] == ["190"], 30)
        first_seen = list(dict.fromkeys(taker.accepted))
        assert first_seen == taker.numbers(190)
        taker.say(stop=True)
        taker.until(lambda: "stopped" in taker.told[-1])
        assert taker.told[-1]["stopped"] < 5
    finally:
        taker.end()


def test_bodies_are_bytes_whatever_their_labels_say(rabbit: Rabbit) -> None:
    rabbit.start()
    taker = Taker(rabbit.new_vhost())
    try:
        taker.say(publish=1, body=PACKED.decode("latin-1"), headers={"compression": "application/x-gzip"}, content_encoding="gzip")
        taker.say(publish=1, body="h\xe9\x00\x00", content_encoding="utf-16")
        taker.say(publish=1, body="x" * 2_000_000)
        taker.until(lambda: len(taker.accepted) >= 3, 20)
        assert "h\xe9\x00\x00" in taker.accepted
        assert sorted(taker.sizes) == sorted([len(PACKED), 4, 2_000_000])
    finally:
        taker.end()
