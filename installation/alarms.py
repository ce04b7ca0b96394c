"""What in an installation's condition asks for attention, in French and English, the gravest first."""
from collections.abc import Iterator
from typing import Any

FREE_PERCENT, FREE_BYTES = 10, 1_000_000_000
RELAY_S, VIEW_EVENTS, DUE = 60, 5_000, 100
STOP, WARN = "stop", "warn"            # something stands still; something will, or should be looked at
Alarm = dict[str, str]


def alarms(state: dict[str, Any], silence_s: float = 90.0) -> list[Alarm]:
    found = [alarm for name, service in state["services"].items() for alarm in _service(name, service, silence_s)]
    return sorted([*found, *_disk(state["disk"])], key=lambda a: (a["level"] != STOP, a["service"]))


def _alarm(level: str, service: str, fr: str, en: str) -> Alarm:
    return {"level": level, "service": service, "fr": fr, "en": en}


def _service(name: str, s: dict[str, Any], silence_s: float) -> Iterator[Alarm]:
    if not s.get("answers", True):
        yield _alarm(STOP, name, f"{name} ne répond pas.", f"{name} does not answer.")
    if "unreadable" in s:
        yield _alarm(STOP, name, f"L'état de {name} n'est pas lisible : {s['unreadable']}", f"The state of {name} cannot be read: {s['unreadable']}")
        return
    if s.get("read_only"):
        yield _alarm(STOP, name, f"{name} n'accepte pas de commandes : {s['read_only']}", f"{name} takes no commands: {s['read_only']}")
    for view, v in {**s["views"], **s["processes"]}.items():
        if v["stopped_at"]:
            yield _alarm(STOP, name, f"La vue {view} est arrêtée à l'événement {v['stopped_at']} : {v['why']}",
                         f"The view {view} stopped at event {v['stopped_at']}: {v['why']}")
        elif v["behind"] >= VIEW_EVENTS:
            yield _alarm(WARN, name, f"La vue {view} a {v['behind']} événements de retard.", f"The view {view} is {v['behind']} events behind.")
        if v.get("due", 0) >= DUE:
            yield _alarm(WARN, name, f"{v['due']} actes de {view} attendent.", f"{v['due']} acts of {view} are waiting.")
    yield from _traffic(name, s, silence_s)


def _traffic(name: str, s: dict[str, Any], silence_s: float) -> Iterator[Alarm]:
    if s["relay"]["behind"] and s["relay"]["seconds"] >= RELAY_S:
        n, seconds = s["relay"]["behind"], s["relay"]["seconds"]
        yield _alarm(WARN, name, f"{n} événements attendent depuis {seconds} s d'être publiés.", f"{n} events have waited {seconds} s to be published.")
    for source, i in s["inbox"].items():
        if i["stopped"]:
            yield _alarm(STOP, name, f"{name} n'écoute plus {source} : {i['stopped']}", f"{name} no longer listens to {source}: {i['stopped']}")
        elif s.get("answers", True) and (i["seconds"] is None or i["seconds"] > 3 * silence_s):
            yield _alarm(WARN, name, f"{name} n'a plus entendu {source} depuis longtemps.", f"{name} has not heard {source} for long.")
    if s["dead_letters"]:
        n = s["dead_letters"]
        yield _alarm(WARN, name, f"{n} message(s) refusé(s) attendent une décision.", f"{n} dead letter(s) wait for a decision.")


def _disk(disk: dict[str, int]) -> Iterator[Alarm]:
    if disk["free_bytes"] < FREE_BYTES or disk["free_percent"] < FREE_PERCENT:
        level = STOP if disk["free_bytes"] < FREE_BYTES / 10 else WARN
        yield _alarm(level, "", f"Il reste {disk['free_percent']} % du disque ({disk['free_bytes'] // 10**6} Mo).",
                     f"{disk['free_percent']} % of the disk is left ({disk['free_bytes'] // 10**6} MB).")
