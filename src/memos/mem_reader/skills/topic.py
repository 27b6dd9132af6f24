"""Kinds of tasks people bring again and again, by the words of a request."""

import re

_TOPICS: tuple[tuple[str, str, str, str], ...] = (
    (
        "Travel Planning", "旅行规划",
        r"trip|travel\w*|itinerar\w+|vacation|sightseeing|tour(?:ist)?|journey|getaway|backpack\w*|"
        r"(?:going|fly|flying|head(?:ing)?|visit\w*) (?:to|in) [A-Z]\w+|(?:days|weekend|week) in [A-Z]\w+",
        "旅行|旅游|行程|自由行|出游|度假|攻略|去[^，。]{1,10}(?:玩|旅|度假|待|住)|[玩待]\\s?[0-9一二三四五六七八九十几]+\\s?天",
    ),
    (
        "Weekly Report Writing", "周报撰写",
        r"weekly (?:report|update|summary)|status report|work report|monthly report",
        "周报|月报|日报|工作(?:汇报|总结|报告)",
    ),
    (
        "Email Writing", "邮件撰写",
        r"e-?mails?|(?:cover|thank.you) letter|(?:reply|respond) to (?:a|my|the) \w+",
        "邮件|回信|求职信|感谢信",
    ),
    (
        "Return Processing", "退货处理",
        r"return(?:s|ing|ed)? (?:a|an|the|my|these|those|headphones|items?|order)|refund\w*|after-sales?",
        "退货|退款|换货|售后",
    ),
    (
        "Expense Reimbursement", "费用报销",
        r"reimburse\w*|expense (?:report|claim)s?|invoices?", "报销|发票",
    ),
    (
        "Presentation Making", "演示文稿制作",
        r"presentations?|slides?(?: deck)?|powerpoint|ppt|keynote", "演示|幻灯片|PPT|ppt",
    ),
    (
        "Code Review", "代码评审",
        r"code reviews?|review (?:this|my|the) (?:code|pull request|pr|patch)", "代码评审|代码审查|review代码",
    ),
    (
        "Programming", "编程",
        r"(?:write|implement|refactor|debug|fix) (?:\w+ ){0,4}(?:function|script|class|code|bug|test|api|"
        r"program|query|module)s?|unit tests?", "写(?:个|一个|一段)?(?:函数|脚本|代码|程序)|重构|调试|修(?:复)?(?:bug|问题)|单元测试",
    ),
    (
        "Data Analysis", "数据分析",
        r"analy[sz]e (?:\w+ ){0,4}(?:data|dataset|csv|spreadsheet|sales|numbers|results)|data analysis|"
        r"charts?|dashboards?|pivot table", "数据分析|分析[^，。]{0,8}(?:数据|报表|销量)|图表|报表",
    ),
    (
        "Meal Planning", "饮食安排",
        r"meal plans?|recipes?|cook\w*|(?:plan|make|what).{0,20}(?:dinner|lunch|breakfast|meals?)|menu",
        "食谱|菜谱|做饭|做菜|(?:晚饭|午饭|早饭|晚餐|午餐|早餐)(?:吃|做|安排)|一周菜单",
    ),
    (
        "Restaurant Choice", "餐厅推荐",
        r"restaurants?|places? to eat|(?:book|reserve) a table|eat out", "餐厅|馆子|订位|下馆子|吃饭的地方",
    ),
    (
        "Workout Planning", "健身计划",
        r"workouts?|training plan|exercise plan|fitness (?:plan|routine)|gym (?:plan|routine)|marathon",
        "健身计划|训练计划|锻炼计划|跑步计划|减脂|增肌",
    ),
    (
        "Study Planning", "学习计划",
        r"study plans?|learning plan|revision plan|(?:prepare|study(?:ing)?|learn(?:ing)?) for (?:\w+ ){0,3}(?:exam|test|"
        r"certificate)|(?:want|like|going) to learn", "学习计划|复习|备考|学习路线|想学",
    ),
    (
        "Shopping Advice", "选购建议",
        r"(?:buy|buying|shopping for|looking for|recommend) (?:\w+ ){0,4}(?:laptop|phone|headphones|camera|shoes|"
        r"jacket|gift|present|car|bike|tv|monitor|sofa|dog food|cat food)s?|which \w+ should i (?:buy|get)",
        "选购|买(?:什么|哪)|推荐[^，。]{0,8}(?:手机|电脑|耳机|相机|鞋|衣服|礼物|车|电视|狗粮|猫粮)|想买",
    ),
    (
        "Translation", "翻译",
        r"translat\w+|localis\w+|localiz\w+", "翻译|译成|中译英|英译中",
    ),
    (
        "Summarising", "总结归纳",
        r"summar(?:y|ise|ize|ising|izing)\b|tl;?dr|key points|meeting (?:notes|minutes)", "总结(?:一下|下)?|归纳|会议纪要|摘要",
    ),
    (
        "Interview Preparation", "面试准备",
        r"interviews?|resume|cv\b|job application", "面试|简历|求职",
    ),
    (
        "Event Planning", "活动策划",
        r"(?:plan|organi[sz]e|throw)\w* (?:\w+ ){0,4}(?:party|wedding|event|birthday|dinner party|team.?building)",
        "聚会|派对|婚礼|活动策划|生日会|团建",
    ),
    (
        "Budget Planning", "预算规划",
        r"budget(?:ing)? (?:plan|for|my)|monthly budget|saving plan|financial plan", "预算规划|理财|存钱计划|记账",
    ),
    (
        "Film Recommendation", "影视推荐",
        r"(?:movie|film|series|tv show)s? (?:to watch|recommend\w*)|recommend (?:\w+ ){0,4}(?:movie|film|series|show)s?|"
        r"what (?:should|to|can) (?:i |we )?watch", "推荐[^，。]{0,8}(?:电影|剧|综艺|纪录片)|看什么(?:电影|剧)",
    ),
    (
        "Reading Recommendation", "阅读推荐",
        r"(?:book|novel)s? (?:to read|recommend\w*)|recommend (?:\w+ ){0,4}(?:book|novel)s?|what (?:should|to|can) (?:i )?read",
        "推荐[^，。]{0,8}(?:书|小说)|书单|看什么书",
    ),
)  # fmt: skip
_COMPILED = tuple(
    (english, chinese, re.compile(rf"\b(?:{words})", re.IGNORECASE), re.compile(han))
    for english, chinese, words, han in _TOPICS
)


def topic_of(text: str) -> str:
    """English name of the kind of task a text speaks of first; empty when of none."""
    found: tuple[int, str] | None = None
    for english, _, words, han in _COMPILED:
        for match in (words.search(text), han.search(text)):
            if match is not None and (found is None or match.start() < found[0]):
                found = (match.start(), english)
    return found[1] if found else ""


def topic_name(topic: str, *, chinese: bool) -> str:
    """Name of a kind of task for people."""
    if not chinese:
        return topic
    return next((han for english, han, _, _ in _COMPILED if english == topic), topic)
