"""Remarks of ТОРГ-12 and акт of both orders: a wrong sum is named with its line, a right file has none."""

import pytest

from edo_service.formats import check
from tests.formats.papers import PAPERS

KINDS = ("goods_note", "goods_note_172", "work_act", "work_act_172")


def sums(xml: bytes) -> list[tuple[str, str]]:
    result = check(xml)
    assert result.ok
    return [(one.rule, one.path.rsplit("/", 1)[-1]) for one in result.remarks if one.rule.startswith("sum.")]


@pytest.mark.parametrize("name", KINDS)
def test_a_right_file_has_no_remarks_on_sums(name: str) -> None:
    assert sums(PAPERS[name].file(4)) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong", "remarks"),
    [
        ("goods_note", 'СтБезНДС="12500.00"', 'СтБезНДС="12500.05"', {"@СтБезНДС", "@СтУчНДС", "@СтБезНДСВс"}),
        ("goods_note", 'СтУчНДСВс="13678592.72"', 'СтУчНДСВс="13678592.73"', {"@СтУчНДСВс"}),
        ("goods_note_172", 'СумНДСВс="2466631.47"', 'СумНДСВс="2466631.46"', {"@СумНДСВс"}),
        ("goods_note_172", 'СумУчНДС="15250.00"', 'СумУчНДС="15250.05"', {"@СумУчНДС", "@СумУчНДСВс"}),
        ("work_act", 'СтУчНДСИт="13678592.72"', 'СтУчНДСИт="3.00"', {"@СтУчНДСИт"}),
        ("work_act_172", 'СумБезНДСИт="11211961.25"', 'СумБезНДСИт="1.00"', {"@СумБезНДСИт"}),
    ],
)
def test_a_wrong_sum_is_remarked_to_the_kopeck(name: str, right: str, wrong: str, remarks: set[str]) -> None:
    xml = PAPERS[name].file(4)
    broken = xml.replace(right.encode(), wrong.encode(), 1)
    assert broken != xml
    found = sums(broken)
    assert {place for _, place in found} == remarks
    assert {rule for rule, _ in found} <= {"sum.line-net", "sum.line-gross", "sum.total"}
