"""Answers kept for as long as what they were made of stands still."""
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MOST = 256


class Kept:
    """Answers by their parameters and by the positions of all they depend on; the least recently asked for goes first.

    Positions only grow: an answer made after they were read is at least as new as its key, and nobody asks for an older key.
    Of many who ask for the same at once, one makes the answer.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def answer(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        lock = self._making.setdefault(key, threading.Lock())
        with lock:
            if key in self._answers:
                return self._answers[key]
            try:
                made = self._answers[key] = make()
                while len(self._answers) > self.most:
                    self._answers.popitem(last=False)
                return made
            finally:
                self._making.pop(key, None)
