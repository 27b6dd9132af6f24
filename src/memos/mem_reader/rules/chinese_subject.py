"""Who or what a Chinese clause is about, told by its first words. Tables, no parser."""

import re
from enum import Enum

from memos.memories.textual.tree_text_memory.organize.state_lexicon import CHINESE_KIN

_THINGS = [
    "手机",
    "电脑",
    "笔记本",
    "平板",
    "车子",
    "车",
    "房子",
    "房间",
    "老家",
    "家里",
    "房租",
    "房贷",
    "车贷",
    "房东",
    "工资",
    "月薪",
    "年薪",
    "奖金",
    "公司",
    "单位",
    "部门",
    "团队",
    "领导",
    "经理",
    "导师",
    "护照",
    "驾照",
    "签证",
    "身份证",
    "生日",
    "通勤",
    "邮箱",
    "电话",
    "手机号",
    "微信号",
    "地址",
    "膝盖",
    "腰",
    "脖子",
    "后背",
    "肩膀",
    "胃",
    "血型",
    "血压",
    "身高",
    "体重",
    "宠物",
    "小狗",
    "小猫",
    "毕业论文",
    "论文",
    "合同",
    "房租合同",
    "租约",
    "预产期",
    "婚礼",
    "专业",
    "学校",
    "目标",
    "爱好",
    "鞋码",
    "网名",
    "昵称",
    "爸妈",
    "公公",
    "婆婆",
    "岳父",
    "岳母",
    "嫂子",
    "姐夫",
    "妹夫",
    "弟媳",
    "儿媳",
    "女婿",
    "前夫",
    "前妻",
    "孙子",
    "孙女",
    "外孙",
    "大伯",
    "伯父",
    "伯母",
    "舅妈",
    "婶婶",
    "宝宝",
    "大儿子",
    "小儿子",
    "大女儿",
    "小女儿",
    "双胞胎",
    "男朋友",
    "女朋友",
    "闺蜜",
    "室友",
]
_NOUNS = "|".join(
    sorted({*_THINGS, *CHINESE_KIN} - {"先生", "老师", "朋友"}, key=len, reverse=True)
)
TIME = (
    r"(?:(?:现在|目前|如今|今年|去年|前年|明年|后年|今天|昨天|前天|明天|后天|今早|今晚|昨晚|明晚|早上|上午|中午|下午|晚上|凌晨|"
    r"这周|上周|下周|周末|上周末|下周末|这个?月|上个?月|下个?月|最近|刚刚|刚才|平时|从小|小时候|以前|之前|后来|曾经|本来|原来|"
    r"年底|年初|月底|月初|(?:上|下|这|每)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|每天|每周|每年|每个月|每月|"
    r"(?:\d{2,4}年)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:份|底|初|中旬)?(?:(?:\d{1,2}|[一二三四五六七八九十]{1,3})[号日])?|\d{4}年|"
    r"(?:\d+|[一二两三四五六七八九十半几]+)(?:个)?(?:天|周|星期|月|年|小时|点半?)(?:前|后|多)?|从今年|从去年|(?:\d{1,2}|[一二三四五六七八九十]{1,3})点(?:半|钟|[\d一二三四五六七八九十]+分?)?)(?:的时候|开始|起|以来)?)*"
)
"""Words of time a clause may open with."""
_ADVERBS = "(?:终于|其实|已经|又|也|还|都|就|刚|才|真的|好像|大概|可能|应该|肯定|当然|总之|不小心|一直|经常|常常|一般|基本|确实)*"
_AFTER_NOUN = (
    "(?=[是在叫有坏又也都要会很被丢了过还不没已刚今去上下这现从到考交涨生走得换卖太最特快突出住总老明昨前后一二三四五六七八九十"
    r"周每对跟和给把让想喜爱怕说病疼痛搬改就只够少高低超比能可应需花读学结离退毕养用坐穿胖瘦离单未成变长更超挺才正终于昏"
    r"\d，,：:])"
)
_OWNED = re.compile(rf"(?:{_NOUNS}){_AFTER_NOUN}(?!上班族|站|位|票|牌|库|主|友)")
_SELF = re.compile(r"(?:我们|咱们|本人|我|俺|咱|用户)(?!国)(?!的)")
_OF_SELF = re.compile(
    rf"(?:我们?|咱们?|俺|用户)(?:家|的|家的)?(?:{_NOUNS}|朋友|老师|[\u4e00-\u9fff]{{1,4}}(?:的))|(?:我们?|咱们?|用户)(?:家|的)"
)
_OTHER = re.compile(
    r"(?<![吉其])他|[她它你您]|大家|有人|别人|谁|(?:这|那)(?!个?月|个?周|个?星期|年|次|几天|两天|段时间)|其中|[\u4e00-\u9fff]{1,6}(?:说|告诉|觉得|认为)"
)
_VERBS = (
    r"(?:单身|已婚|未婚|离异|丧偶|不抽|不太|不怎么|不再|不|没有|没|别|很|特别|非常|最|比较|更|要|想|打算|准备|计划|会|可以|能|只能|需要|希望|喜欢|爱(?!人|情)|讨厌|偏好|习惯|害怕|怕|觉得|"
    r"认为|知道|住|在|去|来|到|有|是|叫|姓|做|当|学|吃|喝|买|卖|用(?!户)|养|带|搬|换|订|预订|选|参加|毕业|工作(?!日)|上班|生(?!日|活)|入职|升职|离职|辞职|跳槽|退休|"
    r"被|搬进|满|体检|离开|加入|考|转|改[喝吃用穿坐骑开做学练]|涨工资|加薪|领养|收养|攒|还(?=[了清完])|欠|丢|摔|扭|拿到|考上|考过|考了|收到|查出|确诊|戒|开始|完成|通过|报名|申请|约|看|听|玩|写|读|跑|打|骑|开(?!会儿)|坐|练|教|"
    r"起床|睡觉?|失眠|结婚|离婚|怀孕|感冒|过敏|分手|脱单|失业|失恋|失眠|回|飞|试|签|办|租|装修|种|修|拍|弹|唱|画|刚|新买|新换|终于|基本|主要|转行|"
    r"给|跟(?!.{1,6}一样)|和.{1,6}(?:分手|结婚|一起|吵|合租|约|去)|陪|把|从|对.{1,12}(?:过敏|感兴趣))"
)
_SOMEBODY = re.compile(
    r"(?<![吉其])他|[她它咱俺我您你]|(?:这|那)(?!个?月|个?周|个?星期|年|次|几天|两天|段时间)(?:个|里|些|儿|边|种|是)?|大家|有人|谁"
)
BARE = "我的"
"""Stands before somebody or something of the speaker whose owner is left out."""
_OPENS_WITH_VERB = re.compile(_VERBS)
_CONNECTIVE = re.compile(r"(?:但是?|不过(?!敏)|而且|并且|可是|同时|另外|只是)[，,]?")
_LEAD = re.compile(rf"{TIME}{_ADVERBS}{TIME}")


class About(Enum):
    """Whom or what a clause is about."""

    SPEAKER = "speaker"
    """The speaker, named by a pronoun."""
    OWN = "own"
    """Somebody or something of the speaker, said to be so."""
    OWN_BARE = "own, bare"
    """The same without a pronoun: 女儿5岁了."""
    OTHER = "other"
    OPEN = "open"
    """A verb without a subject: whoever the clause before is about."""
    UNKNOWN = "unknown"


def about(clause: str) -> About:
    """Whom a clause is about."""
    plain = clause.lstrip(" ")
    for rest in (plain, plain[_lead(plain) :]):
        if _OF_SELF.match(rest):
            return About.OWN
        if _SELF.match(rest):
            return About.SPEAKER
        if _OWNED.match(rest.removeprefix("的")):
            return About.OWN_BARE
    if _OTHER.match(rest):
        return About.OTHER
    if _OPENS_WITH_VERB.match(plain) or (rest != plain and _OPENS_WITH_VERB.match(rest)):
        return About.OPEN
    return About.UNKNOWN


def left_out(clause: str) -> str:
    """The subject that a clause leaves out, 我 or 我的; empty when it has one."""
    whom = about(clause)
    if whom is About.OWN_BARE and "我" not in clause:
        return BARE if _OWNED.match(clause) else "我"
    return "我" if whom is About.OPEN and not _SOMEBODY.search(clause[:12]) else ""


def connective(clause: str) -> int:
    """Length of the 但是, 而且 a clause opens with."""
    match = _CONNECTIVE.match(clause)
    return match.end() if match else 0


def _lead(clause: str) -> int:
    match = _LEAD.match(clause)
    return match.end() if match else 0
