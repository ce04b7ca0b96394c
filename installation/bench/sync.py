"""sync: receipts that devices recorded without network, signed, 500 in a request, to two API processes of gold_trade on one port."""
import json
import subprocess
import sys
import threading
import time
from statistics import median
from typing import Any

from installation.client import Client
from installation.simulation import houses, receipts
from installation.simulation.plan import Plan
from installation.up import Installation
from services.gold_trade.application import open_service
from shared import event
from shared.config import Config

from .http import serves
from .measure import Figure
from .place import Place
from .visible import ports, until

WORKERS, SENDERS = 2, 4
FLOOR = 1000
CATCH_UP_S = 60


def sync(place: Place) -> Figure:
    number = 10_000 if place.quick else 50_000
    config = Config(var=place.base / "sync", broker=place.rabbit.new_vhost(), database=place.postgres.new_database(), port=ports(), rate_per_s=0)
    plan = Plan.of_years(1, 1, number, 0, event.now())
    place.say(f"  signing {number:,} receipts ...")
    all_ = houses.planned(plan)
    book = receipts.Book(plan, all_, receipts.sellers(plan.seed, []))
    found = [r for month in plan.months for some in book.month(month).values() for r in some]
    bodies = [{"device": device.id, "records": [r.record(plan.began) for r in some]} for device, some in receipts.batches(found)]
    with Installation(config, ("gold_trade",), say=place.say, workers={"gold_trade": WORKERS}):
        until(lambda: all(serves(config, "gold_trade") for _ in range(20)), "both API processes")       # the kernel chooses which one answers
        loader = Client(config, "bench", "loader")
        for fact in houses.facts(plan, all_):
            loader.command("gold_trade", fact["command"], fact["body"], fact["id"])
        runs = [_run(place, config, bodies[n::3]) for n in range(3)]
        for run in runs:
            place.say(f"  {run['rate']:,.0f}/s, {run['cpu_ms']:.2f} ms of the sender's CPU each")
        seen = _caught_up(config)
    return Figure(ours=median(r["rate"] for r in runs), stock=None, ratio=None, unit="receipts/s", floor=FLOOR, runs=runs, note=(
        f"{number:,} receipts signed beforehand, 500 in a request, {SENDERS} senders, each request on a connection of its own; {WORKERS} API processes, inbox "
        f"and worker of gold_trade on PostgreSQL and RabbitMQ; all its views had them {seen:.1f} s after the last"))


def _run(place: Place, config: Config, bodies: list[dict[str, Any]]) -> dict[str, float]:
    """Sent by a process of its own, so that what that costs is not the server's. Raises AssertionError if a receipt was not recorded."""
    program = [sys.executable, "-P", "-W", "ignore", "-m", "installation.bench.sync"]
    process = subprocess.Popen(program, env=place.environment(config), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    out, _ = process.communicate(json.dumps(bodies))
    seen: dict[str, float] = json.loads(out)
    if process.returncode or seen["recorded"] != sum(len(body["records"]) for body in bodies):
        raise AssertionError(f"recorded: {seen}")
    return seen


def _caught_up(config: Config) -> float:
    """Seconds until all views stand where the log ends."""
    began = time.monotonic()
    service = open_service(config)
    try:
        head = service.log.head()
        while any(p.current().position < head for p in service.projections):
            if time.monotonic() - began > CATCH_UP_S:
                raise TimeoutError("gold_trade's views do not catch up")
            time.sleep(0.05)
    finally:
        service.close()
    return time.monotonic() - began


def main() -> None:
    """Reads bodies as JSON, sends them and prints what became of them."""
    from shared.config import from_environment
    config, bodies = from_environment(), iter(json.loads(sys.stdin.read()))
    lock, recorded = threading.Lock(), []

    def send() -> None:
        client = Client(config, "bench", "loader")
        while True:
            with lock:
                body = next(bodies, None)
            if body is None:
                return
            answer = client.request("POST", "gold_trade", "/gold/v1/sync", body)
            client.hang_up()
            recorded.append(sum(r["status"] == "recorded" for r in answer["results"]))

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    cpu, began = time.process_time(), time.monotonic()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    seconds, number = time.monotonic() - began, sum(recorded)
    print(json.dumps({"rate": round(number / seconds), "recorded": number, "cpu_ms": round(1000 * (time.process_time() - cpu) / number, 3)}))


if __name__ == "__main__":
    main()
