"""Random histories of two companies: documents, answers, corrections, annulments, faults, deaths.

`Histories` is a state machine of hypothesis: each history has at least one document on its way, and ends with the
reckoning of `ending`. A history that fails is shrunk and printed as a program; pasted into a test (`test_histories_brief`
shows how) it is repeated step by step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from edo_service.kernel.faults import CRASH_POINTS
from operators.sandbox import Fault, FaultRule, Roaming
from tests.histories import acts
from tests.histories.acts import Paper
from tests.histories.deaths import Death
from tests.histories.ending import come_to_an_end, reckon
from tests.histories.houses import Ground, Side

PAIRS = (
    ("diadoc", "diadoc"),
    ("saby", "saby"),
    ("taxcom", "taxcom"),
    ("diadoc", "saby"),
    ("saby", "diadoc"),
    ("diadoc", "taxcom"),
    ("taxcom", "diadoc"),
)
"""Operators of seller and buyer."""
PLACES = {
    "diadoc": {
        "write": "postmessage",
        "answer": "postmessagepatch",
        "feed": "getnewevents",
        "content": "getentitycontent",
        "message": "getmessage",
        "log_in": "authenticate",
    },
    "saby": {
        "write": "ЗаписатьДокумент",
        "answer": "ВыполнитьДействие",
        "feed": "СписокИзменений",
        "content": "ПодготовитьДействие",
        "message": "ПрочитатьДокумент",
        "log_in": "Аутентифицировать",
    },
    "taxcom": {
        "write": "SendMessage",
        "answer": "SendMessage",
        "feed": "GetMessageList",
        "content": "GetMessage",
        "message": "GetList",
        "log_in": "login",
    },
}
"""What a fault hits -> a part of the name that the operator has for it."""
HIT = ("write", "write", "answer", "answer", "feed", "content", "message", "log_in")
MOST_DOCUMENTS = 3
MOST_CORRECTIONS = 2
LOOKS = 2
FUNCTIONS = st.sampled_from(["СЧФДОП", "СЧФДОП", "ДОП", "СЧФ", None, None, None])
SIDES = st.sampled_from([0, 1])
WHICH = st.integers(0, 2)
REACHED = [point for point in CRASH_POINTS if point != "documents.direct"]
"""Nothing goes directly here: each company has a service of its own."""
DEATHS = st.one_of(
    st.builds(Death, point=st.sampled_from(REACHED), count=st.sampled_from([1, 1, 1, 2, 3])),
    st.builds(Death, count=st.integers(1, 60)),
    st.builds(Death, count=st.integers(1, 250)),
)
MAYBE = st.one_of(st.none(), DEATHS)
KNOBS: dict[str, Any] = {
    "duplicate_events": True,
    "reorder_events": True,
    "unknown_entities": True,
    "lose_cursors": 2,
    "delay_events": timedelta(seconds=40),
    "delay_delivery": timedelta(minutes=3),
    "delay_shelf": timedelta(seconds=30),
    "delay_roaming": timedelta(minutes=20),
    "roaming_closed": Roaming.CLOSED,
    "roaming_failing": Roaming.FAILING,
    "restart": None,
    "calm": None,
}
Found = TypeVar("Found")
PAUSES = (2, 5, 20, 60, 700, 4000)


@dataclass(frozen=True, kw_only=True)
class Send:
    """The seller uploads a document (a УПД with a function, or a contract) and sends it."""

    function: str | None
    death: Death | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The buyer answers one of the documents that wait for her: sign, remarks or refuse."""

    which: int = 0
    how: str = "sign"
    death: Death | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The buyer asks to correct one of her УПД."""

    which: int = 0
    death: Death | None = None


@dataclass(frozen=True, kw_only=True)
class Correct:
    """The seller corrects one of the УПД that have been sent, asked for it or not."""

    which: int = 0
    death: Death | None = None


@dataclass(frozen=True, kw_only=True)
class Annul:
    """A side answers a proposal to annul, or else proposes to annul what both have finished."""

    side: int
    which: int = 0
    consent: bool = True
    death: Death | None = None


@dataclass(frozen=True, kw_only=True)
class Work:
    """Workers of these sides live for some jobs."""

    sides: tuple[int, ...] = (0, 1)
    jobs: int = 30


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A worker dies at its work."""

    side: int
    death: Death


@dataclass(frozen=True, kw_only=True)
class BreakDown:
    """The next requests of a kind meet a fault."""

    fault: Fault
    place: str
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class Disturb:
    """Events come late, twice or in another order; a cursor is lost; unknown parts; a way is closed; new processes; calm."""

    knob: str


@dataclass(frozen=True, kw_only=True)
class PassTime:
    """The clock moves."""

    seconds: int


Step: TypeAlias = Send | Answer | Ask | Correct | Annul | Work | Kill | BreakDown | Disturb | PassTime


def _steps() -> st.SearchStrategy[Step]:
    """One step; what stands here several times comes so much oftener."""
    send = [st.builds(Send, function=FUNCTIONS, death=MAYBE)]
    answers = st.sampled_from(["sign", "sign", "remarks", "refuse"])
    answer = [st.builds(Answer, which=WHICH, how=answers, death=MAYBE) for _ in range(3)]
    ask = [st.builds(Ask, which=WHICH, death=MAYBE) for _ in range(2)]
    correct = [st.builds(Correct, which=WHICH, death=MAYBE) for _ in range(2)]
    consents = st.sampled_from([True, True, False])
    annul = [st.builds(Annul, side=SIDES, which=WHICH, consent=consents, death=MAYBE) for _ in range(3)]
    sides, jobs = st.sampled_from([(0,), (1,), (0, 1), (0, 1), (1, 0)]), st.sampled_from([2, 5, 30, 30])
    work = [st.builds(Work, sides=sides, jobs=jobs) for _ in range(5)]
    kill = [st.builds(Kill, side=SIDES, death=DEATHS) for _ in range(4)]
    faults, places = st.sampled_from(Fault), st.sampled_from(HIT)
    break_down = [st.builds(BreakDown, fault=faults, place=places, times=st.integers(1, 3)) for _ in range(3)]
    disturb = [st.builds(Disturb, knob=st.sampled_from(sorted(KNOBS))) for _ in range(2)]
    pause = [st.builds(PassTime, seconds=st.sampled_from(PAUSES)) for _ in range(2)]
    return st.one_of(*work, *kill, *answer, *ask, *correct, *annul, *send, *break_down, *disturb, *pause)


class Histories(RuleBasedStateMachine):
    """One history. `ground` is set by who runs them; `totals` are those of every history that came to its end."""

    ground: ClassVar[Ground]
    totals: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.papers: list[Paper] = []
        self.counts: Counter[str] = Counter()
        self.is_whole = False

    @initialize(pair=st.sampled_from(PAIRS), function=FUNCTIONS)
    def begin(self, pair: tuple[str, str], function: str | None) -> None:
        """Both companies stand connected, and the first document sets out."""
        self.ground.begin(pair)
        self.counts["histories"] = 1
        self._send(Send(function=function))

    @rule(step=_steps())
    def step(self, step: Step) -> None:
        """Whatever comes next."""
        self.counts["steps"] += 1
        match step:
            case Send() | Answer() | Ask() | Correct() | Annul():
                self._act(step)
            case Work():
                for side in step.sides:
                    who = self.ground.sides[side]
                    self._do(who, partial(who.work, step.jobs), None)
            case Kill():
                who = self.ground.sides[step.side]
                self._do(who, partial(who.work, 30), step.death)
            case BreakDown():
                self._break_down(step)
            case Disturb():
                self._disturb(step.knob)
            case PassTime():
                self.ground.clock.move(timedelta(seconds=step.seconds))

    def _act(self, step: Send | Answer | Ask | Correct | Annul) -> None:
        """What a person does."""
        match step:
            case Send():
                self._send(step)
            case Answer():
                self._answer(step)
            case Ask():
                self._ask(step)
            case Correct():
                self._correct(step)
            case Annul():
                self._annul(step)

    def teardown(self) -> None:
        """The end, unless a step has failed."""
        if not self.is_whole:
            return
        come_to_an_end(self.ground)
        self.counts += reckon(self.ground)
        self.counts["histories_with_kills"] = int(self.counts["kills_seller"] + self.counts["kills_buyer"] > 0)
        self.totals.update(self.counts)

    def _send(self, step: Send) -> None:
        first = [paper for paper in self.papers if not paper.correction]
        if len(first) < MOST_DOCUMENTS:
            self._send_paper(acts.write(self.ground, len(first) + 1, step.function), step.death)

    def _send_paper(self, paper: Paper, death: Death | None) -> None:
        self.papers.append(paper)
        if self._do(self.ground.seller, lambda: acts.send(self.ground, paper), death):
            self._do(self.ground.seller, lambda: acts.send(self.ground, paper), None)

    def _correct(self, step: Correct) -> None:
        who = self.ground.seller
        there = acts.correctable(who) or self._look_forward(lambda: acts.correctable(who))
        if there and len([paper for paper in self.papers if paper.correction]) < MOST_CORRECTIONS:
            wrong = there[step.which % len(there)]
            paper = next(one for one in self.papers if one.sha256 == wrong)
            self._send_paper(acts.correct(paper), step.death)

    def _ask(self, step: Ask) -> None:
        who = self.ground.buyer
        there = acts.askable(who) or self._look_forward(lambda: acts.askable(who))
        if there:
            document = there[step.which % len(there)]
            self._do(who, lambda: acts.ask(who, document), step.death)

    def _answer(self, step: Answer) -> None:
        who = self.ground.buyer
        there = acts.waiting(who) or self._look_forward(lambda: acts.waiting(who))
        if there:
            document = there[step.which % len(there)]
            self._do(who, lambda: acts.answer(who, document, step.how), step.death)

    def _annul(self, step: Annul) -> None:
        who = self.ground.sides[step.side]
        asked = acts.asked(who)
        finished = acts.finished(who) or self._look_forward(lambda: acts.finished(who))
        if asked:
            proposal = asked[step.which % len(asked)]
            self._do(who, lambda: acts.decide(who, proposal, consent=step.consent), step.death)
        elif finished:
            document = finished[step.which % len(finished)]
            self._do(who, lambda: acts.propose(who, document), step.death)

    def _look_forward(self, found: Callable[[], Sequence[Found]]) -> Sequence[Found]:
        """A person looks in again and again while the workers of both sides work."""
        for _ in range(LOOKS):
            for who in self.ground.sides:
                self._do(who, partial(who.work, 30), None)
            if there := found():
                return there
        return ()

    def _break_down(self, step: BreakDown) -> None:
        for word in set(self.ground.counter.pair):
            path = PLACES[word][step.place]
            rules = FaultRule(fault=step.fault, path=path, times=step.times, retry_after=3)
            self.ground.counter.knobs.add(rules)

    def _disturb(self, knob: str) -> None:
        knobs = self.ground.counter.knobs
        if knob == "restart":
            self.ground.counter.restart()
            self.counts["kills_operators"] += 1
        elif knob == "calm":
            knobs.calm()
        elif knob == "delay_events":
            knobs.delay(KNOBS[knob])
        elif isinstance(KNOBS[knob], Roaming):
            knobs.roaming = KNOBS[knob]
        else:
            setattr(knobs, knob, KNOBS[knob])

    def _do(self, who: Side, work: Callable[[], object], death: Death | None) -> bool:
        self.is_whole = False
        died = who.do(work, death)
        self.counts[f"kills_{who.name}"] += died
        self.is_whole = True
        return died
