"""Measure the rule-based reader on a file of two-person dialogues with marked evidence turns.

Usage: python scripts/measure_reading.py FILE [--show N] [--seed S]

FILE is JSON in the LoCoMo layout: a list of dialogues with `conversation` (`session_<n>` lists of
`{speaker, dia_id, text}` and `session_<n>_date_time`) and `qa` entries with `evidence` ids.

Prints, over turns:
    evidence kept       share of evidence turns that at least one draft cites
    other dropped       share of the other turns that no draft cites
    drafts a turn       drafts divided by turns
    milliseconds a turn reading time divided by turns
With `--show N`, N random turns and their drafts are printed for reading by eye.
"""

import argparse
import json
import random
import re
import time
from pathlib import Path

from memos.mem_reader.base import Window
from memos.mem_reader.rules import RuleReader
from memos.types.chat_time import parse_chat_time
from memos.types.memory import Draft
from memos.types.message import Message


def sessions(conversation: dict) -> list[list[Message]]:
    """Messages of each session, in order; ids are the turn ids of the file."""
    found = []
    first = conversation["speaker_a"]
    names = [key for key in conversation if re.fullmatch(r"session_\d+", key)]
    for name in sorted(names, key=lambda key: int(key.split("_")[1])):
        said = parse_chat_time(conversation[f"{name}_date_time"], default_ms=0)
        found.append(
            [
                Message(
                    id=turn["dia_id"],
                    role="user" if turn["speaker"] == first else "assistant",
                    text=turn["text"],
                    sequence=at,
                    chat_time=said,
                    created_at=said,
                    updated_at=said,
                    conversation_id=name,
                    name=turn["speaker"],
                )
                for at, turn in enumerate(conversation[name])
            ]
        )
    return found


def evidence_of(dialogue: dict) -> set[str]:
    """Ids of the turns that answer a question of categories 1 to 4."""
    ids = set()
    for question in dialogue["qa"]:
        if question.get("category") != 5:
            for text in question.get("evidence", []):
                ids.update(re.findall(r"D\d+:\d+", text))
    return ids


def read_dialogue(reader: RuleReader, dialogue: dict) -> list[tuple[Message, list[Draft]]]:
    """Every turn of a dialogue with the drafts that cite it."""
    cited: list[tuple[Message, list[Draft]]] = []
    for messages in sessions(dialogue["conversation"]):
        for at, message in enumerate(messages):
            context = tuple(messages[max(0, at - 2) : at])
            cited.append((message, list(reader.read(Window((message,), context)))))
    return cited


def main() -> None:
    """Print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    reader = RuleReader()
    turns: list[tuple[Message, list[Draft]]] = []
    kept = total = dropped = others = 0
    missed = []
    begin = time.perf_counter()
    for dialogue in json.loads(options.file.read_text()):
        evidence = evidence_of(dialogue)
        for message, drafts in read_dialogue(reader, dialogue):
            turns.append((message, drafts))
            if message.id in evidence:
                total += 1
                kept += bool(drafts)
                if not drafts:
                    missed.append(message)
            else:
                others += 1
                dropped += not drafts
    spent = time.perf_counter() - begin
    drafts = sum(len(found) for _, found in turns)
    print(f"turns                {len(turns)}")
    print(f"evidence kept        {kept}/{total} = {kept / total:.4f}")
    print(f"other dropped        {dropped}/{others} = {dropped / others:.4f}")
    print(f"drafts a turn        {drafts / len(turns):.3f}")
    print(f"milliseconds a turn  {1000 * spent / len(turns):.3f}")
    if options.show:
        show(turns, missed, options)


def show(turns: list, missed: list, options: argparse.Namespace) -> None:
    """Print random turns with their drafts, and the evidence turns that gave none."""
    for message, found in random.Random(options.seed).sample(turns, options.show):
        print(f"\n{message.name}: {message.text}")
        for draft in found:
            print(f"    {draft.kind.value[:8]} | {draft.value} | {draft.key} | {draft.tags}")
    print("\nevidence turns without a draft")
    for message in missed:
        print(f"    {message.name}: {message.text}")


if __name__ == "__main__":
    main()
