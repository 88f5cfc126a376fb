"""Hostile files, made here and nowhere kept, and how much each costs: `python -m tests.formats.attacks` measures them all.

Every file is checked in a child of its own, so that its processor time and its memory are its own.
"""

import json
import os
import resource
import sys
import time
import zlib
from collections.abc import Callable

from edo_service.formats import FormatError, check, read_any

HEAD = (
    '<?xml version="1.0" encoding="windows-1251"?><Файл ИдФайл="ON_NSCHFDOPPR_x" ВерсФорм="5.03" ВерсПрог="1">'
    '<Документ КНД="1115131">'
)
TAIL = "</Документ></Файл>"
SEVERE = ("doctype", "entit", "laughs", "depth")  # refused by the reader too, which is tolerant of broken rules
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def inside(text: str) -> Callable[[], bytes]:
    return lambda: (HEAD + text + TAIL).encode("cp1251")


def plain(text: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: text.encode(encoding)


def many(piece: str, times: int, before: str = "", after: str = "") -> Callable[[], bytes]:
    return lambda: (HEAD + before).encode("cp1251") + piece.encode("cp1251") * times + (after + TAIL).encode("cp1251")


def attributes(times: int, form: str) -> Callable[[], bytes]:
    return lambda: (HEAD + "<a " + " ".join(form.format(n) for n in range(times)) + "/>" + TAIL).encode("cp1251")


ATTACKS: dict[str, Callable[[], bytes]] = {
    "doctype": plain("<!DOCTYPE Файл><Файл/>"),
    "billion laughs": plain(f'<!DOCTYPE Файл [<!ENTITY a0 "ха">{LAUGHS}]><Файл ИдФайл="&a9;"/>'),
    "quadratic entity": plain(f'<!DOCTYPE Файл [<!ENTITY a "{"х" * 50000}">]><Файл>{"&a;" * 5000}</Файл>'),
    "recursive entity": plain('<!DOCTYPE Файл [<!ENTITY a "&b;"><!ENTITY b "&a;">]><Файл>&a;</Файл>'),
    "file entity": plain('<!DOCTYPE Файл [<!ENTITY x SYSTEM "file:///etc/passwd">]><Файл>&x;</Файл>'),
    "device entity": plain('<!DOCTYPE Файл [<!ENTITY x SYSTEM "file:///dev/zero">]><Файл>&x;</Файл>'),
    "network entity": plain('<!DOCTYPE Файл SYSTEM "http://127.0.0.1:9/x.dtd"><Файл/>'),
    "parameter entity": plain('<!DOCTYPE Файл [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><Файл/>'),
    "default attribute": plain('<!DOCTYPE Файл [<!ATTLIST Файл ВерсФорм CDATA "5.03">]><Файл/>'),
    "doctype after a long comment": lambda: b"<!--" + b"x" * 5_000_000 + "--><!DOCTYPE Файл><Файл/>".encode(),
    "doctype in utf-16": plain('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE Файл><Файл/>', "utf-16"),
    "doctype in utf-16 without a mark": plain('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE Файл><Файл/>', "utf-16-le"),
    "doctype in windows-1251": plain('<?xml version="1.0" encoding="windows-1251"?><!DOCTYPE Файл><Файл/>', "cp1251"),
    "doctype after the root": inside("<!DOCTYPE Файл>"),
    "utf-7": plain('<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a><a/>', "ascii"),
    "utf-32": plain("<Файл/>", "utf-32"),
    "ebcdic": plain('<?xml version="1.0" encoding="cp037"?><a/>', "cp037"),
    "unknown encoding": plain('<?xml version="1.0" encoding="no-such"?><a/>', "ascii"),
    "codec that is no encoding": plain('<?xml version="1.0" encoding="rot13"?><a/>', "ascii"),
    "bytes of another encoding": plain('<?xml version="1.0" encoding="utf-8"?><Файл/>', "cp1251"),
    "overlong utf-8": lambda: b"<a>\xc0\xbcscript\xc0\xbe</a>",
    "half a surrogate": lambda: b"<a>\xed\xa0\x80</a>",
    "nul inside": inside("\x00"),
    "nul all over": lambda: b"\x00" * 1_000_000,
    "nul by reference": inside("&#0;"),
    "surrogate by reference": inside("&#xD800;"),
    "control sign": inside("\x07"),
    "undeclared entity": inside("&x;"),
    "endless depth": lambda: "<Файл>".encode() + b"<a>" * 1_000_000,
    "closed depth": many("<СведТов>", 5_000, after="</СведТов>" * 5_000),
    "elements by the million": many("<a/>", 3_000_000),
    "known elements by the million": many("<СведТов/>", 1_000_000, "<ТаблСчФакт>", "</ТаблСчФакт>"),
    "as many known elements as are taken": many("<СведТов/>", 399_000, "<ТаблСчФакт>", "</ТаблСчФакт>"),
    "elements of no known file": lambda: b"<r>" + b"<a/>" * 3_000_000 + b"</r>",
    "attributes by the thousand": attributes(50_000, 'a{0}="1"'),
    "one attribute twice": inside('<a b="1" b="2"/>'),
    "namespaces by the thousand": attributes(50_000, 'xmlns:n{0}="u{0}"'),
    "foreign namespace": plain('<Файл xmlns="urn:x" ИдФайл="ON_NSCHFDOPPR_x" ВерсФорм="5.03"><Документ КНД="1115131"/></Файл>'),
    "prefix without a namespace": inside("<n:a/>"),
    "two attributes that are one": inside('<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>'),
    "huge attribute": many("x", 11_000_000, '<a b="', '"/>'),
    "huge text": many("x", 20_000_000),
    "huge comment": many("x", 20_000_000, "<!--", "-->"),
    "huge name": many("a", 11_000_000, "<", "/>"),
    "comments by the million": many("<!---->", 2_000_000),
    "instructions by the million": many("<?a b?>", 2_000_000),
    "instruction that declares": inside('<?xml version="1.0"?>'),
    "xinclude": inside('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
    "xslt as a stylesheet": inside('<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'),
    "type by xsi": inside('<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"/>'),
    "cut": lambda: inside("<ТаблСчФакт>")()[:-20],
    "cut inside a sign": lambda: ("<Файл>" + "я" * 10).encode()[:-1],
    "two roots": plain("<Файл/><Файл/>"),
    "text after the root": plain("<Файл/>конец"),
    "unclosed cdata": inside("<![CDATA[ "),
    "compressed": lambda: zlib.compress(b"<a/>" * 1000),
    "larger than any file": lambda: b"<a>" + b" " * (65 * 1024 * 1024) + b"</a>",
    "pdf": lambda: b"%PDF-1.7\n%\xe2\xe3",
    "text": plain("просто текст"),
    "empty": lambda: b"",
    "spaces": lambda: b"  \n ",
}  # fmt: skip


TRIES, LONG = 3, 0.7
"""A busy machine makes processor time longer: what took over `LONG` seconds is measured again, the best counts."""


def attack(name: str) -> dict[str, object]:
    """Check one file in this process."""
    xml = ATTACKS[name]()
    cost = float("inf")
    for _ in range(TRIES):
        before = time.process_time()
        result = check(xml)
        cost = min(cost, time.process_time() - before)
        if cost < LONG:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = None
    try:
        if any(word in name for word in SEVERE):
            read_any(xml)
    except FormatError as error:
        said = error.text_ru
    return {
        "name": name,
        "seconds": cost,
        "megabytes": peak,
        "violations": [finding.message_ru for finding in result.violations[:3]],
        "read": said,
    }


def measured(name: str) -> dict[str, object]:
    """The same in a child of its own, with what it took of memory."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3, 3 * 1024**3))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
        os.write(there, json.dumps(attack(name)).encode())
        os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return {**json.loads(told or "{}"), "name": name, "status": status}


if __name__ == "__main__":
    json.dump([measured(name) for name in ATTACKS], sys.stdout, ensure_ascii=False)
