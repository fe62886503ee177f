"""Texts as weighted counts of their character and word n-grams: what spelling and set phrases give away."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

Arrays = dict[str, Any]

_SEPARATOR = "\x1f"  # no n-gram holds it


# N-grams rarer than this tell little and cost much; small sets of examples keep them all (docs/decisions).
_MANY_EXAMPLES = 4000


def _vectorizers(examples: int = 0) -> dict[str, TfidfVectorizer]:
    chars_min, words_min = (3, 2) if examples >= _MANY_EXAMPLES else (1, 1)
    return {
        "chars": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=chars_min, dtype=np.float32),
        "words": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=words_min, token_pattern=r"(?u)\b\w+\b", dtype=np.float32),
    }


class NGrams:
    """TF-IDF of character n-grams (2 to 4, within words) beside that of words and pairs of words."""

    def __init__(self, vectorizers: dict[str, TfidfVectorizer] | None = None) -> None:
        self._vectorizers = vectorizers or {}

    def fit(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Learn the n-grams of these texts and return them as rows."""
        self._vectorizers = _vectorizers(len(texts))
        return sp.hstack([v.fit_transform(texts) for v in self._vectorizers.values()]).tocsr()

    def rows(self, texts: Sequence[str]) -> sp.csr_matrix:
        if not self._vectorizers:
            return sp.csr_matrix((len(texts), 0), dtype=np.float32)
        return sp.hstack([v.transform(texts) for v in self._vectorizers.values()]).tocsr()

    def row(self, text: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
        """Return the columns and values of one text's row: what `rows` returns for it, ten times as fast."""
        columns: list[int] = []
        values = [np.zeros(0, np.float32)]
        first = 0
        for name, vectorizer in self._vectorizers.items():
            vocabulary = vectorizer.vocabulary_
            counts = Counter(n for term in self._analyzers[name](text) if (n := vocabulary.get(term)) is not None)
            found = list(counts)
            weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(found)))) * self._idf[name][found]
            columns += [first + n for n in found]
            values.append(weights / (np.linalg.norm(weights) or 1.0))
            first += len(vocabulary)
        return np.array(columns, np.intp), np.concatenate(values).astype(np.float32)

    @cached_property
    def _analyzers(self) -> dict[str, Callable[[str], list[str]]]:
        return {name: vectorizer.build_analyzer() for name, vectorizer in self._vectorizers.items()}

    @cached_property
    def _idf(self) -> dict[str, npt.NDArray[np.float32]]:
        """Rasa's scikit-learn sums it anew from a matrix at each asking: half a millisecond a message."""
        return {name: vectorizer.idf_ for name, vectorizer in self._vectorizers.items()}

    def arrays(self) -> Arrays:
        """Return what was learnt as plain arrays: a model file is data, never code to be unpickled."""
        kept: Arrays = {}
        for name, vectorizer in self._vectorizers.items():
            kept[f"{name}_terms"] = np.array(_SEPARATOR.join(vectorizer.get_feature_names_out()))
            kept[f"{name}_idf"] = vectorizer.idf_
        return kept

    @classmethod
    def from_arrays(cls, kept: Arrays) -> "NGrams":
        vectorizers = {name: vectorizer for name, vectorizer in _vectorizers().items() if f"{name}_terms" in kept}
        for name, vectorizer in vectorizers.items():
            terms = str(kept[f"{name}_terms"]).split(_SEPARATOR)
            vectorizer.vocabulary_ = {term: n for n, term in enumerate(terms)}
            vectorizer.idf_ = kept[f"{name}_idf"]
        return cls(vectorizers)
