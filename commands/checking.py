"""`desk check`: what an editor should mend before the desk is trained or started."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer

from desk.clock import today
from desk.service import ServiceFileError, read_service
from desk.settings import settings
from evaluation.questions import foreign_questions, foreign_safety_questions, questions, safety_questions
from kb.articles import FOLDER, load_articles
from kb.checking import check_articles
from kb.examples import Example, load_examples
from kb.labels import load_labels
from kb.localfacts import known_facts
from kb.problems import Problem
from kb.safety_examples import SafetyExample, load_safety_examples
from kb.translations import check_translations

FEWEST_EXAMPLES = 25  # for a label
LIKEST_EXAMPLES = 0.7  # Jaccard index of their runs of four characters; above it they are one thought


def check_everything() -> list[Problem]:
    """Return every problem found, warnings too."""
    examples = load_examples()
    return [*_check_service(), *_check_articles(), *_check_labels(examples), *_check_likeness(examples)]


def _check_service() -> Iterator[Problem]:
    try:
        service = read_service(settings().service_file)
    except ServiceFileError as error:
        yield Problem("service.yml", str(error))
        return
    for key in sorted(set(service.local_facts) - set(known_facts())):
        yield Problem("service.yml", f"local_facts has {key}, which no article can use: see kb/local-facts.yml")
    if not service.libraries_path.exists():
        yield Problem("service.yml", f"the libraries file {service.libraries.file} does not exist")


def _check_articles() -> Iterator[Problem]:
    facts = read_service(settings().service_file).local_facts
    yield from check_articles(sorted(FOLDER.glob("*.md")), facts, today())
    yield from check_translations(load_articles())


def _check_labels(examples: list[Example]) -> Iterator[Problem]:
    labels = load_labels().everything
    counts = {label: sum(example.label == label for example in examples) for label in labels}
    for label, count in counts.items():
        if count < FEWEST_EXAMPLES:
            yield Problem(f"bot/data, {label}", f"{count} training examples: write at least {FEWEST_EXAMPLES}")
    for label in sorted({example.label for example in examples} - set(labels)):
        yield Problem(f"bot/data, {label}", "no such label in kb/labels.yml")


def _check_likeness(examples: list[Example]) -> Iterator[Problem]:
    """Yield examples that are nearly the same as another of their label, or as a question of the test set; those of the safety screen too."""
    shingles = CountVectorizer(analyzer="char_wb", ngram_range=(4, 4), binary=True, dtype=np.float32)
    taught: list[Example | SafetyExample] = [*examples, *load_safety_examples()]
    rows = shingles.fit_transform([example.text for example in taught])
    for label in load_labels().everything:
        members = [n for n, example in enumerate(examples) if example.label == label]
        for first, second in _alike(rows[members], rows[members]):
            if first < second:
                texts = examples[members[first]].text, examples[members[second]].text
                yield Problem(f"bot/data, {label}", f'"{texts[0]}" and "{texts[1]}" are nearly the same: keep one')
    tested = tested_texts()
    for first, second in _alike(rows, shingles.transform(tested)):
        if is_telling(tested[second]) and is_telling(taught[first].text):
            label = taught[first].label
            yield Problem(f"bot, {label}", f'"{taught[first].text}" stands in the test set ("{tested[second]}"): take it out here')


def tested_texts() -> list[str]:
    """Return every text of the frozen test set."""
    return [question.text for question in (*questions(), *safety_questions(), *foreign_questions(), *foreign_safety_questions())]


def is_telling(text: str) -> bool:
    """Whether it tells something that a text stands in both the examples and the test set.

    A word or two ("hello", "yes please") is what everybody writes: that it stands in both sets proves nothing.
    """
    return len(text.split()) > 3


def _alike(these: sp.csr_matrix, those: sp.csr_matrix) -> Iterator[tuple[int, int]]:
    shared = (these @ those.T).tocoo()
    sizes, other_sizes = these.sum(axis=1).A1, those.sum(axis=1).A1
    union = sizes[shared.row] + other_sizes[shared.col] - shared.data
    for n in np.flatnonzero(shared.data > LIKEST_EXAMPLES * union):
        yield int(shared.row[n]), int(shared.col[n])
