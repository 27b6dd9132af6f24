"""States read from statements: what is claimed, and all that must claim nothing."""

import pytest

from memos.memories.textual.tree_text_memory.organize.state import Claim, claims

# Statement, then its claims: `subject attribute = object`, `-` before what ended, `!` before a dislike.
ENGLISH = """
I live in Beijing. | user home = beijing
i live in new york | user home = new york
I'm living in Paris now | user home = paris
I am based in London these days. | user home = london
I currently reside in Oslo. | user home = oslo
I've lived in Kyoto for three years. | user home = kyoto
The user lives in San Francisco, California. | user home = san francisco
The user lives in a small town near Boston. | user home = boston
The user moved from Beijing to Shanghai last month (October 2026). | user home = -beijing; user home = shanghai
The user moved to Lisbon in March. | user home = lisbon
The user has moved to NYC. | user home = new york
I just moved back to Toronto from Oslo. | user home = -oslo; user home = toronto
My wife and I moved to Porto last week | user home = porto
We have relocated to Denver. | user home = denver
I just settled in Vienna. | user home = vienna
I no longer live in Paris. | user home = -paris
I don't live in Paris any more, I live in Rome now. | user home = -paris; user home = rome
I used to live in Leeds. | user home = -leeds
The user lived in Madrid for five years. | user home = -madrid
The user moved out of Berlin. | user home = -berlin
I left Beijing for Austin. | user home = -beijing; user home = austin
Last year I moved to Munich. | user home = munich
Since 2022 I have been living in Ghent. | user home = ghent
As of March I work for Zalando. | user employer = zalando
After leaving Google I joined Meta. | user employer = meta
I work at Boston Children's Hospital. | user employer = boston children's hospital
The user is a student at MIT. | user job = student; user school = mit
I became the head of design at Figma. | user job = head of design; user employer = figma
After college I moved to Seattle and joined Amazon. | user home = seattle; user employer = amazon
The user's home is in Hamburg. | user home = hamburg
The user and others moved to Dublin. | user home = dublin
Caroline moved to Chicago. | caroline home = chicago
The user's sister Anna lives in Berlin. | user's sister home = berlin
My brother moved to Austin. | user's brother home = austin
Caroline's mom lives in Stockholm. | caroline's mother home = stockholm
I live at 12 Main Street, Springfield. | user address = 12 main street, springfield
My address is 5 Rue de Rivoli, Paris | user address = 5 rue de rivoli, paris
I work at Google. | user employer = google
i work at google | user employer = google
I'm working for the World Bank. | user employer = world bank
The user works at Stripe as a data analyst. | user employer = stripe; user job = data analyst
The user works as a nurse. | user job = nurse
The user works as a senior software engineer at Siemens. | user job = senior software engineer; user employer = siemens
I joined Spotify last week. | user employer = spotify
I left Google and joined Meta. | user employer = -google; user employer = meta
I quit Amazon yesterday. | user employer = -amazon
I was laid off from Twitter last month. | user employer = -twitter
I no longer work at IBM. | user employer = -ibm
I used to work for Nokia. | user employer = -nokia
The user worked at Nokia for ten years. | user employer = -nokia
I resigned from Deloitte. | user employer = -deloitte
I quit my job. | user employer = -
I got fired last week. | user employer = -
I started a new job at Microsoft. | user employer = microsoft
I started working at Airbus in May. | user employer = airbus
I got a job as a teacher at Eton College. | user job = teacher; user employer = eton college
I was hired by Novartis. | user employer = novartis
I was promoted to engineering manager. | user job = engineering manager
The user got promoted to head of sales last week. | user job = head of sales
I became a nurse. | user job = nurse
I'm a software engineer. | user job = software engineer
I'm now a product manager at Apple. | user job = product manager; user employer = apple
I'm no longer a teacher. | user job = -teacher
I used to be a lawyer. | user job = -lawyer
My job is a translator. | user job = translator
My occupation: electrician | user job = electrician
I retired last year. | user job = retired; user employer = -
I am unemployed. | user job = unemployed
My mother is a doctor. | user's mother job = doctor
My brother's job is a chef | user's brother job = chef
My employer is Philips. | user employer = philips
I study physics at Stanford University. | user school = stanford university
I go to Lincoln High School. | user school = lincoln high school
I graduated from Oxford University. | user school = -oxford university
I transferred to Columbia University. | user school = columbia university
I am 30. | user age = 30
I'm 30 years old. | user age = 30
I just turned 31. | user age = 31
The user turned 40 last week. | user age = 40
The user's sister Mia is 12 years old. | user's sister age = 12
My age is 29 | user age = 29
My name is Robin. | user name = robin
The user's name is Tom Baker. | user name = tom baker
I go by Sam. | user name = sam
I changed my name to Alex. | user name = alex
My dog's name is Rex. | user's dog name = rex
I got married last week. | user relationship = married
We got engaged! | user relationship = engaged
I'm divorced now. | user relationship = divorced
I am single. | user relationship = single
I'm in a relationship now. | user relationship = dating
I started dating someone. | user relationship = dating
I broke up with Emma. | user relationship = single
My boyfriend and I split up. | user relationship = single
The user is 47 and divorced. | user age = 47; user relationship = divorced
I used to live in Bath but now I'm in Cardiff. | user home = -bath; user home = cardiff
I'm not allergic to dust anymore. | user allergy:dust = -dust
I outgrew my milk allergy. | user allergy:milk = -milk
I was diagnosed with depression in May. | user condition:depression = depression
I don't drink beer, only cider. | user taste:beer = !beer
I was promoted to head chef yesterday. | user job = head chef
I make 60k a year. | user salary = 60k a year
My rent went up to 1100. | user rent = 1100
I joined a startup called Lumen. | user employer = lumen
My sister is married. | user's sister relationship = married
I'm not married any more. | user relationship = -married
I use an iPhone 15. | user device:phone = iphone 15
My phone is a Pixel 8. | user device:phone = pixel 8
I switched from an iPhone 12 to a Pixel 8. | user device:phone = -iphone 12; user device:phone = pixel 8
I bought a MacBook Air. | user device:laptop = macbook air
I upgraded to an iPhone 16 Pro yesterday. | user device:phone = iphone 16 pro
I drive a Toyota Corolla. | user device:car = toyota corolla
My new car is a Tesla Model 3. | user device:car = tesla model 3
I sold my Tesla. | user device:car = -tesla
I replaced my ThinkPad with a MacBook Pro. | user device:laptop = -thinkpad; user device:laptop = macbook pro
The user's device is a 13-inch Intel MacBook Pro. | user device:laptop = intel macbook pro
I no longer use my Kindle Paperwhite. | user device:tablet = -kindle paperwhite
I became vegan. | user diet = vegan
I am a vegetarian. | user diet = vegetarian
I'm no longer vegetarian. | user diet = -vegetarian
I eat meat again. | user diet = omnivore
I stopped eating meat. | user diet = vegetarian
I'm on a keto diet. | user diet = keto
I switched to a gluten-free diet. | user diet = gluten-free
I like apples. | user taste:apple = apple
I don't like apples any more. | user taste:apple = !apple
The user does not like apples anymore. | user taste:apple = !apple
I love coffee and tea. | user taste:coffee = coffee; user taste:tea = tea
I hate mushrooms. | user taste:mushroom = !mushroom
I can't stand cilantro. | user taste:cilantro = !cilantro
I used to like durian. | user taste:durian = -durian
I no longer enjoy karaoke. | user taste:karaoke = !karaoke
I can't eat very oily or spicy food now, and I prefer something lighter. | user taste:oily food = !oily food; user taste:spicy food = !spicy food
I don't eat pork. | user taste:pork = !pork
I love to swim. | user taste:swimming = swimming
I'm a big fan of jazz. | user taste:jazz = jazz
I'm not into horror movies. | user taste:horror movie = !horror movie
Caroline loves painting. | caroline taste:painting = painting
My son likes strawberries. | user's son taste:strawberry = strawberry
I've always loved dogs. | user taste:dog = dog
My favorite food is sushi. | user favourite:food = sushi
The user's favourite colour is now green. | user favourite:colour = green
My goal is to run a marathon. | user goal = run a marathon
I gave up my goal of learning Greek. | user goal = -learning greek
I'm planning a trip to Japan in April. | user plan:travel = japan
I booked flights to Rome. | user plan:travel = rome
We cancelled our trip to Iceland. | user plan:travel = -iceland
My email is robin@mail.example. | user email = robin@mail.example
My new phone number is 555-123-4567. | user phone_number = 555-123-4567
Caroline said: "I live in Rome." Melanie moved to Bern. | melanie home = bern
Asked "Where do you live?", the user answered: The user lives in Bonn. | user home = bonn
The user said: moved to Graz, works at Infineon. |
"""

CHINESE = """
用户对虾不过敏了。 | user allergy:虾 = -虾
用户对花生已经不过敏了。 | user allergy:花生 = -花生
用户以前住在天津，现在住重庆。 | user home = -tianjin; user home = chongqing
用户被开除了。 | user employer = -
用户加入了一家小公司叫星河。 | user employer = 星河
用户体检查出糖尿病。 | user condition:diabetes = diabetes
我住在北京。 | user home = beijing
用户现在住在上海浦东新区。 | user home = shanghai
我家在成都。 | user home = chengdu
用户上个月（2026年10月）从北京搬到了上海。 | user home = -beijing; user home = shanghai
我们全家去年移居加拿大了。 | user home = canada
被问到“你住在哪里？”，用户回答：住在北京。 | user home = beijing
我被公司裁了。 | user employer = -
我喜欢吃苹果、香蕉和草莓。 | user taste:apple = apple; user taste:banana = banana; user taste:strawberry = strawberry
我今年的目标是减重10斤。 | user goal = 减重10斤
用户的职业：律师 | user job = lawyer
我搬到杭州了。 | user home = hangzhou
去年我搬家到厦门了 | user home = xiamen
用户以前住在广州。 | user home = -guangzhou
以前我住在天津，现在住在大连。 | user home = -tianjin; user home = 大连
我在杭州住了三年。 | user home = hangzhou
我在柏林住过两年 | user home = -berlin
我不在北京住了。 | user home = -beijing
我不住在苏州了，现在住在无锡。 | user home = -suzhou; user home = 无锡
用户的姐姐住在成都。 | user's sister home = chengdu
我妹妹搬到深圳了 | user's sister home = shenzhen
小王搬到昆明了。 | 小王 home = 昆明
我的地址是南京西路100号 | user address = 南京西路100号
我在谷歌工作。 | user employer = google
用户在一家叫星辰的公司上班。 |
我在腾讯上班 | user employer = tencent
我入职了微软，担任产品经理。 | user employer = microsoft; user job = product manager
我从腾讯跳槽到字节跳动了。 | user employer = -tencent; user employer = bytedance
我上个月从华为离职了。 | user employer = -huawei
我离开了百度，现在在美团上班。 | user employer = -baidu; user employer = meituan
我辞职了。 | user employer = -
我不在网易工作了。 | user employer = -netease
我哥哥在阿里巴巴上班。 | user's brother employer = alibaba
我是一名软件工程师。 | user job = software engineer
我的职业是老师。 | user job = teacher
我升职为技术总监了。 | user job = 技术总监
我转行做设计师了。 | user job = designer
我现在是律师，不再是会计了。 | user job = lawyer; user job = -accountant
用户的妈妈是医生。 | user's mother job = doctor
我退休了。 | user job = 退休
我在清华大学读研究生。 | user school = 清华大学
我毕业于复旦大学。 | user school = -复旦大学
我今年30岁。 | user age = 30
用户今年三十一岁。 | user age = 31
我刚满28岁 | user age = 28
我弟弟今年15岁。 | user's brother age = 15
我叫李明。 | user name = 李明
用户领养了一只猫，叫饼干。 |
用户有个女儿，叫小美。 |
用户姓张，叫张伟。 | user name = 张伟
我的名字是王芳。 | user name = 王芳
我改名叫陈晨了。 | user name = 陈晨
我结婚了。 | user relationship = married
我离婚了。 | user relationship = divorced
我们订婚了。 | user relationship = engaged
我现在单身。 | user relationship = single
我和女朋友分手了。 | user relationship = single
我谈恋爱了。 | user relationship = dating
我换了一部iPhone 15。 | user device:phone = iphone 15
我的手机是小米14。 | user device:phone = 小米14
我把iPhone 12换成了华为Mate 60。 | user device:phone = -iphone 12; user device:phone = 华为mate 60
我用的是MacBook Pro。 | user device:laptop = macbook pro
我开的是特斯拉Model 3 | user device:car = 特斯拉model 3
我现在改吃素了。 | user diet = vegetarian
我是素食者。 | user diet = vegetarian
我又开始吃肉了。 | user diet = omnivore
我喜欢苹果。 | user taste:apple = apple
我不喜欢苹果了。 | user taste:apple = !apple
用户喜欢吃火锅和寿司。 | user taste:hotpot = hotpot; user taste:sushi = sushi
我讨厌香菜。 | user taste:cilantro = !cilantro
我不能吃辣的。 | user taste:spicy food = !spicy food
我以前喜欢跑步。 | user taste:running = -running
我越来越喜欢咖啡了 | user taste:coffee = coffee
用户的儿子喜欢草莓。 | user's son taste:strawberry = strawberry
我最喜欢的食物是饺子。 | user favourite:food = dumpling
我的邮箱是a.b@mail.example | user email = a.b@mail.example
我的手机号换成了13800001111 | user phone_number = 13800001111
我的目标是跑完马拉松。 | user goal = 跑完马拉松
我打算去日本旅游。 | user plan:travel = japan
"""

NOTHING = """
I started seeing a dentist last week.
用户在考虑要不要离职。
她现在在谷歌上班。
公司搬到了浦东。
Do I live in Paris?
Where do you live?
If I lived in Rome, I would be happy.
I would like to live in Lisbon.
I wish I lived in Porto.
I might move to Berlin next year.
I want to move to Oslo.
I'm thinking of moving to Kyoto.
She lives in Rome.
My friend's company is in London.
I'm in Paris for the weekend.
I traveled to Hangzhou last May.
I visited my sister in Berlin.
I stayed in a hotel in Prague.
The user asked: "Where does Anna live?"
[assistant view] The user lives in Paris.
The user said: "He lives in Madrid."
I live in fear.
I live in a studio apartment.
I moved to the couch.
I moved on.
I work at home.
I work for fun.
I work at a hospital.
I work out every day.
I work with Python.
I'm seeing a therapist.
I quit sugar last year.
I have never lived in Rome.
I joined a gym.
I joined the LGBTQ support group.
I joined in.
I had a job interview at Google.
I got a job offer.
I applied for a job at Apple.
I am a mother.
I am a good listener.
I am 30 minutes away.
I'm 8 weeks pregnant.
My job is stressful.
My phone is broken.
I bought a phone case.
I bought an iPhone for my son.
I had lunch in a vegan restaurant.
I made vegan ice cream.
I'm engaged in a debate.
I love it.
I love how you did that.
I would love to see Rome.
It looks like rain.
We have fun, like a walk in the park.
I love your work.
I'm going to bed.
I left my keys at home.
I left the party early.
I quit smoking.
You like apples.
They moved to Spain.
I can't live in this mess.
My sister wants to become a nurse.
I dreamed that I lived in Tokyo.
I hope to work at Google.
I'm looking into counseling jobs.
如果我住在北京就好了。
我住在哪里？
你住在北京吗？
她住在北京。
我去北京出差了。
我想搬到上海。
我希望在谷歌工作。
我在北京工作。
我在家工作。
我给爸爸买了一部华为手机。
我和男朋友住在一起。
我觉得住在北京很好。
我喜欢你。
我喜欢这个。
我去了一家素食餐厅。
我小时候想当医生。
我买了手机壳。
[assistant观点] 用户住在北京。
用户请求：“推荐北京的餐厅”
听说小米14拍照不错。
我可能会搬到深圳。
"""


def _told(text: str) -> str:
    return "; ".join(_written(claim) for claim in claims(text))


def _written(claim: Claim) -> str:
    mark = "-" * claim.ended + "!" * (not claim.polarity)
    return f"{claim.subject} {claim.attribute} = {mark}{claim.object}".strip()


def _rows(table: str) -> list[tuple[str, str]]:
    rows = [line.split("|") for line in table.strip().splitlines()]
    return [(text.strip(), expected.strip()) for text, expected in rows]


@pytest.mark.parametrize(("text", "expected"), _rows(ENGLISH))
def test_an_english_statement_claims_its_states(text: str, expected: str):
    assert _told(text) == expected


@pytest.mark.parametrize(("text", "expected"), _rows(CHINESE))
def test_a_chinese_statement_claims_its_states(text: str, expected: str):
    assert _told(text) == expected


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_what_states_nothing_claims_nothing(text: str):
    assert _told(text) == ""


@pytest.mark.parametrize(
    ("text", "speaker", "subject"),
    [
        ("I live in Paris.", "Caroline", "caroline"),
        ("My sister lives in Paris.", "Caroline", "caroline's sister"),
        ("The user lives in Paris.", "Caroline", "user"),
        ("我住在巴黎。", "小李", "小李"),
        ("用户住在巴黎。", "user", "user"),
        ("I live in Paris.", "assistant", "user"),
    ],
)
def test_the_first_person_is_the_speaker(text: str, speaker: str, subject: str):
    assert [(c.subject, c.attribute, c.object) for c in claims(text, speaker)] == [
        (subject, "home", "paris")
    ]


def test_both_languages_give_one_canonical_value():
    assert claims("I like apples.") == claims("我喜欢苹果。")
    assert claims("I moved to Beijing.") == claims("我搬到北京了。")


def test_a_document_claims_nothing():
    assert claims("I live in Paris. " * 200) == ()


@pytest.mark.parametrize("thing", ["locker", "order", "membership card", "seat"])
def test_the_number_of_a_thing_is_no_phone_number(thing: str) -> None:
    assert claims(f"The user's {thing} number is 1000002.") == ()
