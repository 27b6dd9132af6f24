"""Words by which states are recognised, and their canonical forms in both languages."""

import re
import unicodedata


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    """`a=x b=x c_d=y` as a mapping; underscores stand for spaces."""
    pairs = (part.split("=") for part in text.split())
    return {word.replace("_", " "): canonical.replace("_", " ") for word, canonical in pairs}


KIN = _pairs(
    "sister=sister brother=brother mother=mother mom=mother mum=mother mama=mother father=father "
    "dad=father papa=father wife=wife husband=husband partner=partner spouse=partner fiance=fiance "
    "fiancé=fiance fiancee=fiance fiancée=fiance boyfriend=boyfriend girlfriend=girlfriend son=son "
    "daughter=daughter child=child kid=child kids=child children=child parents=parent parent=parent "
    "grandmother=grandmother grandma=grandmother granny=grandmother nana=grandmother "
    "grandfather=grandfather grandpa=grandfather granddad=grandfather aunt=aunt uncle=uncle "
    "cousin=cousin nephew=nephew niece=niece friend=friend roommate=roommate flatmate=roommate "
    "colleague=colleague coworker=colleague co-worker=colleague boss=boss manager=boss "
    "neighbor=neighbour neighbour=neighbour classmate=classmate teacher=teacher twin=twin "
    "bestie=friend buddy=friend mentor=mentor ex=ex dog=dog cat=cat puppy=dog kitten=cat "
    "mother-in-law=mother-in-law father-in-law=father-in-law brother-in-law=brother-in-law "
    "sister-in-law=sister-in-law grandparents=grandparent stepson=son stepdaughter=daughter "
    "family=family friends=friend sisters=sister brothers=brother sons=son daughters=daughter "
    "team=team coach=coach doctor=doctor landlord=landlord"
)
CHINESE_KIN = _pairs(
    "姐姐=sister 妹妹=sister 姐=sister 妹=sister 哥哥=brother 弟弟=brother 哥=brother 弟=brother "
    "妈妈=mother 母亲=mother 妈=mother 老妈=mother 爸爸=father 父亲=father 爸=father 老爸=father "
    "妻子=wife 老婆=wife 太太=wife 媳妇=wife 丈夫=husband 老公=husband 先生=husband 爱人=partner "
    "未婚妻=fiance 未婚夫=fiance 男朋友=boyfriend 男友=boyfriend 女朋友=girlfriend 女友=girlfriend "
    "儿子=son 女儿=daughter 孩子=child 父母=parent 爸妈=parent 奶奶=grandmother 外婆=grandmother "
    "姥姥=grandmother 爷爷=grandfather 外公=grandfather 姥爷=grandfather 姑姑=aunt 阿姨=aunt "
    "姨妈=aunt 叔叔=uncle 舅舅=uncle 表哥=cousin 表姐=cousin 表弟=cousin 表妹=cousin 堂哥=cousin "
    "堂姐=cousin 堂弟=cousin 堂妹=cousin 侄子=nephew 外甥=nephew 侄女=niece 外甥女=niece "
    "朋友=friend 好友=friend 闺蜜=friend 哥们=friend 室友=roommate 同事=colleague 老板=boss "
    "领导=boss 上司=boss 邻居=neighbour 同学=classmate 老师=teacher 前任=ex 前女友=ex 前男友=ex "
    "狗=dog 猫=cat 家人=family"
)
_ALIASES = _pairs(
    "北京=beijing 上海=shanghai 广州=guangzhou 深圳=shenzhen 杭州=hangzhou 成都=chengdu 南京=nanjing "
    "武汉=wuhan 西安=xi'an 重庆=chongqing 天津=tianjin 苏州=suzhou 厦门=xiamen 青岛=qingdao "
    "香港=hong_kong 台北=taipei 东京=tokyo 大阪=osaka 首尔=seoul 新加坡=singapore 曼谷=bangkok "
    "伦敦=london 巴黎=paris 柏林=berlin 慕尼黑=munich 马德里=madrid 罗马=rome 纽约=new_york "
    "旧金山=san_francisco 洛杉矶=los_angeles 西雅图=seattle 波士顿=boston 芝加哥=chicago "
    "多伦多=toronto 温哥华=vancouver 悉尼=sydney 墨尔本=melbourne 日本=japan 美国=united_states "
    "英国=united_kingdom 法国=france 德国=germany 加拿大=canada 澳大利亚=australia 中国=china "
    "意大利=italy 西班牙=spain 泰国=thailand 韩国=south_korea xian=xi'an nyc=new_york "
    "new_york_city=new_york sf=san_francisco la=los_angeles us=united_states usa=united_states "
    "uk=united_kingdom u.s.=united_states states=united_states america=united_states "
    "england=england korea=south_korea hongkong=hong_kong 谷歌=google 微软=microsoft 亚马逊=amazon "
    "腾讯=tencent 阿里巴巴=alibaba 阿里=alibaba 字节跳动=bytedance 字节=bytedance 华为=huawei "
    "百度=baidu 苹果公司=apple 特斯拉=tesla 京东=jd 美团=meituan 小米=xiaomi 网易=netease "
    "英伟达=nvidia 三星=samsung 索尼=sony 软件工程师=software_engineer 程序员=programmer "
    "工程师=engineer 老师=teacher 教师=teacher 医生=doctor 护士=nurse 律师=lawyer 设计师=designer "
    "产品经理=product_manager 会计=accountant 会计师=accountant 厨师=chef 记者=journalist "
    "作家=writer 学生=student 经理=manager 数据分析师=data_analyst 建筑师=architect 司机=driver "
    "摄影师=photographer 翻译=translator 研究员=researcher 教授=professor 销售=salesperson "
    "素食者=vegetarian 素食=vegetarian 素食主义者=vegetarian 纯素=vegan 纯素食者=vegan 吃素=vegetarian "
    "全素=vegan 生酮=keto 生酮饮食=keto 低碳=low-carb 无麸质=gluten-free 清真=halal"
)
"""Places, employers, jobs and diets whose Chinese and English names mean the same."""
_THINGS = _pairs(
    "苹果=apple 香蕉=banana 橙子=orange 橘子=mandarin 葡萄=grape 草莓=strawberry 西瓜=watermelon "
    "芒果=mango 桃子=peach 梨=pear 榴莲=durian 樱桃=cherry 咖啡=coffee 茶=tea 绿茶=green_tea "
    "红茶=black_tea 牛奶=milk 奶茶=milk_tea 啤酒=beer 红酒=red_wine 酒=alcohol 可乐=cola 果汁=juice "
    "辣=spicy_food 辣的=spicy_food 辛辣=spicy_food 甜食=sweet 甜=sweet 甜的=sweet 甜品=dessert 蛋糕=cake "
    "巧克力=chocolate 冰淇淋=ice_cream 面包=bread 米饭=rice 面条=noodle 饺子=dumpling 火锅=hotpot "
    "寿司=sushi 披萨=pizza 汉堡=burger 牛肉=beef 猪肉=pork 羊肉=lamb 鸡肉=chicken 鱼=fish "
    "海鲜=seafood 豆腐=tofu 鸡蛋=egg 香菜=cilantro 大蒜=garlic 洋葱=onion 蘑菇=mushroom 西红柿=tomato "
    "番茄=tomato 土豆=potato 奶酪=cheese 芝士=cheese 跑步=running 游泳=swimming 爬山=hiking "
    "徒步=hiking 登山=mountaineering 篮球=basketball 打篮球=basketball 足球=football 踢足球=football "
    "网球=tennis 打网球=tennis 羽毛球=badminton 打羽毛球=badminton 瑜伽=yoga 健身=fitness "
    "音乐=music 古典音乐=classical_music 爵士乐=jazz 爵士=jazz 摇滚=rock_music 电影=movie "
    "科幻电影=science_fiction_movie 恐怖片=horror_movie 恐怖电影=horror_movie 读书=reading 看书=reading "
    "阅读=reading 画画=painting 绘画=painting 摄影=photography 旅行=traveling 旅游=traveling "
    "做饭=cooking 烹饪=cooking 钓鱼=fishing 滑雪=skiing 跳舞=dancing 唱歌=singing 购物=shopping "
    "逛街=shopping 猫=cat 狗=dog 打游戏=gaming 玩游戏=gaming 骑车=cycling 骑行=cycling"
)
_IRREGULAR = _pairs(
    "children=child people=person mice=mouse feet=foot teeth=tooth knives=knife leaves=leaf "
    "loaves=loaf tomatoes=tomato potatoes=potato mangoes=mango heroes=hero movies=movie "
    "cookies=cookie pies=pie smoothies=smoothie brownies=brownie veggies=vegetable "
    "films=movie film=movie soccer=football travelling=traveling hot_pot=hotpot "
    "series=series species=species news=news physics=physics mathematics=mathematics "
    "tennis=tennis yoga=yoga jazz=jazz chess=chess christmas=christmas gymnastics=gymnastics "
    "politics=politics lens=lens asparagus=asparagus hummus=hummus swiss=swiss cactus=cactus "
    "octopus=octopus bus=bus gas=gas couscous=couscous molasses=molasses"
)
_ARTICLES = re.compile(r"^(?:(?:a|an|the|my|his|her|their|our|some|any|all|of)\s+)+")
_EDGE = re.compile(r"^[\s\W_]+|[\s\W_]+$")
KINDS_OF_DEVICE = {
    "phone": r"i ?phone|pixel|galaxy (?:s|z|note|a)|oneplus|motorola|xperia|smartphone|huawei (?:mate|p\d|pura|nova)|华为|小米|荣耀|苹果手机|redmi|红米|oppo|vivo",
    "laptop": r"macbook|thinkpad|xps|chromebook|zenbook|ideapad|surface laptop|laptop|notebook computer|matebook|联想|笔记本",
    "tablet": r"ipad|kindle|galaxy tab|surface pro|平板",
    "watch": r"apple watch|garmin|fitbit|galaxy watch|smartwatch|手表",
    "headphones": r"airpods|headphones?|earbuds|earphones|耳机",
    "console": r"playstation|ps ?[45]|xbox|nintendo switch|steam deck|游戏机",
    "camera": r"(?:canon|nikon|fuji\w*|leica|sony (?:alpha|a\d))\b.*|gopro|相机",
    "car": (
        r"tesla|toyota|honda|ford|prius|camry|corolla|civic|bmw|audi|volkswagen|vw|mercedes|volvo|mazda|subaru|"
        r"hyundai|kia|nissan|porsche|lexus|chevrolet|chevy|jeep|ferrari|mini cooper|byd|model [3sxy]\b|特斯拉|丰田|"
        r"本田|比亚迪|宝马|奔驰|奥迪|大众|蔚来|理想l|小鹏|汽车"
    ),
}
_DEVICE = {
    kind: re.compile(rf"(?<![a-z])(?:{words})", re.IGNORECASE)
    for kind, words in KINDS_OF_DEVICE.items()
}
DEVICE_NOUNS = _pairs(
    "phone=phone smartphone=phone mobile=phone cellphone=phone laptop=laptop computer=laptop "
    "notebook=laptop tablet=tablet car=car vehicle=car watch=watch smartwatch=watch "
    "headphones=headphones earbuds=headphones camera=camera console=console device=device "
    "手机=phone 笔记本=laptop 笔记本电脑=laptop 电脑=laptop 平板=tablet 平板电脑=tablet 车=car 汽车=car "
    "座驾=car 手表=watch 耳机=headphones 相机=camera 游戏机=console 设备=device"
)
_CITY_ALIASES = (
    "北京 上海 广州 深圳 杭州 成都 南京 武汉 西安 重庆 天津 苏州 厦门 青岛 香港 台北 东京 大阪 首尔 新加坡 曼谷 "
    "伦敦 巴黎 柏林 慕尼黑 马德里 罗马 纽约 旧金山 洛杉矶 西雅图 波士顿 芝加哥 多伦多 温哥华 悉尼 墨尔本 日本 美国 "
    "英国 法国 德国 加拿大 澳大利亚 中国 意大利 西班牙 泰国 韩国"
)
_OTHER_PLACES = (
    "长沙 郑州 济南 大连 沈阳 宁波 无锡 合肥 福州 昆明 哈尔滨 长春 石家庄 南昌 贵阳 南宁 海口 三亚 太原 兰州 "
    "乌鲁木齐 拉萨 澳门 珠海 东莞 佛山 老家 国外 海外 国内 外地 家里 家 乡下 农村 那边 这边 这里 那里 本地"
)
CITIES = frozenset(f"{_CITY_ALIASES} {_OTHER_PLACES}".split())
"""Chinese words after 在 that say where somebody works, not for whom."""


def canonical(text: str) -> str:
    """Canonical form of an object: folded, without articles, one name for both languages."""
    plain = _EDGE.sub("", unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))
    plain = _EDGE.sub("", _ARTICLES.sub("", plain))
    plain = " ".join(plain.split())
    return _ALIASES.get(plain, plain)


def thing(text: str) -> str:
    """Canonical form of something liked or disliked: singular English, Chinese where unknown."""
    plain = canonical(text) if text not in _THINGS else text
    if plain in _THINGS:
        return _THINGS[plain]
    if plain in _IRREGULAR:
        return _IRREGULAR[plain]
    head, _, last = plain.rpartition(" ")
    return f"{head} {singular(last)}".strip()


def singular(word: str) -> str:
    """English singular of a noun; other words unchanged."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.isascii() or word.endswith(("ss", "us", "is", "'s")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    return word.removesuffix("s")


def device_kind(text: str) -> str | None:
    """Kind of device a model name belongs to; None when it is not known as a device."""
    for kind in ("watch", "tablet", "headphones", "laptop", "console", "camera", "phone", "car"):
        if _DEVICE[kind].search(text):
            return kind
    return None
