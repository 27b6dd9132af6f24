"""LangChain and LangGraph over MemOS."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph

from memos.api.client import MemOSClient
from memos.integrations.block import Recall
from memos.integrations.langchain import MemoryNodes, MemOSChatMessageHistory, MemOSRetriever
from tests.conftest import Api

RECALL = Recall("mei", "now")


@pytest.mark.usefixtures("told")
def test_the_retriever_finds_facts_and_preferences(client: MemOSClient) -> None:
    retriever = MemOSRetriever(client=client, recall=RECALL)
    documents = retriever.invoke("Which city did I move to?")
    assert "Lisbon" in documents[0].page_content
    assert documents[0].metadata["relativity"] > 0.45
    assert documents[0].id == documents[0].metadata["id"]
    found = retriever.invoke("What would I like to drink?")
    assert any("tea" in document.page_content for document in found)


def test_a_history_keeps_the_messages_in_order(client: MemOSClient) -> None:
    history = MemOSChatMessageHistory(client, "mei", "talk")
    history.add_messages([HumanMessage("I own a kayak."), AIMessage("Nice!"), AIMessage("")])
    history.add_user_message("It is green.")
    assert [(m.type, m.text) for m in history.messages] == [
        ("human", "I own a kayak."),
        ("ai", "Nice!"),
        ("human", "It is green."),
    ]
    with pytest.raises(NotImplementedError, match="delete_memory"):
        history.clear()


@pytest.mark.usefixtures("told")
def test_a_graph_recalls_before_the_model_and_remembers_behind_it(
    api: Api, client: MemOSClient
) -> None:
    nodes = MemoryNodes(client, RECALL)
    seen: list[str] = []

    def model(state: MessagesState) -> dict:
        seen.extend(m.text for m in state["messages"] if isinstance(m, SystemMessage))
        return {"messages": [AIMessage("You live in Lisbon.")]}

    graph = StateGraph(MessagesState)
    graph.add_node("recall", nodes.recall)
    graph.add_node("model", model)
    graph.add_node("remember", nodes.remember)
    graph.add_edge(START, "recall")
    graph.add_edge("recall", "model")
    graph.add_edge("model", "remember")
    graph.add_edge("remember", END)
    graph.compile().invoke({"messages": [HumanMessage("Which city did I move to? I sold my car.")]})

    assert len(seen) == 1
    assert "Lisbon" in seen[0]
    api.system.worker.drain()
    kept = [m.content for m in client.get_message("mei", "now").messages]
    assert kept == ["Which city did I move to? I sold my car.", "You live in Lisbon."]


def test_nodes_leave_a_state_without_a_question_alone(client: MemOSClient) -> None:
    nodes = MemoryNodes(client, RECALL)
    state = {"messages": [ToolMessage("42", tool_call_id="c1")]}
    assert nodes.recall(state) == {"messages": []}
    assert nodes.remember(state) == {"messages": []}
    unknown = {"messages": [HumanMessage("Which city did I move to?")]}
    assert nodes.recall(unknown) == {"messages": []}
