"""Runs a life against an installation, or one started for it, and says at the end what the books hold."""
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from installation.importing import server
from installation.owner import own
from installation.up import Installation
from services.gold_trade import season_table
from shared.config import SERVICES, Config
from shared.errors import Unavailable

from . import show
from .kept import Kept
from .life import Told, whole
from .plan import Plan
from .sending import Sender, patiently
from .watch import Watch

START_S = 90.0


class _Rate(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def run(config: Config, plan: Plan, workers: Mapping[str, int], as_json: bool) -> int:
    """0 if both ledgers and all societies' books are even and every view had caught up in time. Raises Conflict, InUse, Unavailable, Refused."""
    console = Console(stderr=True, quiet=as_json)
    config = replace(config, kind="synthetic", rate_per_s=0)
    kept = Kept.open(config.var, plan)
    with _installation(config, workers, lambda text: console.print(text, highlight=False)), Watch(config) as watch:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        with Progress(*columns, console=console, disable=as_json, speed_estimate_period=20) as progress:
            def stages(what: str, total: int) -> Callable[[int], None]:
                task = progress.add_task(what, total=total)
                return lambda n: progress.advance(task, n)

            sender = Sender(config, plan.seed)
            told = whole(kept.plan, sender, kept, watch, stages)
        found = outcome(plan, told, watch, sender)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1), flush=True)
    else:
        show.outcome(found, Console())
    return 0 if found["right"] else 1


@contextmanager
def _installation(config: Config, workers: Mapping[str, int], say: Callable[[str], None]) -> Iterator[None]:
    """The one that answers there, or one started for this: on the servers given, else in one process."""
    if server.answers(config) or config.embedded:
        with server.running(config, say):
            yield
        return
    with own(config), Installation(config, say=say, workers=workers):
        patiently(lambda: _all_answer(config))
        yield


def _all_answer(config: Config) -> None:
    if not all(server.answers(config, name) for name in SERVICES):
        raise Unavailable("the services are still starting")


def outcome(plan: Plan, told: Told, watch: Watch, sender: Sender) -> dict[str, Any]:
    """What is in the books, and whether that is right."""
    gold = watch.services["gold_trade"]
    lines = season_table.lines(gold, season_table.YEAR if plan.last.year > plan.first.year else season_table.MONTH)
    off, bar = season_table.off(gold), season_table.some_bar(gold)
    origin = sender.client().get("gold_trade", f"/gold/v1/lots/{bar}/origin") if bar else None
    in_books = season_table.total(lines).receipts
    trouble = [*told.trouble, *(f"off by {mg} {of}" for of, mg in off.items() if mg)]
    if in_books != plan.receipts:
        trouble.append(f"{in_books:,} receipts in the books, not {plan.receipts:,}")
    return {"accepted": told.accepted, "known": told.known, "in_books": in_books, "rate_per_s": round(told.rate) if told.rate else None,
            "sending_s": round(told.seconds, 1), "caught_up_s": round(told.caught_up_s, 1) if told.caught_up_s is not None else None,
            "off": off, "bar": show.traced(origin), "season": season_table.told(lines), "trouble": trouble, "right": not trouble}
