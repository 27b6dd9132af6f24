"""What is said to an assistant and tells nothing for later: moods of the moment, turn-taking, orders.

Stricter than `filler`, which also reads talk between people: "I'm tired" says nothing lasting to an
assistant. An answer to a question is never chatter; the caller sees to that.
"""

import re

from memos.mem_reader.lexicon import words
from memos.mem_reader.rules.filler import content_words

_CHAT_WORDS = words(
    "funny go going ahead maybe perhaps later next stop never mind forget whatever moment second sec minute "
    "brb afk oops all now quick quickly helpful answer answers reply response wrong right again test testing "
    "tests tested happy weather hot cold warm sunny rainy humid chilly bored boring tired sleepy exhausted "
    "hungry thirsty ready question questions works working error errors same perfect keep honest "
    "honestly kidding joking joke jokes heard complain complaint shorter longer simpler count flip coin sing "
    "song robot bot human ai machine alive continue proceed sorry today tonight bye try tried trying help "
    "helps helped helping explain explained clear clearer unclear confused confusing lost check checking start "
    "started begin done finished finish end ending enough busy free bit little lot day week friday monday "
    "tuesday wednesday thursday saturday sunday weekend morning evening night holiday holidays christmas year "
    "new merry cheers welcome congratulations congrats luck fine okay alright well good better best bad worse "
    "worst nice great cool awesome love loved like liked likes hate enjoy enjoyed use useful smart clever "
    "genius amazing brilliant stupid silly weird strange odd interesting exciting impressive correct "
    "incorrect true false sure unsure idea clue guess guessed think thought know known understand understood "
    "see seen look looking say said saying tell told talk talking chat chatting speak hear listening listen "
    "wait waiting hold hang back here there hello hi hey yo sup greetings goodbye goodnight thanks thank "
    "appreciate appreciated pleasure please pls yes yeah yep no nope nah hmm huh ha haha hahaha lol lmao rofl "
    "omg wow whoa yay ugh meh aww fun surprise surprised serious seriously actually literally problem issue "
    "matter worry worries point sense deal way thing things stuff something anything nothing everything time "
    "sleep sleeping bed feel feeling mood meantime anyway anyways btw speaking of course absolutely exactly "
    "definitely totally indeed true agree agreed disagree possible impossible easy difficult simple "
    "asdf qwerty foo blah bla yada number numbers one two three ten hundred first last rephrase repeat restart "
    "reset undo cancel skip pass needed copy paste read reading write writing need want hope wish mean meant"
)
_PHRASES = re.compile(
    r"(?:lol |haha )?that(?:'s| is| was) hilarious|i (?:was|am|'m) (?:just )?wondering(?: about something)?|that reminds me|"
    r"brb\b.{0,20}|(?:i'm )?just (?:chilling|relaxing|resting|browsing|passing by)|(?:the )?same old(?:,? same old|,? story)?|"
    r"i can'?t believe it(?:'s| is) \w+day(?: already)?|time flies|i slept (?:well|badly|great|poorly)(?: last night)?|"
    r"i (?:just |already )?had (?:an? |some )?(?:nice |good |great |big |quick |late )?(?:lunch|dinner|breakfast|snack|coffee|tea|nap|drink)|"
    r"(?:i'm )?(?:going|gonna|about|off) to (?:grab|get|make|have|fetch) (?:an? |some |my )?(?:quick )?(?:coffee|tea|drink|snack|lunch|dinner|bite|water)\b.{0,15}|"
    r"i'm (?:just )?watching tv(?: now)?|i need (?:an?|some|my) (?:break|rest|coffee|nap|drink|minute)|"
    r"i'm (?:heading|going|off) to (?:bed|sleep)(?: now)?|it(?:'s| is) getting (?:late|dark|cold|hot|early)|"
    r"(?:i )?(?:gotta|have to|got to|should|must|need to) (?:run|go|get going|leave|dash)(?: now| soon)?|i can'?t stop (?:laughing|smiling)|"
    r"(?:the )?weather (?:\w+ ){0,3}?(?:sucks|nice|great|awful|terrible|bad|lovely|gross|good|beautiful|cold|hot)(?: (?:today|now|here|again|outside))*|"
    r"(?:just |exactly )?what i needed|that (?:really )?(?:cracked me up|made my day|made me (?:laugh|smile))|(?:please )?be (?:a bit |a little )?more \w+|you misunderstood(?: me)?|"
    r"i (?:just )?(?:woke|got) up|the (?:day|week|month|year) is (?:almost |nearly )?over|finally (?:friday|the weekend|weekend)|"
    r"(?:ugh,? )?\w+days|moving on|take your time|no (?:rush|hurry)|sounds? \w+|i can'?t follow(?: you| that)?|nothing new(?: here)?|it(?:'s| is) (?:still )?(?:raining|snowing|pouring|windy|foggy)(?: again| outside| today| now)*",
    re.IGNORECASE,
)
_BODY = (
    "(?:head|back|stomach|tummy|belly|tooth|teeth|throat|neck|feet|foot|legs?|arms?|eyes?|ears?|knees?|shoulders?|"
    "body|brain|muscles|hands?|wrists?|hips?|everything)"
)
_UNWELL = re.compile(
    rf"(?:(?:ow|ouch|ugh|man|god)[,.! ]+)*(?:my (?:whole |entire |lower |upper |left |right )?{_BODY} "
    r"(?:really |still |kinda |just |also |so |does )*(?:hurts?|aches?|is killing me|are killing me|is sore|are sore|feels? \w+)"
    r"|i(?:'m| am|'ve got| have| feel| got|'m feeling)(?: feeling)?(?: (?:an?|the|really|so|very|a bit|kinda|pretty|still|too|bad|terrible|"
    r"slight|awful|super|bit|little|of))*"
    r" (?:headache|hangover|stomach ?ache|toothache|sore throat|cramps|fever|hiccups|dizzy|sick|nauseous|unwell|freezing|"
    r"starving|sweaty|sleepy|exhausted|drained|hungover|cold|hot|lightheaded|shaky|bloated|queasy|ill))"
    r"(?: (?:so much|a lot|really|again|today|right now|now|tonight|badly|like hell|atm|rn|this morning|at the moment|and \w+))*",
    re.IGNORECASE,
)
"""How somebody's body is doing just now; `for three months` or `every morning` lasts."""
_CHINESE_UNWELL = re.compile(
    "(?:我|今天|现在|刚才|突然|感觉|觉得|有点儿?|有些|好|很|又|还是|真的|一直|特别|非常|稍微|浑身)*"
    "(?:头|脑袋|肚子|胃|牙|嗓子|喉咙|腰|背|脖子|肩膀|眼睛|耳朵|腿|脚|手|膝盖|胳膊|全身|浑身)?"
    "(?:有点儿?|有些|好|很|又|还|真|太|特别|非常)*(?:疼|痛|酸|晕|胀|难受|不舒服|发烧|恶心|想吐|没劲|头晕|头疼|头痛|犯困|胃疼)"
    "(?:死了?|得很|得厉害|得要命|得慌|起来|啊|呀|了|呢|哦|死我了)*"
)
_CHINESE_PHRASES = re.compile(
    "(?:你)?吃(?:过)?(?:饭|早饭|午饭|晚饭)?了(?:吗|没|没有)?|(?:我?今天|最近)?心情(?:不错|很好|不好|一般|很差|还行)|(?:我?刚刚?|已经)?(?:吃完饭|吃过饭?|睡醒|起床|下班|到家|洗完澡|忙完)了?|天气(?:转|变)?(?:凉|热|冷|暖)了?|"
    "(?:周末|假期)(?:终于)?(?:到|来)了|时间过得真快|(?:你)?说得(?:很|挺)?(?:有道理|对|好)|外面(?:好|很|真)(?:吵|冷|热|黑)|我?先?去(?:喝|倒|接|泡)(?:一?杯|点|口)(?:水|咖啡|茶)|"
    "回头再(?:聊|说)|(?:我?就是)?想找人(?:聊聊天|聊天|说说话)|终于下班了|不想(?:上班|上学|起床|动|干活)|聊点别的|我?在(?:发呆|摸鱼|路上|听)|准备睡(?:觉)?了|早点(?:休息|睡)|"
    "谢谢你的(?:帮助|回答|建议)|(?:和|跟)你聊天(?:很|真|挺)?(?:开心|愉快)|一切都(?:好|挺好|还好)|(?:还是)?老样子|笑不活了|绝了|我?不?信(?:你)?(?:了|的)?|好家伙|慢慢来|不?着急|(?:改|写|说|讲)(?:得)?(?:更|再)?(?:短|长|简单|详细|正式|口语)(?:一?点|一些)?|真是(?:个)?(?:好日子|倒霉|服了|够了|无语)|"
    "太长了不看|(?:好|太|真)(?:复杂|难|麻烦|夸张|离谱)了?"
)
_LEAD = re.compile(
    r"^(?:(?:haha|hah|ha|ok|okay|well|hmm+|um|uh|oh|ah|so|hey|alright|right|那个|哈+|嗯+|哦+|呃+|好的?|啊|诶|对了)[，,。.!！\s]+)+",
    re.IGNORECASE,
)
_TRIAL = words("test tests testing count")
_ORDER = re.compile(
    r"(?:please |pls |now |then |ok(?:ay)?,? |so |and )*(?:sing|count|flip|roll|toss|pick|guess|repeat|rephrase|"
    r"reword|rewrite|translate|spell|define|fix the|correct the|summari[sz]e|shorten|simplify|expand|continue|"
    r"make (?:it|this|that|them)|give me|list|show me|tell me|say|recite|draw|calculate|solve|generate|describe|"
    r"compose|act as|imagine|play|keep (?:it|going|on|up)|try|turn (?:it|this|that)|add (?:a|an|some|more)|"
    r"remove|replace|sort|convert|format|print|read (?:it|this|that))\b(?![^.!?]*\b(?:my|our|i|i'm|i've|we|from now on|"
    r"always|never)\b)",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"(?:so |wow |and |but )*(?:i (?:really |do |just )*(?:like|love|enjoy|appreciate|hate|dislike) (?:your|that|this|the|it)"
    r"(?: (?:last|new|first|second|one|answer|answers|reply|replies|response|idea|joke|poem|story|style|tone|explanation|help|so much|a lot|one))*"
    r"|(?:you|that|this|it|these|those)(?:'re|'s| are| is| was| were| sounds?| looks?| seems?| feels?)"
    r"(?: (?:so|very|really|quite|pretty|too|just|such|an?|the|not|all|almost|kind of|absolutely|always))*"
    r" [\w-]+(?: (?:joke|answer|one|idea|bot|assistant|question|story|poem|job|help|friend|to me|for now|today|indeed|then|"
    r"of you|to hear|here|again))*)",
    re.IGNORECASE,
)
_NOT_OPINION = re.compile(
    r"\b(?:\d|january|february|march|april|may|june|july|august|september|october|november|december)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9']+")

_CHINESE_ORDER = re.compile(
    "(?:请|麻烦|那|那就|再|来|帮我|给我|你)*(?:(?:讲|说|唱|背|念|来|写|编|画)(?:个|首|一|段|句|几)(?!.{0,20}[了过])|把.{1,20}(?:翻译|改|换|缩短|扩写|写成|变成)|"
    "换(?:个|一种|一个)|改一下|改改|改写|重写|重新(?:说|写|回答)|总结|概括|缩短|扩写|润色|翻译|数到|抛(?:个|一下)?硬币|选(?:一个|个)|猜(?:一下|猜|个)|"
    "给(?:我)?(?:几|三|两|一|个)|举(?:个|几)|列(?:出|个|一下)|解释|续写|写得|短一点|长一点|简单点|详细点|说人话|接着(?:说|写|讲)|继续|下一)"
)
_CHINESE_OWN = re.compile("我的|我家|我们|以后|今后|每次|总是|永远")
_CHINESE_CHAT = re.compile(
    "好久不见|不好意思|抱歉|对不起|没关系|不客气|不用谢|谢谢|感谢|多谢|辛苦|麻烦|打扰|恭喜|祝|干杯|加油|保重|再见|拜拜|晚安|早安|早上好|中午好|下午好|晚上好|你好|您好|哈喽|嗨|"
    "新年快乐|生日快乐|周[一二三四五六日天末]|星期[一二三四五六日天]|节日|快乐|愉快|开心|高兴|好运|顺利|天气|好热|好冷|热|冷|下雨|出太阳|闷|"
    "无聊|累|饿|困|渴|忙|烦|郁闷|睡觉|休息|今天|明天|昨天|现在|刚才|刚刚|待会儿?|等会儿?|一会儿?|等一下|稍等|等等|马上|先|然后|"
    "测试|试试|试一下|再试|一次|一下|报错|错误|出错|不行|行了?|可以|能用|好用|没用|有用|完美|漂亮|厉害|牛|强|棒|赞|优秀|聪明|可爱|有意思|没意思|好笑|搞笑|有趣|无语|"
    "笑死|笑|哭|呜+|嘿+|哈+|呵+|嘻+|嗯+|哦+|噢+|啊+|呀|哇+|哎+|唉+|诶|喂|额+|呃+|真的假的|真的|假的|真|假|当然|确实|果然|居然|竟然|原来|如此|"
    "回答|说法|说话|说实话|话说|说|讲|聊天?|问题|问|答|意思|什么|怎么|为什么|哪里|哪儿|谁|吗|呢|吧|啦|嘛|么|哪|哒|喽|咯|罢|"
    "知道|明白|懂|了解|理解|清楚|收到|听说|听起来|听|看起来|看看|看|觉得|感觉|认为|以为|想想|想|猜|着|过|得|地|的|了|"
    "开始|结束|继续|接着|停|下一个|下一|下次|上次|这次|那次|这样|那样|这么|那么|这个|那个|这些|那些|这|那|就|才|都|也|还|又|再|很|太|超级?|非常|特别|有点|一点|点儿?|挺|"
    "比较|更|最|不错|不对|不是|不要|不用|不必|不会|不|没什么|没事|没有|没|有|是|对|错|好|坏|差|行|成|妥|嗷|算了|随便|随意|都行|无所谓|一样|同意|赞成|反对|支持|"
    "回来|来|去|走|到|在|上|下|起|出|进|给|把|被|让|叫|请|要|会|能|该|应该|可能|大概|也许|或许|估计|差不多|为止|而已|其实|反正|总之|对了|顺便|另外|不过|但是|可是|"
    "我们|你们|咱们?|我|你|您|见|里|运|他|她|它|大家|自己|人家|开玩笑|玩笑|逗|玩|闹|干|干嘛|干什么|机器人|助手|准备|个|些|些?许|几|一|二|两|三|十|数|"
    r"[\W_]+"
)


def is_chatter(text: str) -> bool:
    """Whether a sentence to an assistant, which answers no question, tells nothing for later."""
    plain = _LEAD.sub("", text.strip(" \t.!?~。！？～…").replace("’", "'"))
    if re.search("[\u3400-\u9fff]", plain):
        return _chinese(plain)
    if _ORDER.match(plain) or _PHRASES.fullmatch(plain) or _UNWELL.fullmatch(plain):
        return True
    named = re.search(r"(?<!^)\b[A-Z][a-z]+", plain) is not None
    if not named and not _NOT_OPINION.search(plain) and _OPINION.fullmatch(plain):
        return True
    said = [word for word in content_words(plain) if not word.endswith("n't")]
    counted = bool(_TRIAL & set(said))
    return all(word in _CHAT_WORDS or (counted and word.isdigit()) for word in said)


def _chinese(plain: str) -> bool:
    if _CHINESE_OWN.search(plain):
        return not _CHINESE_CHAT.sub("", plain)
    clauses = [_LEAD.sub("", clause) for clause in re.split(r"[，,；;。\s]+", plain) if clause]
    return all(
        (len(c) <= 30 and _CHINESE_ORDER.match(c))
        or _CHINESE_PHRASES.fullmatch(c)
        or _CHINESE_UNWELL.fullmatch(c)
        or not _CHINESE_CHAT.sub("", c)
        for c in clauses
    )
