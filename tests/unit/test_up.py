"""Which processes an installation has, and what each is told."""
import pytest

from installation.up import Installation, workers_of
from shared.config import SERVICES, Config
from shared.edge.http_messages import Limits
from shared.edge.web_server import Site
from shared.errors import BadRequest
from tests.servers import free_port


def test_one_process_a_role_unless_a_service_has_more() -> None:
    names = [c.name for c in Installation(Config(database="postgresql://x/y"), workers={"gold_trade": 2}).children]
    assert len(names) == len(set(names)) == 3 * len(SERVICES) + 1 and {"gold_trade api", "gold_trade api 2"} <= set(names)


def test_those_of_one_service_share_its_port_and_have_metrics_of_their_own() -> None:
    config = Config(database="postgresql://x/y", port=8000, metrics_port=9100)
    children = Installation(config, workers={"gold_trade": 3}).children
    apis = [c for c in children if (c.service, c.role) == ("gold_trade", "api")]
    assert {c.config.port_of("gold_trade") for c in apis} == {8002} and all(c.config.share_port for c in apis)
    told = [c.config.metrics_port_of(c.service, c.role) for c in children]
    assert len(set(told)) == len(told) and apis[1].config.metrics_port_of("gold_trade", "api") == apis[0].config.metrics_port_of("gold_trade", "api") + 12
    assert not any(c.config.share_port for c in children if c not in apis)


def test_workers_are_told_as_service_and_number() -> None:
    assert workers_of(["gold_trade=2", "reporting=1"]) == {"gold_trade": 2, "reporting": 1}
    for wrong in ("gold=2", "gold_trade", "gold_trade=0", "gold_trade=x", "gold_trade=17"):
        with pytest.raises(BadRequest, match="SERVICE=N"):
            workers_of([wrong])


def test_a_port_is_shared_only_by_those_who_are_told_to() -> None:
    address = ("127.0.0.1", free_port())
    first, second = (Site(address, 1, Limits(), shared=True) for _ in range(2))
    try:
        for site in (first, second):
            site.sock.listen(1)
        with pytest.raises(OSError):
            Site(address, 1, Limits())
    finally:
        first.sock.close()
        second.sock.close()
