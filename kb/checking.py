"""What `desk check` holds the knowledge base to."""

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from kb.articles import FOLDER, Article, read_article
from kb.labels import load_labels
from kb.localfacts import known_facts, sentences
from kb.markdown import links
from kb.problems import Problem
from kb.readability import reading_age

LONGEST_SUMMARY = 60  # words
OLDEST_READER = 11  # reading age in years: anchors.md asks for 9 to 11


def check_article(article: Article, service_facts: Iterable[str], today: date) -> Iterator[Problem]:
    """Yield what is wrong with one article."""
    slug, front, labels = article.slug, article.front, load_labels()
    if slug not in labels.articles:
        yield Problem(slug, "no such topic in kb/labels.yml: rename or delete the file")
    words = len(front.summary.split())
    if words > LONGEST_SUMMARY:
        yield Problem(slug, f"the summary has {words} words: cut it to {LONGEST_SUMMARY}")
    if front.review_by is None:
        yield Problem(slug, "no review date: add review_by", warning=True)
    elif front.review_by < today:
        yield Problem(slug, f"its review was due on {front.review_by}: read it again and set a new date", warning=True)
    for key in sorted(article.placeholders() - set(service_facts)):
        yield Problem(slug, f"{{{{{key}}}}} is not among the local_facts of service.yml")
    for target in front.related:
        if target not in labels.articles:
            yield Problem(slug, f"related topic {target} does not exist")
    for target in front.actions:
        if target not in labels.actions:
            yield Problem(slug, f"action {target} does not exist")
    for address in links(article.body):
        if not _link_is_alive(address):
            yield Problem(slug, f"the link {address} leads nowhere")
    if not article.steps or article.section_titles[0] != "What to do":
        yield Problem(slug, 'it must begin with numbered steps under "## What to do"')
    yield from _check_reading_age(article)


def _link_is_alive(address: str) -> bool:
    if address.startswith("/help/"):
        return address.removeprefix("/help/").split("#")[0] in load_labels().articles
    return bool(re.match(r"https://|tel:|mailto:", address)) or address in ("/chat", "/libraries")


def _check_reading_age(article: Article) -> Iterator[Problem]:
    filled = article.with_local_facts(sentences({}) | dict.fromkeys(article.placeholders() - set(known_facts()), ""))
    # One facet is a sentence or two, too short for the formula to mean anything: they are measured together.
    texts = {"body": filled.body, "summary": filled.summary, "facets": " ".join(filled.front.facets.values())}
    for name, text in texts.items():
        age = reading_age(text)
        if age > OLDEST_READER:
            yield Problem(article.slug, f"{name}: the reading age is {age:.1f}. Use shorter words and sentences ({OLDEST_READER} at most)")


def check_articles(paths: Iterable[Path], service_facts: Iterable[str], today: date) -> Iterator[Problem]:
    """Yield what is wrong in each article file, and each topic that has none."""
    facts = set(service_facts)
    found = set()
    for path in paths:
        found.add(path.stem)
        try:
            article = read_article(path)
        except (ValidationError, ValueError) as error:
            yield Problem(path.stem, f"the front matter cannot be read: {error}")
            continue
        yield from check_article(article, facts, today)
    for slug in load_labels().articles:
        if slug not in found:
            yield Problem(slug, f"no article: write kb/articles/{slug}.md")


def main(names: list[str]) -> int:
    """Check the article files named, for a writer at work."""
    problems = [
        problem
        for problem in check_articles([Path(name) for name in names] or sorted(FOLDER.glob("*.md")), known_facts(), date.today())
        if not names or not problem.what.startswith("no article:")
    ]
    print("\n".join(map(str, problems)) or "no problem found")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
