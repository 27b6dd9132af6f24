"""Ordinary small talk with an assistant, generated: nothing in it is worth remembering.

Turns are made of pieces, so that 500 of them are 500 different texts. Facts to be mixed in stand
apart, each with a word by which it is found again.
"""

import random
from collections.abc import Iterator

ENGLISH = """
What's up?|lol that's hilarious!|I was wondering about something.|That reminds me.|You rock!|
The weather is lovely.|It's raining again.|How's your day going?|I'm just chilling.|Just saying hi.|Same old, same old.|
I can't believe it's Monday already.|Time flies.|I slept well.|I had a nice lunch.|Going to grab a coffee.|
I'm watching TV now.|I need a break.|Tell me more about that.|You made my day.|Let's talk about something else.|
I'm heading to bed.|It's getting late.|Gotta run.|Good to know.|No way!|I can't stop laughing.|Please be more creative.|
You misunderstood me.|I just woke up.|Finally Friday!|Alright, moving on.|Take your time.|No rush.|Sounds complicated.|
Hi!|Hello there!|Hey, how are you?|Good morning!|How's it going?|I'm fine, thanks.|I'm good, how about you?|
Thanks a lot!|Thank you so much, that helps.|Great, thanks!|Cool.|Awesome!|Nice one.|Haha, that's funny.|LOL|
Okay.|Ok, got it.|Sure, go ahead.|Yes please.|No, thanks.|Maybe later.|Sounds good to me.|That makes sense.|
I see.|Interesting!|Wow, really?|Are you there?|Can you hear me?|What can you do?|Who are you?|Are you a robot?|
Tell me a joke.|Tell me another one.|What time is it?|What's the weather like today?|What is 2 plus 2?|
What's the capital of France?|How do you spell necessary?|Define entropy.|Translate hello into Spanish.|
Write a haiku about rain.|Sing me a song.|Can you rephrase that?|Say that again please.|
Explain that in simpler words.|Go on.|Continue.|Next.|Stop.|Never mind.|Forget it.|Whatever.|Hmm, let me think.|
Let me see.|One moment.|Just a second.|Brb.|I'm back.|Good point.|Exactly!|I agree.|You're right.|
You're welcome.|No worries.|My bad.|Sorry about that.|Oops.|Bye!|See you later.|Talk to you tomorrow.|Good night!|
Have a nice day!|Take care.|That's all for now.|That was quick.|You are very helpful.|You're the best!|
I like your answer.|I love that.|Good answer.|Not bad.|That's wrong.|Try again.|Are you sure?|Why?|Why not?|
How come?|What do you mean?|Really?|Test.|testing 123|?|Happy Friday!|It's so hot today, isn't it?|
Nice weather today.|What a day.|I'm so bored.|I'm tired.|I'm hungry.|I don't know.|I guess so.|I think so.|
Let's start.|Let's do it.|Ready when you are.|I have a question.|Can I ask you something?|Could you help me?|
Quick question.|That's a good question.|Let me know.|I'll try that.|It works now, thanks!|It doesn't work.|
Same error again.|Perfect, it works!|Great job!|Well done.|Keep it up.|Do you like music?|
What's your favorite color?|Do you sleep?|How old are you?|Guess what?|You know what?|By the way...|Anyway.|
To be honest...|Fair enough.|Makes sense, thank you.|I was just kidding.|Just joking.|Never heard of it.|
Sounds fun!|Can't complain.|Long time no see!|How was your day?|Nothing much.|Same here.|Me too.|Good luck!|
Congratulations!|Cheers!|Please continue.|Please wait.|Please summarize the text above.|Make it shorter.|
Fix the grammar of this sentence.|Give me three synonyms of happy.|Count to ten.|Flip a coin.|
Pick a number between 1 and 10.
"""
CHINESE = """
今天心情不错|刚吃完饭|吃了吗|天气转凉了|好想睡觉|周末终于到了|时间过得真快|你说得有道理|下雨了|外面好吵|我去喝杯水|
回头再聊|就是想找人聊聊天|终于下班了|不想上班|换个话题吧|聊点别的|好烦|心情不好|我在发呆|刚睡醒|准备睡了|早点休息|谢谢你的帮助|
和你聊天很开心|一切都好|老样子|笑不活了|绝了|我不信|怎么可能|慢慢来|不着急|看不懂|好复杂|
你好|您好！|早上好|晚上好呀|在吗？|你在吗|最近怎么样？|我很好，谢谢|还行吧|谢谢你|非常感谢！|太好了，谢谢|好的|
好的，明白了|嗯嗯|哦哦|知道了|收到|没问题|可以|行吧|不用了，谢谢|算了|随便|再说吧|哈哈哈|笑死我了|真的吗？|哇，好厉害|
有意思|原来如此|我懂了|你是谁？|你能做什么？|你是机器人吗？|讲个笑话|再讲一个|现在几点了？|今天天气怎么样？|
一加一等于几？|法国的首都是哪里？|把你好翻译成英语|写一首关于雨的诗|唱首歌吧|换个说法|再说一遍|简单点说|继续|下一个|停|
等一下|稍等|我想想|让我看看|回来了|说得对|没错|我同意|不客气|没关系|抱歉|不好意思|再见|拜拜|明天见|晚安|祝你愉快|保重|
就这些了|今天就到这里吧|你真棒|你太厉害了|回答得不错|还不错|不对|再试一次|你确定吗？|为什么？|什么意思？|真的假的|测试|
测试一下|周五快乐！|今天好热啊|今天天气真好|好无聊啊|我累了|我饿了|我困了|不知道|应该是吧|我觉得可以|开始吧|那就这样吧|
准备好了|我有个问题|可以问你个问题吗？|能帮我个忙吗？|问一下|好问题|我试试|现在可以了，谢谢|还是不行|又报错了|完美|
干得漂亮|加油|你喜欢音乐吗？|你最喜欢什么颜色？|你几岁了？|你猜怎么着|对了|话说回来|说实话|开玩笑的|逗你玩的|没听说过|
听起来不错|好久不见|今天过得怎么样？|没什么|一样一样|我也是|祝你好运|恭喜恭喜|干杯|请继续|请稍等|总结一下上面的内容|
短一点|改一下这句话的语法|给我三个开心的同义词|数到十|抛个硬币|选一个一到十的数字|新年快乐|辛苦了|麻烦你了|打扰了|
有点意思|厉害厉害|真不错呀|那好吧|嘿嘿|呜呜呜
"""
FACTS = {
    "en": {
        "My sister Anna is a nurse.": "Anna",
        "I moved to Lisbon last month.": "Lisbon",
        "I'm allergic to shellfish.": "shellfish",
        "Our office is cold in winter.": "office",
        "I have two kids.": "kids",
        "I quit smoking.": "smoking",
        "My dog is sick.": "dog",
        "I need to finish my thesis by May.": "thesis",
        "I'm tired of my job.": "job",
        "I can't sleep lately because of the noise.": "noise",
    },
    "zh": {
        "我姐姐叫安娜，是护士。": "安娜",
        "我上个月搬到了里斯本。": "里斯本",
        "我对虾过敏。": "虾",
        "我在银行工作。": "银行",
        "我有两个孩子。": "孩子",
        "我戒烟了。": "戒烟",
        "我家的狗生病了。": "狗",
        "我五月前要写完论文。": "论文",
        "我在学法语。": "法语",
        "今天是我的生日。": "生日",
    },
}
_REPLIES = {
    "en": (
        "You're welcome!",
        "Sure!",
        "Hello! How can I help you today?",
        "Happy to help!",
        "Take care!",
    ),
    "zh": ("不客气！", "好的！", "你好！有什么可以帮您？", "很高兴能帮到您！", "再见！"),
}
_LEADS = {
    "en": ("", "Haha, ", "Ok, ", "Well, ", "Hmm, "),
    "zh": ("", "哈哈，", "好的，", "嗯，", "那个，"),
}


def small_talk(language: str, turns: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Pairs of what a user says and what the assistant answers, `turns` messages of users in all."""
    pieces = [p.strip() for p in (ENGLISH if language == "en" else CHINESE).split("|")]
    source = random.Random(seed)
    for _ in range(turns):
        count = source.choice((1, 1, 1, 2))
        said = [source.choice(_LEADS[language]) + source.choice(pieces) for _ in range(count)]
        yield (" " if language == "en" else "，").join(said), source.choice(_REPLIES[language])
