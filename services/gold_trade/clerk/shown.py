"""From what the views hold to the HTML of the pages about metal."""
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from shared.edge import written
from shared.edge.page import templates

from . import amounts, words


@cache
def _environment() -> jinja2.Environment:
    made = templates(Path(__file__).parent / "templates")
    made.globals |= {"said": written.said, "words": words, "query": written.query, "percent": amounts.percent}
    made.filters |= {"day": written.day, "grams": amounts.grams, "per_mille": amounts.per_mille, "number": amounts.number}
    return made


def page(template: str, **content: Any) -> str:
    return _environment().get_template(template).render(**content)
