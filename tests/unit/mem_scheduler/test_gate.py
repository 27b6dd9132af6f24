"""Adds share a subject, an erasure has it alone."""

import threading

from memos.mem_scheduler.gate import SubjectGate

WAIT_S = 10.0


def test_shared_holders_run_side_by_side() -> None:
    gate = SubjectGate()
    together = threading.Barrier(2, timeout=WAIT_S)

    def hold() -> None:
        with gate.shared("s"):
            together.wait()

    other = threading.Thread(target=hold)
    other.start()
    hold()
    other.join(WAIT_S)
    assert not other.is_alive()


def test_an_exclusive_holder_waits_for_shared_ones_and_keeps_new_ones_out() -> None:
    gate = SubjectGate()
    events: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def add() -> None:
        with gate.shared("s"):
            events.append("add in")
            entered.set()
            assert leave.wait(WAIT_S)
            events.append("add out")

    def erase() -> None:
        with gate.exclusive("s"):
            events.append("erase")

    adder = threading.Thread(target=add)
    adder.start()
    assert entered.wait(WAIT_S)
    eraser = threading.Thread(target=erase)
    eraser.start()
    with gate.shared("other"):
        events.append("another subject is free")
    leave.set()
    adder.join(WAIT_S)
    eraser.join(WAIT_S)
    with gate.shared("s"):
        events.append("later add")
    assert events == [
        "add in",
        "another subject is free",
        "add out",
        "erase",
        "later add",
    ]


def test_the_gate_forgets_subjects_nobody_holds() -> None:
    gate = SubjectGate()
    for number in range(100):
        with gate.shared(str(number)):
            pass
        with gate.exclusive(str(number)):
            pass
    assert (gate._shared, gate._waiting, gate._exclusive) == ({}, {}, set())
