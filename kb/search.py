"""Searching the articles by their words (BM25)."""

import re
from collections.abc import Iterable, Mapping

import bm25s
import Stemmer

from kb.articles import Article
from kb.examples import Example
from kb.hits import Hit

# "wi-fi", "wi fi", "e-books", "e mail": one word, however it is written.
_JOINED = re.compile(r"\b(wi|e)[- ](?=fi\b|books?\b|mails?\b|audio|magazines?\b)", re.IGNORECASE)


class ArticleSearch:
    """An index over titles, summaries and bodies. A title counts three times: it is how people ask."""

    def __init__(self, articles: Mapping[str, Article], examples: Iterable[Example] = ()) -> None:
        """`examples` of what residents say lend an article their words, which are seldom its own."""
        self._slugs = list(articles)
        self._stemmer = Stemmer.Stemmer("english")
        self._index = bm25s.BM25()
        said: dict[str, list[str]] = {slug: [] for slug in articles}
        for example in examples:
            if example.label in said:
                said[example.label].append(example.text)
        texts = [" ".join([*[a.title] * 3, a.summary, *a.front.facets.values(), a.text, *said[a.slug]]) for a in articles.values()]
        self._index.index(self._words(texts), show_progress=False)

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
        words = self._words([query])
        if not words[0]:
            return []
        found, scores = self._index.retrieve(words, k=min(most, len(self._slugs)), show_progress=False)
        return [Hit(self._slugs[n], float(score)) for n, score in zip(found[0], scores[0], strict=True) if score > 0]
