"""What comes from outside counts once: events in the inbox, requests with a key."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from edo_service.errors import Conflict, Rejected
from edo_service.kernel import idempotency
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.idempotency import Proceed, Replay
from tests.fixtures.databases import MakeUnit

ANSWER = Replay(status=201, headers={"location": "/o/x/documents/1"}, body="создано".encode())


def test_the_inbox_keeps_a_thing_once(unit: MakeUnit, us: UUID, them: UUID) -> None:
    with unit(us) as uow:
        assert uow.inbox.put("diadoc:box", "1", {"kind": "УПД"}, us)
        assert not uow.inbox.put("diadoc:box", "1", {"kind": "other"}, us)
        assert uow.inbox.put("diadoc:box", "2", {}, us)
        assert uow.inbox.put("bank:file", "1", {}, us)
        uow.commit()
    with unit(us) as uow:
        assert not uow.inbox.put("diadoc:box", "1", {}, us)
        first, second = uow.inbox.waiting("diadoc:box")
        assert (first.external_id, first.payload, second.external_id) == ("1", {"kind": "УПД"}, "2")
        uow.inbox.handled(first)
        uow.commit()
    with unit(us) as uow:
        assert [one.external_id for one in uow.inbox.waiting("diadoc:box")] == ["2"]
    with unit(them) as uow:
        assert uow.inbox.put("diadoc:box", "1", {}, them), "another owner, another inbox"
        assert uow.inbox.waiting("bank:file") == []


def test_the_same_request_is_replayed_and_another_one_refused(unit: MakeUnit, us: UUID, them: UUID) -> None:
    begun = idempotency.begin(key="k", owner_id=us, route="POST /documents", body=b"a", uow=unit(us))
    assert isinstance(begun, Proceed)
    with pytest.raises(Conflict) as busy:
        idempotency.begin(key="k", owner_id=us, route="POST /documents", body=b"a", uow=unit(us))
    assert busy.value.code == "idempotency.in_progress"
    idempotency.finish(begun.request_id, answer=ANSWER, uow=unit(us))

    assert idempotency.begin(key="k", owner_id=us, route="POST /documents", body=b"a", uow=unit(us)) == ANSWER
    with pytest.raises(Rejected) as other:
        idempotency.begin(key="k", owner_id=us, route="POST /documents", body=b"b", uow=unit(us))
    assert other.value.code == "idempotency.other_body"
    assert isinstance(idempotency.begin(key="k", owner_id=us, route="POST /x", body=b"a", uow=unit(us)), Proceed)
    assert isinstance(
        idempotency.begin(key="k", owner_id=them, route="POST /documents", body=b"a", uow=unit(them)), Proceed
    )


@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak"])
def test_a_senseless_key_is_refused(unit: MakeUnit, us: UUID, key: str) -> None:
    with pytest.raises(Rejected):
        idempotency.begin(key=key, owner_id=us, route="r", body=b"", uow=unit(us))


def test_a_forgotten_request_leaves_its_key_free_but_an_answer_stays(unit: MakeUnit, us: UUID) -> None:
    first = idempotency.begin(key="k", owner_id=us, route="r", body=b"a", uow=unit(us))
    assert isinstance(first, Proceed)
    idempotency.forget(first.request_id, uow=unit(us))
    second = idempotency.begin(key="k", owner_id=us, route="r", body=b"other", uow=unit(us))
    assert isinstance(second, Proceed)
    idempotency.finish(second.request_id, answer=ANSWER, uow=unit(us))
    idempotency.forget(second.request_id, uow=unit(us))
    assert idempotency.begin(key="k", owner_id=us, route="r", body=b"other", uow=unit(us)) == ANSWER


def test_a_request_whose_process_died_may_be_carried_out_again(unit: MakeUnit, us: UUID, clock: MovableClock) -> None:
    idempotency.begin(key="k", owner_id=us, route="r", body=b"a", uow=unit(us))
    clock.move(timedelta(minutes=3))
    assert isinstance(idempotency.begin(key="k", owner_id=us, route="r", body=b"a", uow=unit(us)), Proceed)
    with pytest.raises(Conflict):
        idempotency.begin(key="k", owner_id=us, route="r", body=b"a", uow=unit(us))


def test_of_many_at_once_one_proceeds(unit: MakeUnit, us: UUID) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(12)

    def send() -> None:
        start.wait(240)
        try:
            outcomes.append(type(idempotency.begin(key="k", owner_id=us, route="r", body=b"a", uow=unit(us))).__name__)
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert sorted(outcomes) == ["Proceed"] + ["idempotency.in_progress"] * 11


def test_answers_are_kept_two_days(unit: MakeUnit, us: UUID, clock: MovableClock) -> None:
    begun = idempotency.begin(key="k", owner_id=us, route="r", body=b"a", uow=unit(us))
    assert isinstance(begun, Proceed)
    idempotency.finish(begun.request_id, answer=ANSWER, uow=unit(us))
    clock.move(timedelta(hours=47))
    assert idempotency.prune(uow=unit(us)) == 0
    clock.move(timedelta(hours=2))
    assert idempotency.prune(uow=unit(us)) == 1
