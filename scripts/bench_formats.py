"""Measure the formats: reading and checking УПД 5.03 against the official judge, and how a large one grows.

The judge is lxml with the official schema and its schematron asserts run as XPath; the schema is test data, found by
EDO_TEST_DATA (`../shared`), and without it the ratio is left out. Works of a ratio take turns in one process.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from edo_service import formats

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = "formats/xsd/upd/ON_NSCHFDOPPR_1_997_01_05_03_05.xsd"
SCH = "{http://purl.oclc.org/dsdl/schematron}"
USCH = "http://www.unisoftware.ru/schematron-extensions"
ROUNDS = 15
SIZES = (5_000, 10_000, 20_000)
LINE = """
<СведТов НомСтр="{0}" НаимТов="Реле времени, позиция {0}" ОКЕИ_Тов="796" НаимЕдИзм="шт" КолТов="2" ЦенаТов="2451.64"
 СтТовБезНДС="4903.28" НалСт="22%" СтТовУчНал="5982">
<ДопСведТов><НомСредИдентТов><КИЗ>010460000000001321{0}</КИЗ></НомСредИдентТов></ДопСведТов>
<Акциз><БезАкциз>без акциза</БезАкциз></Акциз><СумНал><СумНал>1078.72</СумНал></СумНал></СведТов>"""
FILE = """<?xml version="1.0" encoding="windows-1251"?>
<Файл ИдФайл="{name}" ВерсФорм="5.03" ВерсПрог="bench"><Документ КНД="1115131" Функция="СЧФДОП" ПоФактХЖ="Передача"
 НаимДокОпр="УПД" ДатаИнфПр="14.08.2026" ВремИнфПр="00.00.00" НаимЭконСубСост="ООО Продавец">
<СвСчФакт НомерДок="1" ДатаДок="14.08.2026"><СвПрод><ИдСв><СвЮЛУч НаимОрг="ООО Продавец" ИННЮЛ="7700000016"
 КПП="770001001"/></ИдСв><Адрес><АдрРФ КодРегион="77" НаимРегион="г. Москва"/></Адрес></СвПрод>
<ДокПодтвОтгрНом РеквНаимДок="УПД" РеквНомерДок="1" РеквДатаДок="14.08.2026"/><СвПокуп><ИдСв><СвЮЛУч
 НаимОрг="ООО Покупатель" ИННЮЛ="7800000027" КПП="780001001"/></ИдСв><Адрес><АдрРФ КодРегион="78"
 НаимРегион="г. Санкт-Петербург"/></Адрес></СвПокуп><ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/>
<ДопСвФХЖ1 СпОбстФСЧФДОП="00005"/></СвСчФакт><ТаблСчФакт>{lines}
<ВсегоОпл СтТовБезНДСВсего="{net}" СтТовУчНалВсего="{gross}"><СумНалВсего><СумНал>{tax}</СумНал></СумНалВсего></ВсегоОпл>
</ТаблСчФакт><СвПродПер><СвПер СодОпер="Товары переданы" ДатаПер="14.08.2026"><БезДокОснПер>1</БезДокОснПер></СвПер>
</СвПродПер><Подписант Должн="Директор" СпосПодтПолном="1"><ФИО Фамилия="Соколова" Имя="Марина"/></Подписант>
</Документ></Файл>"""
NAME = "ON_NSCHFDOPPR_2XX-1_2XX-2_20260814_a52bb884-0009-4984-a002-39e9cc326cd4_0_1_0_0_0_00"


def upd(lines: int) -> bytes:
    """Write a right УПД 5.03 of so many lines."""
    body = "".join(LINE.format(number) for number in range(1, lines + 1))
    kopecks = {name: lines * one for name, one in (("net", 490328), ("tax", 107872), ("gross", 598200))}
    sums = {name: f"{whole // 100}.{whole % 100:02d}" for name, whole in kopecks.items()}
    return FILE.format(name=NAME, lines=body, **sums).encode("cp1251")


def ours(xml: bytes) -> None:
    """Check a file and read it into its dataclass; a bench of refusals would measure something else."""
    result, title = formats.check_upd_seller(xml, file_name=NAME)
    if title is None or result.remarks:
        raise SystemExit(f"the file of the bench must be right: {[*result.violations, *result.remarks][:3]}")


def judge(schema: Path) -> Callable[[bytes], None]:
    """The official side: lxml parses, validates by XSD, runs each assert on each of its contexts."""
    document = etree.parse(schema)
    compiled = etree.XMLSchema(document)
    functions: dict[tuple[str, str], Callable[..., Any]] = {
        (USCH, "iif"): lambda _, condition, yes, no: yes if condition else no,
        (USCH, "getFileName"): lambda _: NAME,
    }
    asserts = [
        (rule.get("context"), etree.XPath(item.get("test", ""), namespaces={"usch": USCH}, extensions=functions))
        for rule in document.iter(f"{SCH}rule")
        for item in rule.iter(f"{SCH}assert")
    ]

    def work(xml: bytes) -> None:
        root = etree.fromstring(xml)
        if not compiled.validate(root):
            raise SystemExit(f"the official schema refuses the file of the bench: {compiled.error_log}")
        for context, test in asserts:
            for element in root.iter(context):
                test(element)

    return work


def best(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The least CPU seconds of each work over rounds that take turns."""
    taken = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            began = time.process_time()
            work()
            taken[name] = min(taken[name], time.process_time() - began)
    return taken


def row(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{name:<46}{value:>34}", flush=True)


def ratio() -> None:
    """100 lines: reading and checking against the judge, at most three times its time."""
    xml = upd(100)
    schema = (ROOT / os.environ.get("EDO_TEST_DATA", "../shared") / SCHEMA).resolve()
    if not schema.is_file():
        row("УПД 5.03, 100 lines: the official judge", "no test data")
        return
    official = judge(schema)
    taken = best({"ours": lambda: ours(xml), "judge": lambda: official(xml)})
    times = f"{1000 * taken['ours']:.1f} / {1000 * taken['judge']:.1f} ms"
    value = taken["ours"] / taken["judge"]
    row("УПД 5.03 of 100 lines, check / official judge", times)
    row("  ratio, at most 3", f"{value:.2f} {'met' if value <= 3 else 'MISSED'}")


def grown(lines: int) -> tuple[float, float]:
    """CPU seconds and peak megabytes of a process that checks and reads a file of so many lines."""
    command = [sys.executable, "-m", "scripts.bench_formats", str(lines)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, megabytes = (float(word) for word in done.stdout.split())
    return seconds, megabytes


def growth() -> None:
    """How time and memory grow with lines."""
    per_line = []
    for lines in SIZES:
        seconds, megabytes = grown(lines)
        per_line.append(seconds / lines)
        row(f"УПД 5.03 of {lines} lines, check and read", f"{seconds:.1f} s, {megabytes:.0f} MB")
    even = max(per_line) / min(per_line)
    row("  time of a line, most / least: linear", f"{even:.2f} {'met' if even <= 1.5 else 'MISSED'}")
    row("  memory at most 1500 MB", "met" if megabytes <= 1500 else "MISSED")


def rows() -> None:
    """All rows."""
    ratio()
    growth()


def main() -> int:
    """Entry point: the table, or with a number of lines one measurement for it."""
    if len(sys.argv) == 1:
        rows()
        return 0
    xml = upd(int(sys.argv[1]))
    began = time.process_time()
    ours(xml)
    print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
