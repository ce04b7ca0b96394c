"""What a simulation keeps in its `var/`: which life it is, and which months of it are over."""
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared.errors import Conflict
from shared.files import replace

from .plan import Plan

NAME = "simulation.json"


class Kept:
    def __init__(self, var: Path, plan: Plan, told: dict[str, Any]) -> None:
        self.path, self.plan, self._told = var / NAME, plan, told

    @classmethod
    def open(cls, var: Path, plan: Plan) -> "Kept":
        """The one that is there, with the devices' clocks of its beginning, or a new one. Raises Conflict for another life in this place."""
        path = var / NAME
        told: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"plan": _plain(plan), "done": []}
        if {**told["plan"], "began": ""} != {**_plain(plan), "began": ""}:
            raise Conflict(f"{path} holds another life: {told['plan']}", rule="the same options again, or another --var")
        kept = cls(var, Plan(**{**asdict(plan), "began": told["plan"]["began"]}), told)
        kept._write()
        return kept

    def done(self, step: str) -> bool:
        return step in self._told["done"]

    def finish(self, step: str) -> None:
        self._told["done"].append(step)
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace(self.path, json.dumps(self._told, indent=1).encode(), 0o600)


def _plain(plan: Plan) -> dict[str, Any]:
    return {k: v if isinstance(v, int) else str(v) for k, v in asdict(plan).items()}
