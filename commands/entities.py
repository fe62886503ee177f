"""The spaCy pipeline that Rasa loads: a tokenizer, and an entity ruler made of the libraries' names and the kinds of session.

Runs in Rasa's environment, since a pipeline is read only by the spaCy that wrote it.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import spacy

from desk.library_names import aliases

# What residents call the kinds of session; the ids are the kinds.
SESSION_KINDS = {
    "one-to-one": ("it clinic", "it clinics", "one to one", "one-to-one", "1 to 1", "digital ambassador", "digital ambassadors"),
    "drop-in": ("tea and tech", "tea & tech", "drop in", "drop-in", "dropin"),
    "coding-club": ("coding club", "code club", "coder dojo", "coderdojo"),
    "class": ("computer class", "computer classes", "workshop", "workshops", "taster"),
    "course": ("course", "courses", "evening class"),
}


def build_entities(library_names: Iterable[str], folder: Path) -> None:
    """Write the pipeline to a folder."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    patterns = [{"label": "library", "pattern": alias, "id": name} for name in library_names for alias in aliases(name)]
    patterns += [{"label": "session_kind", "pattern": words, "id": kind} for kind, spoken in SESSION_KINDS.items() for words in spoken]
    ruler.add_patterns(patterns)
    nlp.to_disk(folder)


if __name__ == "__main__":
    build_entities(json.load(sys.stdin), Path(sys.argv[1]))
