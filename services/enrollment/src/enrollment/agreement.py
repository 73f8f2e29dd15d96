"""The partner agreement: its editions, each for some regions or for all, in each language with its words."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class AgreementText:
    title: str
    text: str

    @property
    def sha256(self) -> str:
        """Of title and text, with an empty line between them, in UTF-8."""
        return hashlib.sha256(f"{self.title}\n\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Agreement:
    """``regions`` None: it holds in every region that has no edition of its own."""

    version: str
    texts: Mapping[str, AgreementText]
    regions: Collection[str] | None = None

    def language(self, culture: str) -> str:
        """The language to read it in; English where there is no translation."""
        language = culture[:2].lower()
        return language if language in self.texts else FALLBACK


@dataclass(frozen=True, slots=True)
class Agreements:
    """All editions, the oldest first."""

    editions: Sequence[Agreement]

    def current(self, region: str | None) -> Agreement:
        """The newest edition of the region; else the newest one for all regions."""
        own = [one for one in self.editions if one.regions is not None and region in one.regions]
        return (own or [one for one in self.editions if one.regions is None])[-1]


def load_agreements() -> Agreements:
    data = json.loads((files("enrollment") / "data" / "agreements.json").read_text(encoding="utf-8"))
    return Agreements([_edition(each) for each in data["editions"]])


def _edition(data: Mapping[str, Any]) -> Agreement:
    texts = {
        language: AgreementText(said["title"], "\n\n".join(said["text"])) for language, said in data["texts"].items()
    }
    return Agreement(data["version"], texts, data["regions"])
