"""What must not be overlooked: allergies, diets, illnesses, medicines. English and Chinese rules.

Such a memory carries a reserved tag, so that every search considers it.
"""

import re

from memos.memories.textual.topic import FOOD, HEALTH, TRAVEL, topics_of
from memos.memories.textual.tree_text_memory.organize.state import claims
from memos.memories.textual.tree_text_memory.organize.state_limit import LIMITS

CONSTRAINT_TAG = "memos:constraint"
"""Reserved tag of a memory that sets a limit to what may be suggested."""
TOUCHED = frozenset({FOOD, HEALTH, TRAVEL})
"""Topics whose questions a constraint bears on."""
_FAMILIES = LIMITS | {"diet"}
_ENGLISH = re.compile(
    r"\b(?:allergic to|allerg(?:y|ies)|intoleran(?:t|ce)|(?:can't|cannot|can not|must not|mustn't|may not|"
    r"(?:is|am|are) not (?:allowed|supposed) to|should not|shouldn't) (?:eat|drink|have|take|consume|fly|"
    r"drive|lift|exercise)|(?:doesn't|does not|don't|do not|never) (?:eat|eats|drink|drinks) (?!breakfast|"
    r"lunch|dinner|out\b|much|enough|alone)|vegetarian|vegan|pescatarian|halal|kosher|gluten[- ]free|"
    r"dairy[- ]free|celiac|coeliac|diabetic|epileptic|pregnant|asthma(?:tic)?|wheelchair|anaphyla\w+|epipen|"
    r"blood thinners?|motion sickness|carsick|seasick|fear of flying|afraid of heights)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "过敏|忌口|不能(?:吃|喝|碰|坐|开)|吃不了|喝不了|不吃(?!饭|早饭|午饭|晚饭|早餐|了亏)|不喝(?!水)|素食|吃素|纯素|清真|乳糖不耐|麸质|糖尿病|高血压|"
    "哮喘|癫痫|心脏病|痛风|孕妇|怀孕|晕车|晕船|恐高|坐轮椅|医生不让|医生(?:建议|嘱咐)"
)
_DENIED = re.compile(
    r"\b(?:no longer|not|isn't|aren't|never been|used to be|any ?more) (?:\w+ ){0,2}(?:allergic|vegan|vegetarian|"
    r"pregnant|diabetic|intolerant)\b|\bno (?:known )?allerg|不再|不过敏|没有?过敏|已经不",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:suggest|recommend|order|buy|gift|party|guests?|picnic|weekend|evening|tonight|plan|treat|event|"
    r"flight|remedy|safe|avoid)\b|推荐|建议|安排|聚会|请客|礼物|周末|今晚|注意什么|适合",
    re.IGNORECASE,
)


def is_constraint(value: str, speaker: str = "user") -> bool:
    """Whether a statement sets such a limit, and does not lift one."""
    told = [c for c in claims(value, speaker) if c.attribute.partition(":")[0] in _FAMILIES]
    if told:
        return any(not claim.ended for claim in told)
    if _DENIED.search(value):
        return False
    return bool(_ENGLISH.search(value.replace("’", "'")) or _CHINESE.search(value))


def is_touched(question: str) -> bool:
    """Whether a question touches food, health or travel, or asks for something to do."""
    return bool(topics_of(question) & TOUCHED or _ASKS.search(question))
