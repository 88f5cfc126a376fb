"""A declaration stated by its differences from another one.

Places are named by the last two steps: «СвБанк/@КорСчет» is that attribute wherever an element СвБанк stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from edo_service.formats.engine.model import Attribute, Block, Element, Particle, Rule, Sequence, Value

BlockChange = Callable[[Block], Block]


@dataclass(frozen=True, kw_only=True)
class Differences:
    """What another version says otherwise: values and names by place, rules and whole blocks by the element's name.

    An element whose rules stand here has exactly those rules; a block is changed before its parts are looked at.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    blocks: Mapping[str, BlockChange] = field(default_factory=dict)


def amended(root: Element, differences: Differences) -> Element:
    """The root of another version. Raises ValueError for a difference that names nothing."""
    work = _Amending(differences)
    changed = work.element(root, "")
    idle = {*differences.values, *differences.names, *differences.rules, *differences.blocks} - work.met
    if idle:
        raise ValueError(", ".join(sorted(idle)))
    return changed


class _Amending:
    def __init__(self, differences: Differences) -> None:
        self.differences = differences
        self.met: set[str] = set()
        self.done: dict[tuple[int, str], tuple[Block, Block]] = {}

    def element(self, element: Element, parent: str) -> Element:
        place = f"{parent}/{element.name}"
        if isinstance(element.type, Value):
            kind: Block | Value = self._value(element.type, place)
        else:
            kind = self._block(element.type, element.name)
        rules = self.differences.rules.get(element.name)
        if rules is not None:
            self.met.add(element.name)
        return replace(
            element, name=self._name(element.name, place), type=kind, rules=element.rules if rules is None else rules
        )

    def _value(self, value: Value, place: str) -> Value:
        changed = self.differences.values.get(place)
        if changed is None:
            return value
        self.met.add(place)
        return changed

    def _name(self, name: str, place: str) -> str:
        changed = self.differences.names.get(place)
        if changed is None:
            return name
        self.met.add(place)
        return changed

    def _block(self, block: Block, name: str) -> Block:
        known = self.done.get((id(block), name))
        if known is not None:
            return known[1]
        change = self.differences.blocks.get(name)
        if change is not None:
            self.met.add(name)
        source = block if change is None else change(block)
        content = self._particle(source.content, name)
        if not isinstance(content, Sequence):
            raise TypeError(name)
        attributes = tuple(self._attribute(attribute, name) for attribute in source.attributes)
        made = Block(content=content, attributes=attributes)
        self.done[id(block), name] = (block, made)
        return made

    def _attribute(self, attribute: Attribute, parent: str) -> Attribute:
        place = f"{parent}/@{attribute.name}"
        return replace(attribute, name=self._name(attribute.name, place), value=self._value(attribute.value, place))

    def _particle(self, particle: Particle, name: str) -> Particle:
        if isinstance(particle, Element):
            return self.element(particle, name)
        parts = tuple(self._particle(part, name) for part in particle.parts)
        return replace(particle, parts=parts)


def without_element(name: str) -> BlockChange:
    """The block without one of its child elements."""

    def change(block: Block) -> Block:
        parts = tuple(part for part in block.content.parts if not isinstance(part, Element) or part.name != name)
        return replace(block, content=replace(block.content, parts=parts))

    return change


def with_attribute(attribute: Attribute, *, after: str) -> BlockChange:
    """The block with one attribute more."""

    def change(block: Block) -> Block:
        place = next(index for index, known in enumerate(block.attributes) if known.name == after) + 1
        return replace(block, attributes=(*block.attributes[:place], attribute, *block.attributes[place:]))

    return change


def both(*changes: BlockChange) -> BlockChange:
    """Several changes of a block, one after the other."""

    def change(block: Block) -> Block:
        for step in changes:
            block = step(block)
        return block

    return change
