"""Searching the articles by their words (BM25)."""

import re
from collections.abc import Iterable, Mapping

import bm25s
import numpy as np
import Stemmer

from kb.articles import Article
from kb.examples import Example
from kb.hits import Hit

# "wi-fi", "wi fi", "e-books", "e mail": one word, however it is written.
_JOINED = re.compile(r"\b(wi|e)[- ](?=fi\b|books?\b|mails?\b|audio|magazines?\b)", re.IGNORECASE)


class ArticleSearch:
    """Two indexes: of the titles, and of all that an article says. Titles are how people ask."""

    def __init__(self, articles: Mapping[str, Article], examples: Iterable[Example] = ()) -> None:
        """`examples` of what residents say lend an article their words, which are seldom its own."""
        self._slugs = list(articles)
        self._stemmer = Stemmer.Stemmer("english")
        self._titles, self._whole = bm25s.BM25(), bm25s.BM25()
        said: dict[str, list[str]] = {slug: [] for slug in articles}
        for example in examples:
            if example.label in said:
                said[example.label].append(example.text)
        whole = [" ".join([a.title, a.summary, *a.front.facets.values(), a.text, *said[a.slug]]) for a in articles.values()]
        self._titles.index(self._words([a.title for a in articles.values()]), show_progress=False)
        self._whole.index(self._words(whole), show_progress=False)

    def _words(self, texts: list[str]) -> list[list[str]]:
        words: list[list[str]] = bm25s.tokenize(
            [_JOINED.sub(r"\1", text) for text in texts],
            stopwords="en",
            stemmer=self._stemmer,
            return_ids=False,
            show_progress=False,
        )
        return words

    def search(self, query: str, most: int = 5) -> list[Hit]:
        """Return the articles that share words with the query, the best first; none where no word is shared."""
        [words] = self._words([query])
        if not words:
            return []
        # What the title says of an article counts as much as all the rest of it.
        scores = self._titles.get_scores(words) + self._whole.get_scores(words)
        return [Hit(self._slugs[n], float(scores[n])) for n in np.argsort(-scores)[:most] if scores[n] > 0]
