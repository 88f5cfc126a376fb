"""Random files that follow a declaration, and random damage to files: food for the agreement test. Seeded, hence repeatable."""

import random
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal

from lxml import etree

from edo_service.formats.engine.checker import check_tree
from edo_service.formats.engine.model import Block, Choice, Declaration, Element, Particle, Value, elements_of

DEEP = 9
SAMPLES = {
    "[0-9][1-9]": "01", "[A-Za-z0-9@.-]{4,46}": "2XX-demo.1@a", "[A-Za-z0-9@.-]{3}": "2XX",
}  # fmt: skip
ODD_VALUES = (
    "", " ", "0", "00", "1", "-1", "+1", "1.5", "1.50", "1.500", ".5", "5.", "0.05", "0.0", "-0", "-0.001", "1e3", "NaN", "١٢",
    "00012", "123456789012345678901234567890", "12345678901234567.89", "12345678901234567.8", "0.12345678901", "0.123456789012",
    "31.02.2026", "29.02.2025", "29.02.2024", "29.02.1900", "30.02.2024", "31.04.2026", "01.13.2026", "01.01.1899", "1.1.2026",
    "2026-01-01", "24.00.00", "23.59.59", "12:00:00", "без НДС", " без НДС", "20%", "ДОП", "СЧФ", "СвРК", "ИО", "ИГ", "ЮЛ", "ФЛ",
    "2", "3", "5", "6", "99", "00005", "10000", "x" * 37, "я" * 255, "я" * 256, "я" * 1001, "a\nb", "a\tb", "&<>\"'", "🙂",
    "0000000000", "7700000016", "770000001", "770001001", "77000A001", "000000000000", "500100732259", " 5 ", "1 000",
)  # fmt: skip


def value_text(value: Value, rng: random.Random) -> str:  # noqa: PLR0911  (one return a kind)
    """A text that the value allows."""
    if value.choices:
        return rng.choice(value.choices)
    if value.kind == "date":
        return f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.{rng.randint(1900, 2099)}"
    if value.kind == "isodate":
        return f"{rng.randint(1900, 2099)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    if value.kind == "time":
        return f"{rng.randint(0, 23):02d}.{rng.randint(0, 59):02d}.{rng.randint(0, 59):02d}".replace(
            ".", ":" if value.colon else "."
        )
    if value.kind == "integer":
        return str(rng.randint(1, 10 ** rng.randint(1, min(value.total_digits or 6, 9)) - 1))
    if value.kind == "decimal":
        scale = rng.randint(0, value.fraction_digits or 0)
        number = Decimal(rng.randint(1, 10**8)).scaleb(-scale)
        low_enough = value.at_least is None and value.more_than is None
        return f"{-number if low_enough and rng.random() < 0.2 else number:f}"
    if value.patterns:
        return patterned(rng.choice(value.patterns), rng)
    low, high = value.min_length or 0, value.max_length or 300
    length = min(high, max(low, rng.choice((low, low + 1, rng.randint(low, min(high, low + 40)), high))))
    return "".join(rng.choice("абвгдеёЖЗИ abc019-_/№«»&<\"'") for _ in range(length))


def odd_values(value: Value, rng: random.Random) -> list[str]:
    """Texts at the edges of a value and some odd ones."""
    edges = [length + step for length in (value.min_length, value.max_length) if length for step in (-1, 0, 1)]
    return [*("ф" * length for length in edges), *value.choices[:3], *rng.sample(ODD_VALUES, 45)]


def patterned(pattern: str, rng: random.Random) -> str:
    """A text for one of the few patterns in use."""
    for start, sample in SAMPLES.items():
        if pattern == start:
            return sample
    if pattern.startswith("[ "):
        return rng.choice(("0", "15.5", "7", "120.25"))
    if pattern.startswith(r"\d"):
        return f"{rng.randint(0, 99999)}.{rng.randint(10, 99)}"
    if pattern.endswith("[0-5][0-9]"):
        return f"30.{rng.choice(('01', '04', '12'))}.20{rng.randint(10, 99)} 0{rng.randint(0, 9)}.15.59"
    if "a-fA-F" in pattern:
        return "-".join("".join(rng.choice("0123456789abcDEF") for _ in range(size)) for size in (8, 4, 4, 4, 12))
    start, rest = "", pattern
    if pattern.startswith("(?:"):
        start, rest = "77", pattern.split(")", 1)[1]
    text = start
    while rest:
        if not rest.startswith("["):
            text, rest = text + rest[0], rest[1:]
            continue
        group, count = rest.split("]{", 1)
        number, rest = count.split("}", 1)
        pool = "01" if "0-1" in group else "0123456789" + ("ABCXYZ" if "A-Z" in group else "")
        text += "".join(rng.choice(pool) for _ in range(int(number)))
    return text


def document(declaration: Declaration, rng: random.Random, density: float) -> etree._Element:
    """A random document that follows the types (rules may be broken)."""
    root = etree.Element(declaration.root.name)
    fill(root, declaration.root, rng, density, 0)
    return root


def mended(root: etree._Element, declaration: Declaration, rng: random.Random, *, rounds: int = 8) -> etree._Element:
    """Satisfy rules that a random document breaks: what a finding names is added where absent, removed where present."""
    for _ in range(rounds):
        broken = [f for f in check_tree(root, declaration, file_name=None)[0] if f.rule.startswith("rule.")]
        if not broken:
            break
        for finding in broken:
            mend(root, declaration, finding.path, rng)
    return root


def mend(root: etree._Element, declaration: Declaration, path: str, rng: random.Random) -> None:
    *steps, last = path.strip("/").split("/")
    owner, declared = root, declaration.root
    for step in steps[1:]:
        found = owner.find(step)
        if found is None:
            return
        owner, declared = found, declared.type.element(step.split("[")[0])
    if last.startswith("@"):
        if last[1:] in owner.attrib:
            del owner.attrib[last[1:]]
        else:
            owner.set(last[1:], value_text(declared.type.attribute(last[1:]).value, rng))
        return
    present = owner.findall(last)
    for child in present:
        owner.remove(child)
    if not present:
        wanted = declared.type.element(last)
        if wanted is None:
            return
        child = etree.Element(last)
        fill(child, wanted, rng, 0.3, DEEP)
        order = [element.name for element in elements_of(declared.type.content)]
        place = sum(1 for other in owner if other.tag in order and order.index(other.tag) <= order.index(last))
        owner.insert(place, child)


def fill(node: etree._Element, declared: Element, rng: random.Random, density: float, depth: int) -> None:
    if isinstance(declared.type, Value):
        node.text = value_text(declared.type, rng)
        return
    for attribute in declared.type.attributes:
        if attribute.required or rng.random() < density:
            node.set(attribute.name, value_text(attribute.value, rng))
    if declared.type.anything:
        etree.SubElement(node, "{urn:x}Свое", a="1").text = "что угодно"
    if declared.type.text is not None and rng.random() < density:
        node.text = value_text(declared.type.text, rng)
    particle(node, declared.type.content, rng, density, depth)


def particle(node: etree._Element, part: Particle, rng: random.Random, density: float, depth: int) -> None:
    for _ in range(times(part, rng, density, depth)):
        if isinstance(part, Element):
            fill(etree.SubElement(node, part.name), part, rng, density, depth + 1)
        elif isinstance(part, Choice):
            particle(node, rng.choice(part.parts), rng, density, depth)
        else:
            for inner in part.parts:
                particle(node, inner, rng, density, depth)


def times(part: Particle, rng: random.Random, density: float, depth: int) -> int:
    if part.least == 0 and (depth > DEEP or rng.random() > density):
        return 0
    return rng.choice((1, 1, 2)) if part.most is None else 1


def attribute_names(declaration: Declaration) -> list[str]:
    names = set()
    stack = [declaration.root]
    while stack:
        here = stack.pop()
        if isinstance(here, Element):
            if isinstance(here.type, Block):
                names.update(a.name for a in here.type.attributes)
                stack.extend(here.type.content.parts)
        else:
            stack.extend(here.parts)
    return sorted(names)


def damaged(
    root: etree._Element, declaration: Declaration, rng: random.Random, *, hits: int = 1
) -> tuple[etree._Element, str]:
    """A copy of a document with some random damage; returns (root, what was done)."""
    copy = deepcopy(root)
    done = [rng.choice(DAMAGES)(copy, declaration, rng) for _ in range(hits)]
    return copy, ", ".join(done)


def pick(root: etree._Element, rng: random.Random) -> etree._Element:
    return rng.choice(list(root.iter(etree.Element)))


def drop_element(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    if node.getparent() is None:
        return "nothing"
    node.getparent().remove(node)
    return f"drop {node.tag}"


def duplicate_element(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    if node.getparent() is None:
        return "nothing"
    node.addnext(deepcopy(node))
    return f"duplicate {node.tag}"


def move_element(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node, target = pick(root, rng), pick(root, rng)
    if node.getparent() is None or node in target.iterancestors() or node is target:
        return "nothing"
    target.insert(rng.randint(0, len(target)), node)
    return f"move {node.tag} into {target.tag}"


def swap_siblings(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    after = node.getnext()
    if after is None:
        return "nothing"
    after.addnext(node)
    return f"swap {node.tag}"


def rename_element(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node, other = pick(root, rng), pick(root, rng)
    old, node.tag = node.tag, rng.choice((other.tag, "Лишний", "{urn:x}Документ"))
    return f"rename {old} to {node.tag}"


def drop_attribute(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    if not node.attrib:
        return "nothing"
    name = rng.choice(sorted(node.attrib))
    del node.attrib[name]
    return f"drop {node.tag}/@{name}"


def alter_attribute(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    if not node.attrib:
        return "nothing"
    name = rng.choice(sorted(node.attrib))
    node.set(name, rng.choice(ODD_VALUES))
    return f"set {node.tag}/@{name} to {node.get(name)[:40]!r}"


def add_attribute(root: etree._Element, declaration: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    name = rng.choice(
        [*attribute_names(declaration), "Лишний", "{urn:x}КНД", "{http://www.w3.org/XML/1998/namespace}lang"]
    )
    node.set(name, rng.choice(ODD_VALUES))
    return f"add {node.tag}/@{name}"


def alter_text(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    node.text = rng.choice(ODD_VALUES)
    return f"text of {node.tag}: {node.text[:40]!r}"


def tail_text(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    if node.getparent() is None:
        return "nothing"
    node.tail = rng.choice(("x", " \n", "\u00a0"))
    return f"tail of {node.tag}"


def comment(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    node.insert(rng.randint(0, len(node)), rng.choice((etree.Comment("c"), etree.ProcessingInstruction("p", "x"))))
    return f"comment in {node.tag}"


def empty_element(root: etree._Element, _: Declaration, rng: random.Random) -> str:
    node = pick(root, rng)
    for child in list(node):
        node.remove(child)
    node.text = rng.choice((None, " ", "\n  "))
    return f"empty {node.tag}"


DAMAGES = (
    drop_element, duplicate_element, move_element, swap_siblings, rename_element, drop_attribute, alter_attribute,
    alter_attribute, alter_attribute, add_attribute, add_attribute, alter_text, tail_text, comment, empty_element, drop_attribute,
)  # fmt: skip


def qualified(root: etree._Element, declaration: Declaration) -> etree._Element:
    """A plain tree as a file of its form: a copy in the form's namespace, where it has one."""
    if declaration.namespace is None:
        return root
    copy = deepcopy(root)
    for element in copy.iter(etree.Element):
        if not element.tag.startswith("{"):
            element.tag = f"{{{declaration.namespace}}}{element.tag}"
    return copy


def declared_elements(element: etree._Element, declared: Element) -> Iterator[tuple[etree._Element, Element]]:
    """Pairs (element, its declaration) of a file that follows the types."""
    yield element, declared
    if isinstance(declared.type, Block) and not declared.type.anything:
        for child in element.iterchildren(etree.Element):
            yield from declared_elements(child, declared.type.element(child.tag))
