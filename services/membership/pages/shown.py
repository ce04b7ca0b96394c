"""From what the views hold to the HTML of each page."""
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from services.membership.findings.spans import after
from shared.edge.page import templates
from shared.edge.written import query, said

from . import words
from .sentences import FOLLOWS, finding_text, miner_sentence, sentence


@cache
def _environment() -> jinja2.Environment:
    made = templates(Path(__file__).parent / "templates")
    made.globals |= {"said": said, "words": words, "query": query, "follows": FOLLOWS,
                     "finding_text": finding_text, "sentence": sentence, "miner_sentence": miner_sentence}
    made.filters |= {"day": words.day, "day_before": lambda day: after(day, -1)}
    return made


def linked(names: Mapping[str, str]) -> Any:
    """Makes links of slugs of organisations."""
    def link(slug: str) -> Markup:
        return Markup('<a href="/membership/organisations/{}">{}</a>').format(slug, names.get(slug, slug))
    return link


def page(template: str, **content: Any) -> str:
    return _environment().get_template(template).render(**content)


def pruned(roots: Sequence[dict[str, Any]], most: int) -> tuple[list[dict[str, Any]], bool]:
    """The tree with `most` nodes at most, the upper ones first; where children are left out, a node says `more`."""
    left = most
    cut = False

    def shown(nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        nonlocal left, cut
        kept = nodes[:max(left, 0)]
        cut = cut or len(kept) < len(nodes)
        left -= len(kept)
        return [{**node, "shown": [], "more": len(node["children"])} for node in kept]

    level = result = shown(roots)
    while level:
        following: list[dict[str, Any]] = []
        for node in level:
            if len(node["children"]) <= left:
                node["shown"] = shown(node["children"])
                node["more"] = 0
                following += node["shown"]
        level = following
    return result, cut or any(_cut(node) for node in result)


def _cut(node: dict[str, Any]) -> bool:
    return bool(node["more"]) or any(_cut(child) for child in node["shown"])
