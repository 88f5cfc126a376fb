"""The official schemas with their schematron as a judge. Test data only: the product holds none of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.model import Declaration

SCH = "{http://purl.oclc.org/dsdl/schematron}"
USCH = "http://www.unisoftware.ru/schematron-extensions"
PARTICIPANTS = {"УчастЭДО", "ОтпрДок", "СвОтпрДок", "СвПолДок"}
OFFICIAL = {  # kind and version: its schema
    "upd_seller 5.03": "upd/ON_NSCHFDOPPR_1_997_01_05_03_05.xsd",
    "upd_buyer 5.03": "upd/ON_NSCHFDOPPOK_1_997_02_05_03_01.xsd",
    "receipt_notice 1.03": "service/DP_IZVPOL_1_982_00_01_03_01.xsd",
    "dispatch_confirmation 1.03": "service/DP_PDOTPR_1_983_00_01_03_01.xsd",
    "receipt_confirmation 1.03": "service/DP_PDPOL_1_984_00_01_03_01.xsd",
    "correction_notice 1.03": "service/DP_UVUTOCH_1_985_00_01_03_01.xsd",
    "receipt_notice 1.02": "service/DP_IZVPOL_1_982_00_01_01_02.xsd",
    "dispatch_confirmation 1.02": "service/DP_PDOTPR_1_983_00_01_01_02.xsd",
    "receipt_confirmation 1.02": "service/DP_PDPOL_1_984_00_01_01_02.xsd",
    "receipt_notice 1.01": "service/DP_IZVPOL_1_982_00_01_01_02.xsd",
    "dispatch_confirmation 1.01": "service/DP_PDOTPR_1_983_00_01_01_02.xsd",
    "receipt_confirmation 1.01": "service/DP_PDPOL_1_984_00_01_01_02.xsd",
    "correction_notice 1.01": "service/DP_UVUTOCH_1_985_00_01_01_02.xsd",
    "correction_notice 1.02": "service/DP_UVUTOCH_1_985_00_01_02_02.xsd",
    "annulment_offer 1.01": "service/DP_PRANNUL_1_985_00_01_01_01.xsd",
    "annulment_offer 1.02": "service/DP_PRANNUL_1_985_00_01_01_02.xsd",
    "upd_seller 5.01": "upd/ON_NSCHFDOPPR_1_997_01_05_01_03.xsd",
    "upd_buyer 5.01": "upd/ON_NSCHFDOPPOK_1_997_02_05_01_02.xsd",
    "upd_seller 5.02": "upd/ON_NSCHFDOPPR_1_997_01_05_02_02.xsd",
    "upd_buyer 5.02": "upd/ON_NSCHFDOPPOK_1_997_02_05_02_01.xsd",
    "ukd_seller 5.01": "ukd/ON_KORSCHFDOPPR_1_996_01_05_01_03.xsd",
    "reconciliation_sender 5.01": "torg_act/ON_AKTSVEROTP_1_972_01_05_01_01.xsd",
    "reconciliation_receiver 5.01": "torg_act/ON_AKTSVERPOL_1_972_02_05_01_01.xsd",
    "work_act_contractor 5.01": "torg_act/DP_REZRUISP_1_990_01_05_01_02.xsd",
    "work_act_customer 5.01": "torg_act/DP_REZRUZAK_1_990_02_05_01_02.xsd",
    "power_of_attorney EMCHD_1": "emchd/ON_EMCHD_1_928_00_01_01_01.retyped.xsd",
    "goods_note_seller 5.01": "torg_act/DP_TOVTORGPR_1_992_01_05_01_04.xsd",
    "goods_note_buyer 5.01": "torg_act/DP_TOVTORGPOK_1_992_02_05_01_04.xsd",
    "construction_act_contractor 1.00": "torg_act/ON_AKTREZRABP_1_971_01_01_00_01.xsd",
    "construction_act_customer 1.00": "torg_act/ON_AKTREZRABZ_1_971_02_01_00_01.xsd",
    "acceptance_act_first 5.01": "torg_act/DP_PRIRASXPRIN_1_994_01_05_01_01.xsd",
    "acceptance_act_second 5.01": "torg_act/DP_PRIRASXDOP_1_994_02_05_01_01.xsd",
    "upd_155_seller 5.01": "invoice_old/ON_SCHFDOPPR_1_995_01_05_01_05.xsd",
    "upd_155_buyer 5.01": "invoice_old/ON_SCHFDOPPOK_1_995_02_05_01_05.xsd",
    "invoice 5.01": "invoice_old/ON_SFAKT_1_897_01_05_01_02.xsd",
    "invoice 5.02": "invoice_old/ON_SFAKT_1_897_01_05_02_02.xsd",
    "correction_invoice 5.01": "invoice_old/ON_KORSFAKT_1_911_01_05_01_02.xsd",
    "correction_invoice 5.02": "invoice_old/ON_KORSFAKT_1_911_01_05_02_02.xsd",
    "goods_note_172_seller 5.01": "torg_act/DP_OTORG12_1_986_00_05_01_02.xsd",
    "goods_note_172_buyer 5.01": "torg_act/DP_PTORG12_1_989_00_05_01_02.xsd",
    "work_act_172_contractor 5.01": "torg_act/DP_IAKTPRM_1_987_00_05_01_02.xsd",
    "work_act_172_customer 5.01": "torg_act/DP_ZAKTPRM_1_990_00_05_01_02.xsd",
    "ukd_buyer 5.01": "ukd/ON_KORSCHFDOPPOK_1_996_02_05_01_03.xsd",
}


def declared(name: str) -> Declaration:
    """The declaration of «kind version»."""
    code, version = name.split()
    return DECLARATIONS[code, version]


@dataclass
class Assertion:
    context: str
    test: str
    official: etree.XPath
    repaired: etree.XPath

    @property
    def faulty(self) -> bool:
        return self.official.path != self.repaired.path


Files = list[tuple[str, bytes]]
Samples = Callable[[str], Files]


class Judge:
    """Says what the official schema refuses; known mistakes of the 1.03 schemas are repaired, and told apart."""

    def __init__(self, path: Path) -> None:
        self.document = etree.parse(path)
        self.schema = etree.XMLSchema(self.document)
        self.file_name = ""
        extensions = {
            (USCH, "iif"): lambda _, condition, yes, no: yes if condition else no,
            (USCH, "getFileName"): lambda _: self.file_name,
        }
        self.assertions = []
        for rule in self.document.iter(f"{SCH}rule"):
            for assertion in rule.iter(f"{SCH}assert"):
                context, test = rule.get("context"), assertion.get("test")
                if context == "СведТов" and "@СтТовБезНДСВсего" in test:
                    context = "ВсегоОпл"  # the total is looked for in a line: 5.02 puts the rule in a wrong place
                repaired = repair(test) if context in PARTICIPANTS else test
                compiled = [
                    etree.XPath(text, namespaces={"usch": USCH}, extensions=extensions) for text in (test, repaired)
                ]
                self.assertions.append(Assertion(context, test, *compiled))

    def refusals(self, xml: bytes, file_name: str | None = None) -> list[str]:
        """Reasons to refuse; [] when the file is accepted."""
        try:
            root = etree.fromstring(xml)
        except etree.XMLSyntaxError as error:
            return [f"not XML: {error}"]
        reasons = []
        if not self.schema.validate(root):
            reasons = [f"line {error.line}: {error.message}" for error in self.schema.error_log]
        self.file_name = file_name if file_name is not None else root.get("ИдФайл", "")
        reasons += [f"{a.context}: {a.test}" for a in self._failed(root, official=False)]
        return reasons

    def faulty_refusals(self, xml: bytes) -> list[str]:
        """Asserts that fail only because the official schema is mistaken."""
        root = etree.fromstring(xml)
        return [a.test for a in self._failed(root, official=True) if a.faulty and not self._fails(root, a)]

    def _failed(self, root: etree._Element, *, official: bool) -> Iterator[Assertion]:
        for assertion in self.assertions:
            if self._fails(root, assertion, official=official):
                yield assertion

    def _fails(self, root: etree._Element, assertion: Assertion, *, official: bool = False) -> bool:
        xpath = assertion.official if official else assertion.repaired
        return any(not xpath(element) for element in root.iter(assertion.context))


def repair(test: str) -> str:
    """«ИныеСвед» is looked for on the participant instead of the foreign party, «РегНомер» does not exist at all."""
    return test.replace("РегНомер", "КодНПРег").replace("count(@ИныеСвед)", "count(СвИнУчастНеУч/@ИныеСвед)")


Judges = dict[str, Judge]
