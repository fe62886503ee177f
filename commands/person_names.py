"""Names of people in texts, by spaCy. Runs in Rasa's environment, where spaCy is, on the model in ours, which that spaCy was made to read.

bot/.venv/bin/python -m commands.person_names MODEL < texts.json
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

_ALL_ELSE = ("tagger", "parser", "attribute_ruler", "lemmatizer")


def people_in(texts: Iterable[str], model: Path) -> list[list[str]]:
    sys.modules["tensorflow"] = None  # type: ignore[assignment]  # spaCy would load it (20 s, 400 MB) to see whether it is there
    import spacy

    nlp = spacy.load(model, exclude=_ALL_ELSE)
    return [[entity.text for entity in document.ents if entity.label_ == "PERSON"] for document in nlp.pipe(texts)]


if __name__ == "__main__":
    json.dump(people_in(json.load(sys.stdin), Path(sys.argv[1])), sys.stdout)
