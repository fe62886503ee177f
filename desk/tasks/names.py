"""Names in what residents type. A name is kept exactly as it was typed; nothing here corrects one."""

import re
import unicodedata
from collections.abc import Callable

from rapidfuzz import fuzz

from desk.contacts import Contact, ContactProblem, Email, contact_in

LONGEST_NAME = 80  # characters
_MOST_WORDS = 6

_EMAIL = re.compile(r"[^\s,;:<>()\"]+\s*@\s*[^\s,;<>()\"]+")
_NUMBER = re.compile(r"(?:\+|00)?\(?\d[\d\s().\-/]{4,}\d")
_SAID_CONTACT = re.compile(
    r"\b(?:and )?(?:my |the |her |his )?(?:e-?mail|phone|mobile|number|tel|telephone|contact)(?: number| address)?(?: is|['’]s|:)?"
    r"\s+(?=\+?\(?\d[\d\s]{4}|[^\s@]+@)",
    re.IGNORECASE,
)
_SAID_NAME = re.compile(
    r"\b(?:my (?:full )?name['’]?s(?: is)?|my (?:full )?name is|name['’]?s|name is|the name is|name\s*[:=-]|i am called|i['’]?m called|"
    r"(?:under|in) the name(?: of)?|(?:s?he['’]?s|she is|he is|they['’]?re|they are|who is|is) called|(?:her|his|their) name['’]?s(?: is)?|"
    r"(?:her|his|their) name is)\s*",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(r"\b(?:her|his|their|she|he|they|who|mum|son|daughter|is called)\b", re.IGNORECASE)
_HINTED_NAME = re.compile(r"\b(?:[Ii]t['’]?s|[Ii] am|[Ii]['’]?m|[Tt]his is|[Ii]m|[Hh]ere is|[Ss]igned|[Rr]egards|[Tt]hanks),?\s+")
_RELATED_NAME = re.compile(r"\b(?:for|of|book|booking|bring|bringing) (?:my|our) (?:[a-z-]+ )?(?:[a-z-]+),?\s+(?=[^\W\d_a-z])")
# Where a name ends: at a sign, a figure, or a word that begins something else.
_CONTACT = "¦"  # stands for a telephone number or an address, once those are taken out
_THEN_CONTACT = re.compile(rf"[\s,;:.-]*(?:(?:on|my|number|phone|mobile|is|email|tel) )*\s*{_CONTACT}", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;:.-]*(?:on|at|tel|phone|mobile|number|email|and)?[\s,;:.-]*$", re.IGNORECASE)
_LEADING_WORDS = re.compile(
    r"^(?:(?:I['’]?m|I am|I|It['’]?s|Hi|Hello|Thanks|Thank you|Name|Book|For|My|This is|Please|Can|Could|And|From|Call|Ring|Tel|Mobile|"
    r"Phone|Yes|No|Ok)\s+)+"
)
_END = re.compile(
    r"[¦,;:!?\n\r()]|\.(?:\s|$)|\s[-–—]\s|\d|\s+(?:and (?:i|my|the|he|she|they|it|can|her|his|email|phone|number|contact)|my|on|at|from|"
    r"but|please|phone|mobile|number|email|tel|telephone|contact|"
    r"i['’]?m|i|for|who|she|he|with|would|is|aged?|so|thanks|instead|not)\b",
    re.IGNORECASE,
)
_CAPITALISED = r"(?:(?:de|da|del|la|le|van|von|bin|bint|ibn|al|el|of|y|O)[ '’-])*[^\W\d_a-zß-öø-ÿ][\w'’.-]*"
_NAME_IN_CAPITALS = re.compile(rf"{_CAPITALISED}(?:\s+{_CAPITALISED}){{1,4}}")
_LEAD_IN = re.compile(
    r"^\s*(?:(?:yes|yeah|sure|ok|okay|oh|no|hi|hello|well|sorry|of course|certainly|right|erm|um)(?:,\s*|\s+(?-i:(?=[^A-Z])))(?!$))*"
    r"(?:(?:it|that|this|he|she|they)['’]?s|its|it is|it['’]?ll be|this is|that is|i am|i['’]?m|im|put(?: it)?(?: down)?(?: under| as)?|"
    r"call me|just|they call me|everyone calls me|you can call me|"
    r"(?:for |of )?my (?:mum|mom|dad|son|daughter|husband|wife|nan|friend|neighbour)(?: is)?)?,?\s*",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"^(?:hello|hi|yes|no|thanks|thank you|ok|okay|please|please can|can|could|i|book|the|it clinic|digital ambassador)$", re.IGNORECASE
)
_SAYS_SOMETHING_ELSE = re.compile(
    r"\b(?:very|so|really|an?|the|my|about|to|not|looking|trying|having|stuck|worried|available|free|here|in|using|new|just|no|good|able|"
    r"hoping|after|interested)\b",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"^(?:next |this |on )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|"
    r"september|october|november|december)s?"
    r"(?:\s+(?:january|february|march|april|may|june|july|august|september|october|november|december|morning|afternoon|evening))?$",
    re.IGNORECASE,
)


def contacts_in(text: str) -> list[Contact | ContactProblem]:
    """Return the email address and the telephone number that a message holds, or what is wrong with one; both are kept where both are given."""
    first = contact_in(text)
    if first is None:
        return []
    rest = contact_in(_EMAIL.sub(" ", text)) if isinstance(first, Email) else None
    return [first, rest] if rest is not None and not isinstance(rest, ContactProblem) else [first]


def without_contacts(text: str) -> str:
    """Return a text without its telephone numbers and addresses, and without the words that name them ("my email is")."""
    return _NUMBER.sub(" ", _EMAIL.sub(" ", _SAID_CONTACT.sub(" ", text)))


def said_name(text: str, is_place: Callable[[str], bool]) -> tuple[str, bool] | None:
    """Return the name that a longer message holds and whether it is said to be another person's; None where it surely holds none.

    Without "my name is" only capitalised words beside a telephone number or address are taken for a name.
    """
    match = _SAID_NAME.search(text)
    if match:
        name = _up_to_end(text[match.end() :])
        if is_a_name(name):
            return name, bool(_OF_ANOTHER.search(match[0]))
    related = _RELATED_NAME.search(text)
    if related:
        capitals = _NAME_IN_CAPITALS.match(text[related.end() :]) or re.match(_CAPITALISED, text[related.end() :])
        if capitals and not _DATES.match(capitals[0]) and not is_place(capitals[0]):
            return capitals[0], True
    marked = _NUMBER.sub(f" {_CONTACT} ", _EMAIL.sub(f" {_CONTACT} ", text))
    hinted = _hinted(marked, is_place) or _beside_contact(marked, is_place)
    return (hinted, False) if hinted else None


def _hinted(marked: str, is_place: Callable[[str], bool]) -> str | None:
    """Return the name in "it's Fatima Khan": two capitalised words, or any two before a telephone number or address."""
    for match in _HINTED_NAME.finditer(marked):
        name = _up_to_end(marked[match.end() :])
        before_contact = bool(_THEN_CONTACT.match(marked[match.end() :].lstrip()[len(name) :]))
        capitals = bool(_NAME_IN_CAPITALS.fullmatch(name))
        if not is_a_name(name) or not 2 <= len(name.split()) <= 4 or is_place(name):
            continue
        if (before_contact and not _SAYS_SOMETHING_ELSE.search(name)) or (capitals and not _DATES.match(name)):
            return name
    return None


def _beside_contact(marked: str, is_place: Callable[[str], bool]) -> str | None:
    """Return two to five capitalised words that stand right before or after a telephone number or address."""
    for contact in re.finditer(_CONTACT, marked):
        before = _BETWEEN.sub("", marked[: contact.start()])
        names = [_LEADING_WORDS.sub("", match[0]) for match in _NAME_IN_CAPITALS.finditer(before) if match.end() == len(before)]
        after = re.match(rf"[\s,;:.-]*({_NAME_IN_CAPITALS.pattern})", marked[contact.end() :])
        for name in (*names, *([after[1].rstrip(".")] if after else [])):
            if len(name.split()) > 1 and _fits(name, is_place):
                return name
    return None


def _fits(name: str, is_place: Callable[[str], bool]) -> bool:
    return is_a_name(name) and not is_place(name)


def _up_to_end(text: str) -> str:
    end = _END.search(text)
    return (text[: end.start()] if end else text).strip().strip('"“”').strip()


def is_a_name(name: str) -> bool:
    """Whether a text may be a name: a few words, not a sentence, and with a letter of some script in it."""
    if not name or len(name) > LONGEST_NAME or len(name.split()) > _MOST_WORDS or _NOT_NAMES.match(name):
        return False
    return any(c.isalpha() for c in name) and not re.search(r"\d{3}", name)


def answered_name(text: str) -> str | None:
    """Return the name in the answer to "what is your name?": the text as it is, without what is said around it. None where it is no name."""
    said = _SAID_NAME.search(text)
    if said and is_a_name(_up_to_end(text[said.end() :])):
        return _up_to_end(text[said.end() :])
    plain = re.sub(
        r"\s*(?:[,;:]|\b(?:and|on|my (?:number|phone|mobile|email)(?: is)?|tel|phone|mobile|number is))\s*$",
        "",
        without_contacts(text).strip(" ,"),
        flags=re.IGNORECASE,
    )
    name = re.sub(r"\s*,?\s+(?:please|thanks|thank you)[.!]*$", "", _LEAD_IN.sub("", plain, count=1), flags=re.IGNORECASE).strip()
    name = name[:-1] if re.search(r"[^\W\d_]{4,}[.!]$", name) and "." not in name[:-1] else name
    return name if is_a_name(name) else None


def respelt(name: str, spelling: str) -> str:
    """Return a name with the part that a spelling is most like replaced; the whole name where the spelling has as many words."""
    parts, new = name.split(), spelling.split()
    if len(new) >= len(parts):
        return spelling
    if len(new) > 1:
        return spelling
    nearest = max(range(len(parts)), key=lambda n: fuzz.ratio(_bare(parts[n]), _bare(spelling)))
    return " ".join([*parts[:nearest], spelling, *parts[nearest + 1 :]])


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalpha())
