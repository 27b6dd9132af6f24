"""Questions about time, asked of two lives through the product: the answer comes first.

Each life is told with its own times (`chat_time`). What is asked for by a day, a holiday, "now",
"before", "first" or "last" lies among its likes of other times.
"""

from collections.abc import Iterator, Sequence

import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from tests.conftest import KEY, Api, ManualClock

ENGLISH = (
    ("2023-02-11", "I live in Leeds."),
    ("2024-03-02", "I moved to Bristol."),
    ("2025-06-14", "I just moved to Cardiff."),
    ("2022-09-05", "I work at Acme."),
    ("2024-01-15", "I now work at Globex."),
    ("2024-10-05", "I traveled to Xi'an during last year's National Day holiday."),
    ("2025-05-03", "I traveled to Hangzhou during this year's May Day holiday."),
    ("2023-08-20", "We spent two weeks hiking in Norway."),
    ("2024-12-27", "At Christmas we stayed at my aunt's farm."),
    ("2023-12-26", "For Christmas we flew to Lapland."),
    ("2025-10-31", "For Halloween I dressed up as a pirate."),
    ("2025-11-29", "On Thanksgiving we burned the turkey."),
    ("2025-12-01", "I started reading Middlemarch."),
    ("2025-12-08", "I finished reading Middlemarch."),
    ("2025-12-09", "Yesterday I bought a red kettle."),
    ("2025-12-03", "I had lunch with Bela."),
    ("2025-11-12", "I went to the dentist for a filling."),
    ("2025-04-10", "I went to the dentist for a check-up."),
    ("2024-02-08", "I went to the dentist because a crown broke."),
    ("2021-05-01", "I went swimming in the river for the first time."),
    ("2025-07-19", "I went swimming at the lido."),
    ("2025-12-06", "I went swimming at the indoor pool."),
    ("2020-01-10", "I started learning the cello."),
    ("2023-01-20", "I adopted a cat named Biscuit."),
    ("2024-05-05", "I adopted a dog named Rollo."),
    ("2025-09-01", "I used to play tennis every week, but my knee put an end to it."),
    ("2025-12-10", "This morning I repaired the bicycle."),
    ("2024-06-15", "Last summer I worked on a fishing boat."),
    ("2025-03-15", "Our company party is over; I sang karaoke."),
    ("2024-11-02", "I ran my first marathon in 4:10."),
    ("2025-11-02", "I ran a marathon in 3:52."),
)
CHINESE = (
    ("2023-02-11", "我住在成都。"),
    ("2024-03-02", "我搬到了武汉。"),
    ("2025-06-14", "我刚搬到厦门。"),
    ("2022-09-05", "我在一家书店上班。"),
    ("2024-01-15", "我现在在律所工作。"),
    ("2024-10-06", "国庆假期我去了西安，看了兵马俑。"),
    ("2025-05-03", "今年五一我去了杭州。"),
    ("2023-08-20", "我们去新疆自驾了两周。"),
    ("2025-01-30", "春节是在外婆家过的。"),
    ("2024-02-12", "春节我们去了哈尔滨看冰雕。"),
    ("2025-10-07", "中秋那天全家去河边赏月。"),
    ("2025-12-01", "我开始看《围城》了。"),
    ("2025-12-08", "《围城》终于看完了。"),
    ("2025-12-09", "昨天我买了一个红色的水壶。"),
    ("2025-12-03", "中午和老周吃了饭。"),
    ("2025-11-12", "我去看牙医补牙了。"),
    ("2025-04-10", "我去看牙医做了检查。"),
    ("2024-02-08", "牙冠掉了，去看了牙医。"),
    ("2021-05-01", "我第一次下河游泳。"),
    ("2025-07-19", "我去露天泳池游泳了。"),
    ("2025-12-06", "我去室内泳池游泳了。"),
    ("2020-01-10", "我开始学大提琴。"),
    ("2023-01-20", "我领养了一只猫，叫饼干。"),
    ("2024-05-05", "我领养了一只狗，叫元宝。"),
    ("2025-12-10", "今天早上我把自行车修好了。"),
    ("2024-11-02", "我跑了第一个马拉松，四小时十分。"),
    ("2025-11-02", "我跑了一场马拉松，三小时五十二分。"),
    ("2025-09-01", "我以前每周打网球，后来膝盖不行了。"),
)
ASKED_IN_ENGLISH = (
    ("Where do I live now?", "Cardiff"),
    ("Where did I live before?", "Bristol|Leeds"),
    ("Where did I live in 2023?", "Leeds"),
    ("Where did I live before moving to Bristol?", "Leeds"),
    ("Where did I live before Cardiff?", "Bristol"),
    ("Where do I work now?", "Globex"),
    ("Where did I work before?", "Acme"),
    ("Where did I work in 2023?", "Acme"),
    ("Where have I traveled recently?", "Hangzhou"),
    ("Where did I travel recently?", "Hangzhou"),
    ("Where did I travel last?", "Hangzhou"),
    ("Where did I go during last year's National Day holiday?", "Xi'an"),
    ("Where did I travel in 2023?", "Norway|Lapland"),
    ("Where was I for Christmas in 2023?", "Lapland"),
    ("Where did we spend last Christmas?", "aunt"),
    ("What did I do at Halloween?", "pirate"),
    ("What happened on Thanksgiving?", "turkey"),
    ("What did I buy two days ago?", "kettle"),
    ("What did I do this morning?", "bicycle"),
    ("Whom did I have lunch with last week?", "Bela"),
    ("Whom did I meet for lunch on 3 December?", "Bela"),
    ("When did I last go to the dentist?", "filling"),
    ("Why did I see the dentist most recently?", "filling"),
    ("When was my first visit to the dentist?", "crown"),
    ("Why did I go to the dentist in April?", "check-up"),
    ("What was my dentist visit in February 2024 about?", "crown"),
    ("Where did I go swimming the last time?", "indoor pool"),
    ("When did I first go swimming?", "river"),
    ("Where did I swim in July?", "lido"),
    ("How long have I been learning the cello?", "cello"),
    ("When did I start learning the cello?", "cello"),
    ("Which pet did I adopt first?", "Biscuit"),
    ("Which pet did I adopt last?", "Rollo"),
    ("What animal did I adopt in 2024?", "Rollo"),
    ("What sport did I use to play?", "tennis"),
    ("What did I do in the summer of 2023?", "fishing boat|Norway"),
    ("When was my latest marathon?", "3:52"),
    ("How fast was my first marathon?", "4:10"),
    ("What was my time in last month's marathon?", "3:52"),
    ("How fast was I in the marathon last year?", "4:10"),
    ("How long did it take me to finish Middlemarch?", "Middlemarch"),
    ("What did I do in March?", "karaoke"),
    ("What did I do last weekend?", "indoor pool"),
)
"""Questions on 10 December 2025, and what the first result holds."""
ASKED_IN_CHINESE = (
    ("我现在住在哪里？", "厦门"),
    ("我以前住在哪里？", "武汉|成都"),
    ("2023年我住在哪里？", "成都"),
    ("我搬到武汉之前住在哪里？", "成都"),
    ("搬到厦门之前我住在哪里？", "武汉"),
    ("我现在在哪里工作？", "律所"),
    ("我之前在哪里工作？", "书店"),
    ("我最近去哪里旅行了？", "杭州"),
    ("去年国庆我去了哪里？", "西安"),
    ("今年五一去了哪里玩？", "杭州"),
    ("2023年我去哪里旅行了？", "新疆"),
    ("今年春节是怎么过的？", "外婆"),
    ("去年春节去了哪里？", "哈尔滨"),
    ("中秋节那天我们做了什么？", "赏月"),
    ("我前天买了什么？", "水壶"),
    ("今天早上我做了什么？", "自行车"),
    ("上周我和谁吃了饭？", "老周"),
    ("12月3日我和谁吃饭了？", "老周"),
    ("我最近一次看牙医是因为什么？", "补牙"),
    ("我第一次看牙医是为什么？", "牙冠"),
    ("四月份看牙医是因为什么？", "检查"),
    ("我上一次游泳是在哪里？", "室内"),
    ("我第一次游泳是什么时候？", "下河"),
    ("七月我在哪里游泳？", "露天"),
    ("我学大提琴多久了？", "大提琴"),
    ("我什么时候开始学大提琴的？", "大提琴"),
    ("我先领养的是哪只宠物？", "饼干"),
    ("我最后领养的是什么动物？", "元宝"),
    ("我2024年领养了什么？", "元宝"),
    ("我以前打什么球？", "网球"),
    ("我最近一次马拉松跑了多久？", "三小时"),
    ("我第一次跑马拉松用了多久？", "四小时"),
    ("去年的马拉松我跑了多少？", "四小时"),
    ("上个月的马拉松我跑了多少？", "三小时"),
    ("上周末我做了什么？", "室内"),
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Api]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("lives"),
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        timezone="UTC",
    )
    system = build(settings, embedder=embedder, clock=ManualClock())
    system.start()
    with TestClient(create_app(system)) as http:
        lives = Api(system, http)
        tell(lives, "ann", ENGLISH)
        tell(lives, "lin", CHINESE)
        yield lives
    system.close()


def tell(api: Api, user: str, told: Sequence[tuple[str, str]]) -> None:
    for number, (day, text) in enumerate(told):
        message = {"role": "user", "content": text, "chat_time": f"{day} 18:00:00"}
        body = {"user_id": user, "conversation_id": f"c{number}", "messages": [message]}
        answer = api.post("add/message", {**body, "async_mode": False})
        assert answer["data"]["status"] == "completed"


def first(api: Api, user: str, query: str) -> str:
    """The first fact, or preference where there is no fact."""
    data = api.post("search/memory", {"user_id": user, "query": query})["data"]
    found = [
        *(m["memory_value"] for m in data["memory_detail_list"]),
        *(p["preference"] for p in data["preference_detail_list"]),
    ]
    return found[0] if found else ""


@pytest.mark.parametrize(("question", "answer"), ASKED_IN_ENGLISH)
def test_english(api: Api, question: str, answer: str) -> None:
    assert any(word in first(api, "ann", question) for word in answer.split("|"))


@pytest.mark.parametrize(("question", "answer"), ASKED_IN_CHINESE)
def test_chinese(api: Api, question: str, answer: str) -> None:
    assert any(word in first(api, "lin", question) for word in answer.split("|"))


@pytest.mark.parametrize(
    ("user", "question"),
    [("ann", "What did I do on 14 August 2022?"), ("lin", "2022年8月14日我做了什么？")],
)
def test_nothing_is_told_of_a_day_on_which_nothing_was(api: Api, user: str, question: str) -> None:
    assert first(api, user, question) == ""


def test_a_cat_s_name_is_not_the_user_s(api: Api) -> None:
    listed = api.post("get/memory", {"user_id": "lin", "size": 50})["data"]["memory_detail_list"]
    told = " ".join(m["memory_value"] for m in listed)
    assert "饼干" in told
    assert "元宝" in told
