"""Word lists shared by the rules, and the one way to write them down."""

import re


def words(text: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(text.split())


def alternation(*texts: str) -> str:
    """Escaped regular expression for any of the words or phrases, the longest first.

    Phrases are separated by `|` inside one text; a text without `|` is a list of words.
    """
    phrases = [
        p.strip() for text in texts for p in (text.split("|") if "|" in text else text.split())
    ]
    return "|".join(re.escape(p) for p in sorted({p for p in phrases if p}, key=len, reverse=True))


PAST_FORMS = words(
    "was were had did went came got took made said told saw knew thought found felt left kept met "
    "brought bought caught taught fought sought began began became built burnt chose drew drank "
    "drove ate fell fed flew forgot forgave froze gave grew hung heard hid held laid led learnt "
    "lent lost lit meant paid rode rang rose ran sold sent shook shone shot showed sang sank sat "
    "slept spoke spent spun stood stole stuck struck swore swept swam swung threw understood woke "
    "wore won wrote broke bent bound bled blew dealt dug dreamt leapt rebuilt redid slid snuck "
    "sped spelt spilt spoilt sprang stung tore undertook upset withdrew wound wept overcame gone "
    "been done used could would should might must will shall can may cannot ought"
)
"""Verb forms that agree with every subject: irregular pasts and modal verbs."""

MODALS = words("could would should might must will shall can may cannot ought used")
UNCHANGING = words("read put set cut let hit hurt cost quit shut spread bet split cast burst rid")
"""Verbs whose past looks like the base form; without another sign they are read as past."""

BASE_IN_ED = words("need feed bleed breed speed seed weed heed exceed proceed succeed embed shed")
"""Base forms that end like a past."""

BASE_VERBS = words(
    "accept ache add adore advise agree aim allow answer appreciate ask avoid bake become begin "
    "believe bike blog bring build buy call camp care carry celebrate check choose clean climb code "
    "collect come commute consider cook crave create cry cycle dance dedicate design detest dislike do "
    "draw dream drink drive earn eat encourage enjoy exercise expect explore fear feed feel fight "
    "find fish fly focus follow garden get give go grow guess hang happen hate have hear help hike "
    "hope imagine intend invest jog join keep know learn leave like listen live look lose love make manage mean "
    "meditate meet mind miss move need notice offer organize own paint pay plan play practice "
    "practise pray prefer prepare promise read realize recommend regret relax remember rent run save say see "
    "seem sell send share shop sing sit skate skip sleep speak spend stand start stay stop stream struggle "
    "study suffer suggest support suppose swim take talk teach tell tend think train travel treat try "
    "understand use visit volunteer wait wake walk want watch wear weigh wish wonder work worry write "
    "love binge value hunt knit surf ski sew chat juggle handle run miss admire"
)
"""Common verbs in their base form: only these are taken for a second verb after `and`."""

ADVERBS = words(
    "really also just always never usually often still only already recently actually currently "
    "probably definitely totally finally sometimes absolutely truly honestly generally mostly "
    "mainly rarely seldom hardly barely normally typically occasionally frequently regularly "
    "constantly simply personally especially particularly strongly deeply greatly highly fully "
    "completely certainly surely kinda sorta even ever soon now then once first again too so "
    "literally basically genuinely secretly kindly obviously apparently eventually initially "
    "longer originally previously lately firmly gladly happily sadly luckily unfortunately mainly both "
    "all almost nearly quite rather very much super"
)

NOT_VERBS = words(
    "and or but with who that which in on at of for to from by as than if when while the a an my "
    "our your his her their its this these those not no yes is are am be been being were he she it "
    "they we you i me him them us so because since until myself yourself"
)
"""Words after a pronoun that show it is no subject, or that no verb follows."""

FUNCTION_WORDS = words(
    "a an the and or but if so then than that this these those there here i me my mine myself we "
    "us our ours you your yours he him his she her hers it its they them their theirs who whom "
    "whose which what when where why how am is are was were be been being do does did doing have "
    "has had having will would shall should can could may might must to of in on at by for with "
    "from as about into over after before up down out off again once too very really just also "
    "not no nor only own same s t d ll m re ve im ive id dont didnt cant wont isnt arent wasnt "
    "all any some both each more most much many few other such it's i'm i've i'd i'll don't didn't "
    "can't won't isn't aren't wasn't that's what's there's let's you're you've you'd you'll we're "
    "we've we'll they're he's she's who's how's where's here's gonna wanna gotta kinda lot lots "
    "thing things stuff way get got go going make made let like"
)

PERSONAL_WORDS = words(
    "job work help week weekend night day rest man friend heart keep need go deserve"
)
"""Filler that tells something when a person speaks of themselves: `I didn't get the job`."""

FILLER_WORDS = words(
    "wow oh ah aw aww ooh hmm hm um uh huh haha hahaha lol omg yay woo woohoo hey hi hello yo hiya "
    "howdy morning afternoon evening goodnight bye goodbye cya later soon yes yeah yep yup ya no "
    "nope nah ok okay okey alright right sure fine cool great awesome amazing fantastic wonderful "
    "nice good lovely sweet super neat dope sick rad epic incredible impressive beautiful gorgeous "
    "stunning fabulous brilliant excellent perfect terrific magnificent inspiring adorable cute "
    "thanks thank thx ty cheers welcome please sorry pardon glad happy pleased proud excited hear "
    "heard see seeing know talk talking catch chat soon care day week weekend night time luck "
    "absolutely definitely totally exactly indeed certainly true agree agreed sounds sound seems "
    "looks look mean means lot well anyway anyhow btw guess course understood noted got gotcha "
    "problem worries wonderful fun interesting exciting congrats congratulations kudos bravo keep "
    "work job one man dude buddy friend pal mate bro sis guys everyone all always so appreciate "
    "kind words support encouragement help nothing much bad ugh damn wish best hope enjoy rest "
    "deserve blast believe idea point makes sense fair enough whoa aha haha phew done say saying "
    "said told think thought wait back today forward long feel free questions question question? "
    "anything else need let assist kindness imagine bet must tell more share sharing shared go "
    "there heart fingers crossed huge big inspiration totally super support rock rocks killing "
    "bummer prob pumped stoked thrilled catching easy safe adorable hang sounds way deal touching "
    "heartwarming curious relatable neither either"
)
"""Words that carry no lasting information when a sentence has nothing else."""
