"""Domains of life a text touches, English and Chinese. Word lists; no model.

An embedder tells little about what belongs together in life: "look at tiles" is as far from
"confirm the plumbing" as from "buy groceries" (docs/organising.md).
"""

import re

from memos.graph_dbs.tokenize import tokenize
from memos.types.language import CJK

FOOD, HEALTH, TRAVEL = "food", "health", "travel"
_ENGLISH = {
    FOOD: "food eat drink cook cooking recipe restaurant dinner lunch breakfast brunch meal snack dish menu "
    "cuisine bake baking dessert cake bread vegetarian vegan allergic allergy coffee tea wine beer takeout "
    "barbecue pizza sushi noodle meat vegetable fruit hungry ingredient cafe bistro catering potluck",
    HEALTH: "health doctor hospital medicine medication pill drug painkiller symptom sick ill pain headache fever "
    "cold flu allergy exercise workout gym fitness diet weight sleep insomnia therapy dentist surgery vaccine "
    "vitamin supplement pregnant diabetes asthma injury clinic pharmacy",
    TRAVEL: "travel trip flight fly hotel vacation holiday itinerary visa passport airport airline train cruise "
    "tour tourist sightseeing booking luggage abroad beach hike destination weekend-getaway hostel resort",
    "housing": "apartment house home mortgage landlord rent rental lease property realtor downpayment "
    "second-hand viewing neighbourhood neighborhood listing estate tenant loan deed",
    "renovation": "renovation renovate tile plumbing electrical electrician plumber contractor furniture paint "
    "painting floor flooring wallpaper cabinet kitchen bathroom carpenter sofa curtain decor decoration "
    "delivery wiring remodel interior",
    "work": "work job office meeting boss manager colleague deadline project client report presentation salary "
    "career promotion interview company team quarterly contract invoice",
    "study": "study exam school university course class homework teacher student degree thesis lecture learn "
    "math function lesson grade textbook tutor",
    "family": "family wife husband son daughter child kid mother father parent sister brother baby wedding "
    "birthday anniversary grandma grandpa",
    "pets": "dog cat pet puppy kitten vet leash litter",
    "sport": "run running marathon football soccer basketball tennis swim swimming yoga cycling climbing match "
    "training race ski",
    "entertainment": "movie film music concert game book novel series show theatre theater museum guitar piano "
    "podcast band song",
    "money": "budget saving savings invest investment stock tax insurance bank loan credit bill price",
    "technology": "code coding python software laptop computer phone app server programming bug database deploy",
}
_CHINESE = {
    FOOD: "吃|喝|饭|菜|餐|做菜|食谱|饮食|餐厅|聚餐|早餐|午餐|晚餐|零食|点心|蛋糕|咖啡|茶|酒|火锅|烧烤|水果|素食|过敏|外卖|甜品|海鲜",
    HEALTH: "健康|医生|医院|药|症状|生病|感冒|发烧|头疼|头痛|疼|过敏|锻炼|健身|减肥|体检|睡眠|失眠|手术|疫苗|牙医|怀孕|糖尿病|高血压|哮喘|保健",
    TRAVEL: "旅行|旅游|出差|机票|航班|飞机|酒店|行程|签证|护照|机场|高铁|火车|度假|景点|出国|自驾|民宿|攻略|行李",
    "housing": "买房|看房|二手房|房价|均价|房贷|贷款|利率|首付|中介|小区|楼盘|租房|房东|户型|学区",
    "renovation": "装修|瓷砖|水电|工长|家具|油漆|地板|墙纸|橱柜|卫浴|沙发|窗帘|软装|硬装|设计师|送货|灯具|吊顶",
    "work": "工作|上班|会议|开会|老板|同事|截止|项目|客户|报告|工资|面试|公司|加班|合同|汇报",
    "study": "学习|考试|学校|大学|课程|作业|老师|学生|论文|数学|函数|复习|教材|备考",
    "family": "家人|妻子|丈夫|老婆|老公|儿子|女儿|孩子|妈妈|爸爸|父母|姐姐|妹妹|哥哥|弟弟|婚礼|生日",
    "pets": "狗|猫|宠物|遛狗|兽医",
    "sport": "跑步|马拉松|足球|篮球|网球|游泳|瑜伽|骑行|爬山|比赛|滑雪",
    "entertainment": "电影|音乐|演唱会|游戏|小说|看书|电视剧|展览|博物馆|吉他|钢琴|追剧",
    "money": "预算|存钱|理财|投资|股票|税|保险|银行|信用卡|账单",
    "technology": "代码|编程|软件|电脑|手机|服务器|程序|数据库|部署|算法",
}
_WORDS = {
    word: topic for topic, words in _ENGLISH.items() for word in tokenize(words.replace("-", " "))
}
_CHINESE_TOPICS = {topic: re.compile(words) for topic, words in _CHINESE.items()}
_HAN = re.compile(f"[{CJK}]")


def topics_of(text: str) -> frozenset[str]:
    """Topics whose words occur in a text."""
    found = {_WORDS[word] for word in tokenize(text) if word in _WORDS}
    if _HAN.search(text):
        found |= {topic for topic, words in _CHINESE_TOPICS.items() if words.search(text)}
    return frozenset(found)
