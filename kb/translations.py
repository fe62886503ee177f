"""Articles in other languages: articles/<language>/<slug>.md, each a translation of the English one."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import frontmatter
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kb.articles import FOLDER, PLACEHOLDER, Article, Facet
from kb.localfacts import sentences
from kb.markdown import links
from kb.problems import Problem

LONGEST_SUMMARY = 75  # words: most languages need more of them than English

_LOCAL_FACTS = Path(__file__).with_name("local-facts")


class TranslatedFront(BaseModel):
    """What stands above the body of a translation. Sources, owner and review date are those of the English article."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    translation: Literal["machine-drafted, awaiting review by a speaker", "reviewed by a speaker"]
    translated_on: date
    title: str = Field(max_length=80)
    summary: str
    facets: dict[Facet, str]


def read_translation(path: Path, english: Article) -> Article:
    """Read a translation. Raises ValueError (pydantic's or YAML's) where its front matter is not as the schema asks."""
    post = frontmatter.loads(path.read_text("utf-8"))
    front = TranslatedFront.model_validate(post.metadata)
    merged = english.front.model_copy(update={"title": front.title, "summary": front.summary, "facets": front.facets})
    return Article(english.slug, merged, post.content, awaits_review=front.translation != "reviewed by a speaker")


@cache
def _facts_in(language: str) -> dict[str, str]:
    path = _LOCAL_FACTS / f"{language}.yml"
    return yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}


def load_translations(language: str, english: Mapping[str, Article], given: Mapping[str, str | None]) -> dict[str, Article]:
    """Return the translations of a language by slug, filled with local facts: the service's own sentence, else the language's.

    `english` holds the articles as they stand in their files; `given` is what the service says of itself.
    """
    facts = sentences(dict(_facts_in(language)) | {key: text for key, text in given.items() if text})
    paths = sorted((FOLDER / language).glob("*.md"))
    return {path.stem: read_translation(path, english[path.stem]).with_local_facts(facts) for path in paths if path.stem in english}


def check_translations(english: Mapping[str, Article]) -> Iterator[Problem]:
    """Yield where a translation does not keep to its English article."""
    for path in sorted(FOLDER.glob("*/*.md")):
        where = f"{path.parent.name}/{path.stem}"
        if path.stem not in english:
            yield Problem(where, "there is no such article in English")
            continue
        try:
            yield from _check(where, read_translation(path, english[path.stem]), english[path.stem])
        except (ValidationError, ValueError) as error:
            yield Problem(where, f"the front matter cannot be read: {error}")


def _check(where: str, translated: Article, english: Article) -> Iterator[Problem]:
    if set(translated.front.facets) != set(english.front.facets):
        yield Problem(where, "it has other facets than the English article")
    if len(translated.steps) != len(english.steps):
        yield Problem(where, f"it has {len(translated.steps)} steps, the English article {len(english.steps)}")
    if sorted(links(translated.body)) != sorted(links(english.body)):
        yield Problem(where, "its links are not those of the English article")
    if sorted(PLACEHOLDER.findall(translated.body)) != sorted(PLACEHOLDER.findall(english.body)):
        yield Problem(where, "its placeholders are not those of the English article")
    if len(translated.summary.split()) > LONGEST_SUMMARY:
        yield Problem(where, f"the summary is longer than {LONGEST_SUMMARY} words")
