"""Predicates that assert a state in English: what may follow a subject, and what it says.

A rule is a pattern at the start of the predicate and the claims its groups make.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from memos.memories.textual.tree_text_memory.organize.state_claim import Claim
from memos.memories.textual.tree_text_memory.organize.state_english_words import (
    AGES,
    EMPLOYER,
    JOB,
    JOB_NOUN,
    NEW,
    PLACE,
    PROPER_PLACE,
    SCHOOL,
    SET_DATE,
    STOP,
)
from memos.memories.textual.tree_text_memory.organize.state_lexicon import canonical

ANY = ""
"""Object of an ended claim that does not say what ended."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """What follows a subject, its adverbs and auxiliaries taken off.

    Args:
        body: the verb and what follows it; `is`, `am`, `are`, `'s` are all `is`.
        negated: it is denied, or was so no longer.
        former: `used to`.
        perfect: `has lived`: a past form that still holds.
        first: its verb goes with the first person.
    """

    body: str
    negated: bool = False
    former: bool = False
    perfect: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and its claims, each an attribute, a group or `=constant`, and whether it ended.

    Args:
        pattern: matched at the start of a predicate.
        claims: what it asserts; a claim whose group did not take part is left out.
        deniable: its denial says that the state ended.
    """

    pattern: re.Pattern[str]
    claims: tuple[tuple[str, str, bool], ...]
    deniable: bool = True

    def read(self, subject: str, said: Predicate) -> Iterator[Claim]:
        """Claims of a predicate about a subject."""
        match = self.pattern.match(said.body)
        if match is None or (said.negated and not self.deniable):
            return
        over = said.negated or said.former
        for attribute, source, ended in self.claims:
            text = source[1:] if source.startswith("=") else match[source]
            if text is not None and not (over and ended):
                yield Claim(subject, attribute, canonical(text), ended or over)


def _rule(pattern: str, *claims: str, deniable: bool = True) -> Rule:
    """`attribute=group`, `attribute==constant`, with a trailing `!` for an ended state."""
    parsed = []
    for claim in claims:
        attribute, _, source = claim.rstrip("!").partition("=")
        parsed.append((attribute, source, claim.endswith("!")))
    return Rule(re.compile(pattern), tuple(parsed), deniable)


def _place(group: str) -> str:
    return rf"(?:the )?(?P<{group}>{PLACE})"


_TO = _place("to")
_FROM = _place("from")
_PROPER_TO = rf"(?:the )?(?P<to>{PROPER_PLACE})"
_IN_PLACE = (
    rf"(?:(?:out|over|back|right|up|down|alone|here|with [\w' ]{{2,20}}) )?in (?:{NEW})?{_TO}"
)
_AT_ORG = rf"(?:at|for|with) (?:the )?(?P<org>{EMPLOYER})"
_AS_JOB = rf"as (?:a |an |the |our |their |its )?(?:new )?(?P<job>{JOB}){STOP}"
_ROLE_AT = rf"(?: (?:a |an |the )?)?(?: ?{_AS_JOB})?"
_NO_OFFER = r"(?:job|position|role|gig|internship)(?! (?:offer|interview))"

_NEW_JOB = rf"(?:a|my|his|her|their|the) (?:new )?(?:job|role|position) {_AT_ORG}(?: {_AS_JOB})?"

_HOME = (
    _rule(
        rf"(?:lives?|resides?|is (?:\w+ )?(?:living|based|residing|settled)|been living) {_IN_PLACE}",
        "home=to",
    ),
    _rule(
        rf"(?:re)?(?:moved|located|settled)(?: back| over| out| away| permanently| down| here)? from {_FROM} to {_TO}",
        "home=from!",
        "home=to",
    ),
    _rule(
        rf"(?:moved|relocated)(?: back| over| out| away| permanently| here| home)* to (?:{NEW})?{_TO}(?: [\w ,]{{0,30}}?from {_FROM})?(?: for {_NEW_JOB})?",
        "home=from!",
        "home=to",
        "employer=org",
        "job=job",
    ),
    _rule(
        rf"(?:is moving|moves?)(?: back| over| out| permanently)* (?:in)?to (?:{NEW})?{_TO}(?={SET_DATE})",
        "home=to",
        deniable=False,
    ),
    _rule(rf"(?:moved|relocated) (?:out of|away from) {_FROM}", "home=from!"),
    _rule(rf"left {_FROM} for {_TO}", "home=from!", "home=to"),
    _rule(rf"(?:settled (?:down )?|bought a (?:house|home|flat|apartment) )in {_TO}", "home=to"),
    _rule(rf"calls? {_TO} home\b", "home=to"),
    _rule(rf"stopped living in {_FROM}", "home=from!", deniable=False),
)
_PAST_HOME = _rule(rf"(?:lived|was living|were living|was based|resided) in {_TO}", "home=to")
_WORK = (
    _rule(rf"(?:(?:is )?(?:start|begin)(?:s|ning|ing)?(?: working| work| (?:a|my|the|his|her|their) (?:new )?(?:job|role|position))? (?:at|with|for)|(?:is )?join(?:s|ing)?) (?:the )?(?P<org>{EMPLOYER})(?={SET_DATE})(?:.*? {_AS_JOB})?", "employer=org", "job=job", deniable=False),
    _rule(rf"(?:works?|is (?:\w+ )?working|been working) (?:[\w-]+ )?{_AS_JOB}(?: (?:[\w-]+ ){{0,3}}?{_AT_ORG})?", "job=job", "employer=org"),
    _rule(rf"(?:works?|is (?:\w+ )?(?:working|interning|employed)|been working|interns?) (?:[\w-]+ )?(?:by|at|for) (?:the )?(?P<org>{EMPLOYER})(?: {_AS_JOB})?", "employer=org", "job=job"),
    _rule(rf"(?:retrained|requalified) {_AS_JOB}", "job=job", deniable=False),
    _rule(rf"joined (?:a |an )(?:[\w-]+ ){{1,4}}?(?:called|named) (?P<org>(?=[A-Z]){EMPLOYER})", "employer=org", deniable=False),
    _rule(rf"joined (?:the )?(?!Facebook|Instagram|Twitter|Reddit|Discord|Zoom|TikTok)(?P<org>{EMPLOYER})(?= as | last| this| in \d| in [A-Z]|\s*$|,| after| full| and)(?: {_AS_JOB})?", "employer=org", "job=job", deniable=False),
    _rule(rf"(?:started|began|got|landed|accepted|took|found|secured|has|have) (?:(?:(?:a|an|the|my|their|his|her) )?(?:[\w-]+ ){{0,2}}?{_NO_OFFER} |(?<=started )(?:working |work )?|(?<=began )(?:working |work )?){_AT_ORG}(?: {_AS_JOB})?", "employer=org", "job=job", deniable=False),
    _rule(rf"(?:started|began|got|landed|accepted|took|found|secured|has|have) (?:working |work |out )?(?:(?:a|an|the|my|their|his|her) (?:[\w-]+ ){{0,2}}?{_NO_OFFER} )?{_AS_JOB}(?: {_AT_ORG})?", "job=job", "employer=org", deniable=False),
    _rule(rf"(?:was|were|got|been) (?:hired|recruited|employed) (?:by|at) (?P<org>{EMPLOYER})(?: {_AS_JOB})?", "employer=org", "job=job", deniable=False),
    _rule(rf"(?:was|were|got|been) (?:hired|employed) {_AS_JOB}(?: (?:by|at|for) (?P<org>{EMPLOYER}))?", "job=job", "employer=org", deniable=False),
    _rule(rf"(?:was|were|got|been) (?:recently |just )?promoted (?:from [\w -]{{2,30}} )?to (?:be )?(?:a |an |the )?(?P<job>{JOB}){STOP}(?: {_AT_ORG})?", "job=job", "employer=org", deniable=False),
    _rule(rf"(?:changed|switched|left) (?:jobs|companies|employers)[\w ]{{0,12}} (?:to|and joined|for) (?P<org>{EMPLOYER})", "employer=org", deniable=False),
    _rule(rf"(?:is|became|been|has become|become) (?:now |currently |still |actually )?(?:a|an|the|our) (?P<job>(?:[\w-]+ ){{0,3}}?{JOB_NOUN})(?= at | for | in | with | of | now| who| working|\s*$|,| and| there| since| by)(?! of (?:my|our|the|his|her))(?: (?:now |currently |working )*at (?P<org>{EMPLOYER}))?", "job=job", "employer=org"),
    _rule(r"(?:is (?:now |currently )?freelancing|works? freelance)\b", "job==freelancer"),
    _rule(r"is (?P<job>retired|unemployed|self-employed)\b(?! (?:from|teacher))", "job=job"),
    _rule(r"retired(?= (?:last|this|in|from)|\s*$|,)", "job==retired", "employer==!", deniable=False),
    _rule(rf"(?:left|quit|resigned from|retired from|departed(?: from)?) (?:(?:my|their|the|his|her) (?:job|position|role) (?:at|with) )?(?P<org>(?=[A-Z]){EMPLOYER})(?! for [a-z])(?: (?:for|to join) (?P<next>{EMPLOYER}))?", "employer=org!", "employer=next", deniable=False),
    _rule(rf"(?:stopped|quit) working (?:at|for) (?P<org>{EMPLOYER})", "employer=org!", deniable=False),
    _rule(rf"(?:was|were|got|been) (?:recently |just )?(?:laid off|let go|fired|dismissed) (?:from|by) (?:(?:my|their|the) job at )?(?P<org>{EMPLOYER})", "employer=org!", deniable=False),
    _rule(r"(?:(?:was|were|got|been) (?:recently |just )?(?:laid off|fired|let go)(?! (?:from|by))|(?:quit|lost|left|resigned from) (?:my|their|his|her|the)(?: \w+)? job\b(?! (?:at|with))|resigned(?! (?:from|to|as)))", "employer==!", deniable=False),
)  # fmt: skip
_PAST_WORK = (
    _rule(rf"(?:worked|was working|was employed) (?:[\w-]+ )?(?:at|for) (?:the )?(?P<org>{EMPLOYER})(?: {_AS_JOB})?", "employer=org", "job=job"),
    _rule(rf"(?:worked|was working) (?:[\w-]+ )?{_AS_JOB}(?: {_AT_ORG})?", "job=job", "employer=org"),
    _rule(rf"(?:was|be) (?:once )?(?:a|an) (?P<job>(?:[\w-]+ ){{0,2}}?{JOB_NOUN})(?= at | for | before| until| in \d|\s*$|,)(?: at (?P<org>{EMPLOYER}))?", "job=job", "employer=org"),
)  # fmt: skip
_SCHOOL = (
    _rule(
        rf"(?:goes|go|attends?|is (?:now )?(?:attending|enrolled|studying|going)|stud(?:y|ies)|enrolled|transferred|started|been (?:attending|going|studying))(?: [\w ]{{2,30}}?)?(?: (?:at|to|in|into))? (?:the )?(?P<school>{SCHOOL})",
        "school=school",
    ),
    _rule(
        rf"(?:graduated from|dropped out of|left|finished at) (?:the )?(?P<school>{SCHOOL})",
        "school=school!",
        deniable=False,
    ),
)
_PERSONAL = (
    _rule(
        rf"(?:is|turned) (?P<age>\d{{1,3}}|{AGES})(?:[- ]years?[- ]old)?,? and (?:now |happily |recently )?"
        r"(?P<status>single|married|engaged|divorced|widowed|separated)\b",
        "age=age",
        "relationship=status",
        deniable=False,
    ),
    _rule(
        rf"(?:is|turned|just turned) (?:now |already |only |just |currently )?(?P<age>\d{{1,3}}|{AGES})(?:[- ]years?[- ]old| years of age| now)?(?=\s*$|,| (?:last|this|on|in|today|yesterday|years|now|and)\b)(?! years (?!old))(?! in a)",
        "age=age",
        deniable=False,
    ),
    _rule(
        r"(?:celebrated|had) (?:my|their|his|her|our) (?P<age>\d{1,3})(?:st|nd|rd|th) birthday",
        "age=age",
        deniable=False,
    ),
    _rule(
        r"(?:is (?:now )?(?:called|named|known as)|go(?:es)? by|is going by|prefers? to be called|wants? to be called) (?:the name )?'?(?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)",
        "name=name",
    ),
    _rule(
        r"(?:legally |officially )?changed (?:my|their|his|her) (?:first |last |sur)?name (?:from (?P<old>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?) )?to (?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)",
        "name=old!",
        "name=name",
        deniable=False,
    ),
)
_RELATIONSHIP = (
    _rule(r"(?:got|is|just got|been) (?:happily |newly |now )?married(?! (?:life|couple))", "relationship==married"),
    _rule(r"(?:got|is|been) (?:recently |now )?engaged(?! (?:in|with))", "relationship==engaged"),
    _rule(r"(?:got|is|been) (?:recently |now )?divorced|divorced (?:my|their|his|her)", "relationship==divorced"),
    _rule(r"(?:is|got|been) (?:legally )?(?:separated from (?:my|their|his|her) (?:husband|wife|partner|spouse)|separated\s*$)|separated from (?:my|their|his|her) (?:husband|wife|partner|spouse)", "relationship==separated"),
    _rule(r"(?:is|was|became|been) widowed|is a wid(?:ow|ower)\b", "relationship==widowed"),
    _rule(r"(?:is|been|became) (?:now |currently |still |happily |newly |a )?single(?= (?:again|now|parent|mom|mother|dad|father|man|woman|for|and|since|at)\b|\s*$|,)", "relationship==single"),
    _rule(r"(?:broke|split|broken) up(?! (?:the|a)\b)|(?:was|got) dumped", "relationship==single", deniable=False),
    _rule(r"(?:is (?:now |currently )?(?:dating|seeing) (?:someone|somebody|[A-Z])|started (?:dating|seeing) (?:someone|somebody|(?:a|an) (?!(?:\w+ ){0,2}(?:therapist|doctor|dentist|psychologist|psychiatrist|counsell?or|coach|physio\w*|specialist|nutritionist)\b)|[A-Z])|(?:is|been) in a (?:\w+ ){0,2}relationship|(?:has|have|got) a (?:new )?(?:boyfriend|girlfriend)|is dating(?= again| now|\s*$))", "relationship==dating"),
    _rule(r"married (?:my|their|his|her|[A-Z])", "relationship==married", deniable=False),
)  # fmt: skip
_CONTACT = (
    _rule(
        r"(?:[\w-]+ ){0,2}?e-?mail(?: address)? ?(?:is|was changed to|has changed to|changed to|:)(?: now| still)? (?P<email>\S+@\S+\w)",
        "email=email",
    ),
    _rule(
        r"(?:(?:new|old|current|home|work|office|mobile|cell|phone|telephone|contact|whatsapp) ){0,2}?"
        r"(?:number|phone) ?(?:is|was changed to|has changed to|changed to|:)(?: now| still)? (?P<number>\+?[\d(][\d() -]{5,}\d)",
        "phone_number=number",
    ),
    _rule(
        r"(?:[\w-]+ )?address ?(?:is|was changed to|has changed to|changed to|:)(?: now| still)? (?P<address>[^@]{6,80})$",
        "address=address",
    ),
)
_ADDRESS = _rule(r"(?:lives?|is living|moved) (?:at|to) (?P<address>\d+ [A-Z].{3,60})$", "address=address")  # fmt: skip
_GOAL = _rule(
    r"(?:(?:is (?:\w+ )?(?:aiming|working) (?:to|for|towards?)|aims? (?:to|for)|is (?:\w+ )?training for|set (?:my|their|a|the) goal (?:to|of|for)) )(?P<goal>[a-z][\w' -]{3,60})",
    "goal=goal",
)
_MONEY = (
    _rule(r"(?:makes?|earns?|is (?:making|earning|paid)|gets? paid) (?P<salary>[$€£¥]?\d[\w.,]*(?: (?:dollars|euros|pounds|yuan|k|grand|bucks))?(?: (?:a|per|an) (?:year|month|week|hour|day)| annually| monthly))", "salary=salary"),
    _rule(r"pays? (?P<rent>[$€£¥]?\d[\w.,]*(?: (?:dollars|euros|pounds|yuan))?(?: (?:a|per) month)?) (?:in|for|of) rent\b", "rent=rent"),
)  # fmt: skip
_GOAL_ENDED = _rule(
    r"(?:gave up|gave up on|abandoned|dropped|reached|achieved|met|accomplished) (?:my|their|his|her|the) goal (?:of|to) (?P<goal>[a-z][\w' -]{3,60})",
    "goal=goal!",
    deniable=False,
)
_PLAN = (
    _rule(
        rf"(?:is (?:\w+ )?planning|plans?|decided|is (?:\w+ )?(?:flying|travell?ing|heading|going))(?: (?:on|for|to))?(?: (?:visit|go|travel|fly|take|book|a|an|my|their|our|the|going|visiting|travell?ing|trip|vacation|holiday|honeymoon|\w+ (?=trip|vacation|holiday)))*(?: to| in| visit| visiting)? {_PROPER_TO}(?= (?:next|this|in|for|on|instead|later|soon|with|during|tomorrow)\b|\s*$|,)",
        "plan:travel=to",
    ),
    _rule(
        rf"booked (?:[\w-]+ ){{0,3}}(?:trip|flights?|tickets?|vacation|holiday) to {_PROPER_TO}",
        "plan:travel=to",
        deniable=False,
    ),
    _rule(
        rf"(?:cancell?ed|called off|scrapped) (?:the|my|our|their|a) (?:[\w-]+ )?(?:trip|flight|vacation|holiday|plans?) (?:to )?(?:visit |go )?(?:to )?{_PROPER_TO}",
        "plan:travel=to!",
        deniable=False,
    ),
)
_OWNED = (
    _rule(rf"(?:[\w-]+ )?(?:home|house|apartment|flat|city|location|residence|place)(?: now)? ?(?:is|:)(?: now)? (?:in )?{_TO}", "home=to"),
    _rule(r"(?:(?:full|first|last|real|new|given) ?)?name ?(?:is|was changed to|:)(?: now| actually)? (?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)", "name=name"),
    _rule(rf"(?:new |current |day )?(?:job|occupation|profession|job title|title|role|position|work) ?(?:is|:)(?: now| currently)? (?:as )?(?:(?:a|an|the) (?P<job>{JOB})|(?P<named>(?:[\w-]+ ){{0,2}}{JOB_NOUN})){STOP}", "job=job", "job=named"),
    _rule(rf"(?:new |current )?(?:employer|company|workplace|(?:job|role|position) (?:is )?(?:at|with)) ?(?:is |: )?(?:now )?(?P<org>{EMPLOYER})", "employer=org"),
    _rule(rf"(?:new |current )?(?:school|university|college) ?(?:is|:)(?: now)? (?:the )?(?P<school>{SCHOOL}|[A-Z]\w+)", "school=school"),
    _rule(r"age ?(?:is|:)(?: now)? (?P<age>\d{1,3})\b", "age=age"),
    _rule(r"(?:marital |relationship )?status ?(?:is|:)(?: now)? (?P<status>single|married|engaged|divorced|widowed|separated)", "relationship=status"),
    _rule(r"(?:marital |relationship )?status ?(?:is|:)(?: now)? ['\"]?(?:in a (?:\w+ ){0,2}relationship|dating|taken)", "relationship==dating"),
    _rule(r"(?:(?:current|main|new|next|long-term|big|biggest|personal|career|ultimate|only|top|primary|first) ){0,2}goal(?:(?: for)? (?:this|next) \w+| right now| at work)? ?(?:is|has become|:)(?: now)? (?:to )?(?P<goal>[a-z][\w' -]{3,60})", "goal=goal", deniable=False),
    *_CONTACT,
    _rule(r"(?:(?:daily|morning|new|current) )*commute(?: to (?:work|the office)| time)? ?(?:is|takes?(?: me| them)?|lasts?|:)(?: now| about| around| roughly| only| just)* (?P<commute>(?!not |long\b|short\b)[\w' -]{2,60})", "commute=commute", deniable=False),
    _rule(r"(?:(?:monthly|new|current) )*rent ?(?:is|costs?|:|went up to|rose to|increased to|was raised to|is going up to|went down to|dropped to)(?: now| about| around| only)* (?P<rent>[$€£¥]?\d[\w$€£¥.,' -]{0,40})", "rent=rent", deniable=False),
    _rule(r"(?:(?:annual|yearly|monthly|base|new|current) )*(?:salary|pay) ?(?:is|:)(?: now| about| around)* (?P<salary>[$€£¥]?\d[\w$€£¥.,' -]{0,40})", "salary=salary", deniable=False),
)  # fmt: skip
VERBS = (
    _ADDRESS, *_HOME, *_WORK, *_SCHOOL, *_PERSONAL, *_RELATIONSHIP, _GOAL, _GOAL_ENDED, *_PLAN,
    *_MONEY,
)  # fmt: skip
PAST_VERBS = (_PAST_HOME, *_PAST_WORK)


def state_claims(subject: str, said: Predicate) -> Iterator[Claim]:
    """Claims of a predicate by the rules of single states."""
    past = [claim for rule in PAST_VERBS for claim in rule.read(subject, said)]
    if past and not said.negated:
        yield from (replace(c, ended=not said.perfect or said.former) for c in past)
        return
    for rule in VERBS:
        found = list(rule.read(subject, said))
        studies = any(c.attribute == "job" and c.object.endswith("student") for c in found)
        for claim in found:
            moved = studies and claim.attribute == "employer"
            yield replace(claim, attribute="school") if moved else claim
        if found:
            return


def owned_claims(subject: str, rest: str) -> Iterator[Claim]:
    """Claims of what follows `the user's`: `new job is ...`."""
    said = Predicate(re.sub(r"(?<=\w)(?: are| has become|'s)(?= )", " is", rest))
    for rule in _OWNED:
        yield from rule.read(subject, said)
