"""The partner agreement: one version at a time, in two languages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class AgreementText:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Agreement:
    version: str
    texts: Mapping[str, AgreementText]

    def language(self, culture: str) -> str:
        """The language to read it in; English where there is no translation."""
        language = culture[:2].lower()
        return language if language in self.texts else FALLBACK


def load_agreement() -> Agreement:
    data: dict[str, Any] = json.loads((files("enrollment") / "data" / "agreement.json").read_text(encoding="utf-8"))
    texts = {
        language: AgreementText(said["title"], "\n\n".join(said["text"])) for language, said in data["texts"].items()
    }
    return Agreement(data["version"], texts)
