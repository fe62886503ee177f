"""Texts as weighted counts of their character and word n-grams: what spelling and set phrases give away."""

from collections.abc import Sequence
from typing import Any

import numpy as np
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
        return sp.hstack([v.transform(texts) for v in self._vectorizers.values()]).tocsr()

    def arrays(self) -> Arrays:
        """Return what was learnt as plain arrays: a model file is data, never code to be unpickled."""
        kept: Arrays = {}
        for name, vectorizer in self._vectorizers.items():
            kept[f"{name}_terms"] = np.array(_SEPARATOR.join(vectorizer.get_feature_names_out()))
            kept[f"{name}_idf"] = vectorizer.idf_
        return kept

    @classmethod
    def from_arrays(cls, kept: Arrays) -> "NGrams":
        vectorizers = _vectorizers()
        for name, vectorizer in vectorizers.items():
            terms = str(kept[f"{name}_terms"]).split(_SEPARATOR)
            vectorizer.set_params(vocabulary={term: n for n, term in enumerate(terms)})
            vectorizer.idf_ = kept[f"{name}_idf"]
        return cls(vectorizers)
