"""The knowledge base: one Markdown file a topic, with its front matter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import frontmatter
import yaml
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from kb.markdown import plain_text, render_html, sections, steps_of

FOLDER = Path(__file__).with_name("articles")
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")

Facet = Literal["cost", "who", "how", "where", "when", "bring", "safety", "time"]


class Source(BaseModel):
    """A public page that supports what an article says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    url: HttpUrl
    checked: date


class FrontMatter(BaseModel):
    """What stands above the body of an article file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(max_length=60)
    summary: str
    facets: dict[Facet, str] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    owner: str
    review_by: date | None = None
    related: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """The answer to one topic. Texts still hold {{placeholders}} until `with_local_facts` fills them."""

    slug: str
    front: FrontMatter
    body: str
    awaits_review: bool = False  # a translation that no speaker of the language has checked

    @property
    def title(self) -> str:
        return self.front.title

    @property
    def summary(self) -> str:
        return self.front.summary

    @property
    def last_checked(self) -> date:
        """The day of the oldest check among the sources: the answer is no fresher than that."""
        return min(source.checked for source in self.front.sources)

    @property
    def steps(self) -> list[str]:
        """The steps of "What to do" in plain text, in order."""
        return steps_of(self.body)

    @property
    def html(self) -> str:
        return render_html(self.body)

    @property
    def text(self) -> str:
        return plain_text(self.body)

    @property
    def section_titles(self) -> list[str]:
        return [title for title, _ in sections(self.body)]

    def placeholders(self) -> set[str]:
        texts = [self.body, self.summary, *self.front.facets.values()]
        return {key for text in texts for key in PLACEHOLDER.findall(text)}

    def with_local_facts(self, facts: Mapping[str, str]) -> "Article":
        """Return the article with each {{key}} replaced by the service's sentence. Raises KeyError for a key it does not know."""

        def fill(text: str) -> str:
            return PLACEHOLDER.sub(lambda match: facts[match[1]], text)

        front = self.front.model_copy(
            update={"summary": fill(self.summary), "facets": {name: fill(text) for name, text in self.front.facets.items()}}
        )
        return replace(self, front=front, body=fill(self.body))


def read_article(path: Path) -> Article:
    """Read one article file. Raises ValueError (pydantic's or YAML's) where the front matter is not as the schema asks."""
    try:
        post = frontmatter.loads(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return Article(path.stem, FrontMatter.model_validate(post.metadata), post.content)


def load_articles(folder: Path = FOLDER, facts: Mapping[str, str] | None = None) -> dict[str, Article]:
    """Read all articles of a folder by slug, filled with the local facts where these are given."""
    articles = (read_article(path) for path in sorted(folder.glob("*.md")))
    return {a.slug: a if facts is None else a.with_local_facts(facts) for a in articles}
