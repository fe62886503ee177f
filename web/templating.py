"""Pages and parts of pages, from templates that escape everything they are given."""

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from desk.clock import in_london
from desk.service import service
from desk.speech import spoken_day, spoken_time
from kb.wording import say

FOLDER = Path(__file__).with_name("templates")


def _lines(text: str) -> Markup:
    """Return plain text as paragraphs, and lines that begin with a dash as a list."""
    parts: list[Markup] = []
    items: list[Markup] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("- "):
            items.append(Markup("<li>{}</li>").format(line[2:]))
            continue
        if items:
            parts.append(Markup("<ul>{}</ul>").format(Markup("").join(items)))
            items = []
        if line.strip():
            parts.append(Markup("<p>{}</p>").format(line))
    return Markup("\n").join(parts)


def _moment(moment: datetime) -> str:
    local = in_london(moment)
    return f"{spoken_day(local.date())}, {spoken_time(local.time().replace(second=0, microsecond=0))}"


def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"lines": _lines, "moment": _moment, "escape": escape, "day": spoken_day}
    environment.globals |= {"say": say, "service": service}
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)
