"""A little history for the restore tests."""
from shared.application import Meta, New, handle
from shared.event import Actor
from shared.service import Service


def fill(service: Service, count: int, prefix: str = "n") -> None:
    for n in range(count):
        key = f"{prefix}{n}"
        meta = Meta(actor=Actor("tester", "officer"), client="tester", key=key, digest=key, correlation=key)
        handle(service.log, meta, [f"x/{key}"], lambda h, key=key: [New(f"x/{key}", "membership.Told", {"said": key})])
