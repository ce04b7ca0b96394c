"""Answers kept for as long as what they were made of stands still."""
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, NamedTuple

logger = logging.getLogger("sanu.http")
MOST = 256


class Made(NamedTuple):
    """An answer, and where all it depends on stood before it was made."""

    at: Hashable
    answer: Any
    begun: int                         # which of the moments of `Kept`
    ended: float                       # by the monotonic clock


class _Question:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: Made | None = None
        self.renewing = False


class Kept:
    """The newest answer to each question, with the positions of all it depends on; the question least recently asked goes first.

    Positions only grow: an answer made after they were read is at least as new as they are.
    One at a time makes the answer, however many ask. While positions move faster than answers are made, those who come meanwhile
    share the next one: each gets an answer begun after asking.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._questions: OrderedDict[Hashable, _Question] = OrderedDict()
        self._mutex = threading.Lock()
        self._moments = count()

    def answer(self, what: Hashable, at: Hashable, make: Callable[[], Any]) -> Any:
        """The answer to `what`, as of positions `at` or later."""
        return self._made(self._question(what), at, make).answer

    def recent(self, what: Hashable, at: Callable[[], Hashable], make: Callable[[], Any], young_s: float, old_s: float) -> Made:
        """An answer for who needs none that is as of now; its own `at` says of when it is.

        One made less than `young_s` ago; or one less than `old_s` old, while it is made anew beside.
        """
        question = self._question(what)
        made = question.made
        if made is None or (age := time.monotonic() - made.ended) >= old_s:
            return self._made(question, at(), make)
        if age >= young_s and not question.renewing:
            question.renewing = True
            threading.Thread(target=self._renew, args=(question, at, make), daemon=True).start()
        return made

    def _renew(self, question: _Question, at: Callable[[], Hashable], make: Callable[[], Any]) -> None:
        try:
            self._made(question, at(), make)
        except Exception as e:             # who asks when the old one is too old meets it
            logger.warning("an answer could not be made anew: %r", e)
        finally:
            question.renewing = False

    def _made(self, question: _Question, at: Hashable, make: Callable[[], Any]) -> Made:
        if question.made and question.made.at == at:
            return question.made
        asked = next(self._moments)
        with question.lock:
            if not question.made or (question.made.at != at and question.made.begun < asked):
                begun = next(self._moments)
                question.made = Made(at, make(), begun, time.monotonic())
            return question.made

    def _question(self, what: Hashable) -> _Question:
        with self._mutex:
            question = self._questions.setdefault(what, _Question())
            self._questions.move_to_end(what)
            while len(self._questions) > self.most:
                self._questions.popitem(last=False)
            return question
