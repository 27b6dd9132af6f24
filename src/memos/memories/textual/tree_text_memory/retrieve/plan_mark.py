"""What a question quotes or names exactly: quotations, identifiers, proper names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_QUOTE = re.compile(
    r'"([^"\n]{1,200})"|“([^”\n]{1,200})”|「([^」\n]{1,200})」|『([^』\n]{1,200})』'
    r"|`([^`\n]{1,200})`|《([^》\n]{1,200})》"
)
_TITLE_GROUP = 6
_RUN = re.compile(r"[A-Za-z0-9_#+/~][A-Za-z0-9_#+/~.@:?&=%()-]{2,299}")
"""A stretch that could be an address, number or piece of code; judged as a whole afterwards."""
_TRAILING = ".,:?!&=-"
_SUFFIX = (
    "pdf|docx?|xlsx?|pptx?|txt|md|csv|tsv|json|ya?ml|toml|ini|log|xml|html?|css|jpe?g|png|gif|svg|"
    "mp[34]|wav|mov|zip|tar|gz|py|ipynb|js|jsx|ts|tsx|java|kt|go|rs|rb|php|cpp|hpp|cs|sh|sql|db"
)
_IDENTIFIER = re.compile(
    r"(?i:https?://|www\.)\S{3,}"
    r"|[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    rf"|[~/]?[A-Za-z0-9_./-]{{1,200}}\.(?i:{_SUFFIX})"
    r"|(?:~|/[A-Za-z0-9_.-]+)/[A-Za-z0-9_./-]+"
    r"|(?i:[a-z0-9-]{1,63}\.){1,5}(?i:com|org|net|edu|gov|io|dev|ai|cn|app)(?:/\S*)?"
    r"|[vV]\d+(?:\.\d+){0,5}(?:-[A-Za-z0-9.]+)?"
    r"|(?!(?:19|20)\d\d\.\d)\d+(?:\.\d+){2,5}(?:[-+][A-Za-z0-9.]+)?"
    r"|#\d+|\+\d[\d-]{6,}|\d{5,}(?:-\d+)*"
    r"|[A-Za-z_][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+(?:\(\))?|[A-Za-z_][\w.:]*\(\)"
    r"|[A-Za-z]\w*(?:::\w+)+|[a-z]{2,}[a-z0-9]*(?:[A-Z][a-z0-9]*)+"
    r"|(?!\w*-(?:19|20)\d\d$)(?!\d+(?:am|pm|st|nd|rd|th)\b)(?=[\d-]*[A-Za-z][A-Za-z-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
)
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+(?:['’.&-][A-Za-zÀ-ÖØ-öø-ɏ]+)*|[.?!:;,，。？！：；\n]")
_STOPS = frozenset(".?!:;\n。？！：；")
_JOINING = frozenset({"of", "the", "de", "la", "van", "von", "du", "der", "del", "di"})
_COMMON = frozenset(
    [
        "i",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "can",
        "could",
        "will",
        "would",
        "should",
        "shall",
        "may",
        "might",
        "must",
        "the",
        "a",
        "an",
        "my",
        "our",
        "your",
        "his",
        "her",
        "their",
        "its",
        "this",
        "that",
        "these",
        "those",
        "and",
        "or",
        "but",
        "if",
        "so",
        "as",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "of",
        "about",
        "please",
        "tell",
        "remind",
        "list",
        "name",
        "yes",
        "no",
        "ok",
        "us",
        "mr",
        "mrs",
        "ms",
        "dr",
    ]
)
_POSSESSIVE = re.compile(r"['’]s$")
_CONTRACTION = re.compile(r"(?:n['’]t|['’](?:s|re|m|ll|ve|d))$")
_MOST = 32


@dataclass(frozen=True, slots=True)
class Marks:
    """Exact strings of a question, each once, in order of the text.

    Args:
        quotes: what stands between quotation or title marks, without the marks.
        titles: the quotes that stand in 《》.
        identifiers: addresses, file names, versions, order numbers, code-like words.
        taken: where quotes and identifiers stand, `[start, end)`, marks included.
    """

    quotes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    taken: tuple[tuple[int, int], ...] = ()

    def cover(self, start: int, end: int) -> bool:
        """Whether `[start, end)` touches a quote or an identifier."""
        return any(start < last and first < end for first, last in self.taken)


def find_marks(text: str) -> Marks:
    """Quotations and identifiers of a text.

    A quotation that is the whole text is none: someone quoted the question itself.

    Args:
        text: what to look through; time grows linearly with its length.
    """
    quotes: list[str] = []
    titles: list[str] = []
    taken: list[tuple[int, int]] = []
    whole = len(text.strip(" .?!。？！\n"))
    for match in _QUOTE.finditer(text):
        said = match[match.lastindex or 0].strip()
        if len(taken) >= _MOST or not said or match.end() - match.start() >= whole:
            continue
        quotes.append(said)
        taken.append(match.span())
        if match.lastindex == _TITLE_GROUP:
            titles.append(said)
    identifiers = []
    for match in _RUN.finditer(text):
        run = _trimmed(match[0])
        if len(taken) >= 2 * _MOST or not _is_identifier(run):
            continue
        end = match.start() + len(run)
        if not any(match.start() < last and first < end for first, last in taken):
            taken.append((match.start(), end))
        identifiers.append(run)
    return Marks(_once(quotes), _once(titles), _once(identifiers), tuple(taken))


def _trimmed(run: str) -> str:
    run = run.rstrip(_TRAILING)
    if run.endswith(")") and not run.endswith("()"):
        run = run.rstrip(")").rstrip(_TRAILING)
    return run


def _is_identifier(run: str) -> bool:
    plain = run.isalpha() and (run.islower() or run[:1].isupper())
    return not plain and _IDENTIFIER.fullmatch(run) is not None


def find_names(text: str, marks: Marks, *, chinese: bool) -> tuple[str, ...]:
    """Proper names written in Latin capitals, in order of the text, each once.

    The first word of an English sentence counts only when a capital follows it. Names of weekdays
    and months, and a text written in capitals throughout, give none.

    Args:
        text: the question.
        marks: its quotes and identifiers, which are left out.
        chinese: the text is Chinese, where a Latin capital is always deliberate.
    """
    words = [m for m in _WORD.finditer(text) if not marks.cover(*m.span())]
    spelled = [m[0] for m in words if m[0][0].isalpha()]
    capital = sum(1 for word in spelled if word[0].isupper())
    if not chinese and len(spelled) > 2 and capital * 4 > len(spelled) * 3:
        return ()
    names = []
    for group in _groups(text, words):
        opening = not chinese and _opens(words, group[0])
        name = _name(group, opening=opening)
        if name:
            names.append(name)
    return _once(names)


def _groups(text: str, words: Sequence["re.Match[str]"]) -> list[list["re.Match[str]"]]:
    """Stretches of capitalised words with joining words between them."""
    groups: list[list[re.Match[str]]] = []
    going = False
    for match in words:
        word = match[0]
        capital = word[0].isupper() and _CONTRACTION.sub("", word.lower()) not in _COMMON
        if going and (capital or word in _JOINING) and text[match.start() - 1] == " ":
            groups[-1].append(match)
        elif capital:
            groups.append([match])
        else:
            going = False
            continue
        going = not word.endswith(("'s", "’s"))
    return groups


def _opens(words: Sequence["re.Match[str]"], first: "re.Match[str]") -> bool:
    """Whether this word is the first of a sentence."""
    before = None
    for match in words:
        if match is first:
            break
        before = match
    return before is None or before[0] in _STOPS


def _name(group: Sequence["re.Match[str]"], *, opening: bool) -> str:
    words = [match[0] for match in group]
    while words[-1] in _JOINING:
        words.pop()
    if opening and len(words) == 1 and not (len(words[0]) > 1 and words[0].isupper()):
        return ""
    return _POSSESSIVE.sub("", " ".join(words))


def _once(strings: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(strings))[:_MOST]
