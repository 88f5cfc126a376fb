"""Appearance: theme, contrast and size of text, kept in a cookie that the plain form «Оформление» sets (DESIGN §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

Colour = Literal["system", "light", "dark"]
Contrast = Literal["system", "normal", "more"]
Size = Literal["m", "l", "xl"]
COOKIE = "__Host-edo-look"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Theme:
    """What the person chose; `system` leaves the choice to the browser's own settings."""

    colour: Colour = "system"
    contrast: Contrast = "system"
    size: Size = "m"

    @classmethod
    def from_cookies(cls, cookies: Mapping[str, str]) -> "Theme":
        """Read the cookie; a damaged one is the same as none."""
        return cls.parse(*[*cookies.get(COOKIE, "").split("."), "", "", ""][:3])

    @classmethod
    def parse(cls, colour: str, contrast: str, size: str) -> "Theme":
        """From the form's or the cookie's words; an unknown word falls back to the default of that one setting."""
        return cls(
            colour=cast("Colour", colour) if colour in get_args(Colour) else "system",
            contrast=cast("Contrast", contrast) if contrast in get_args(Contrast) else "system",
            size=cast("Size", size) if size in get_args(Size) else "m",
        )

    def cookie(self) -> str:
        """Value for the cookie."""
        return f"{self.colour}.{self.contrast}.{self.size}"

    @property
    def attributes(self) -> Mapping[str, str]:
        """Attributes of `<html>`: only what differs from "as in the system"."""
        found: dict[str, str] = {}
        if self.colour != "system":
            found["data-theme"] = self.colour
        if self.contrast != "system":
            found["data-contrast"] = self.contrast
        if self.size != "m":
            found["data-size"] = self.size
        return found
