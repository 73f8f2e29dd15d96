"""Choosing which mails to get. Mandatory ones cannot be muted."""

from typing import assert_never

from kontor_contracts.notifications import MailPreferencesChanged
from notifications.domain.preferences.categories import OPTIONAL
from notifications.domain.preferences.state import (
    AdoptPreferences,
    ChoosePreferences,
    Command,
    Fact,
    ForgetPreferences,
    MuteCategory,
    Preferences,
    PreferencesChosen,
    PreferencesForgotten,
    PreferencesRefused,
)


def decide(command: Command, state: Preferences) -> list[Fact]:
    match command:
        case ChoosePreferences(muted=muted, language=language, at=at, user_id=user_id):
            chosen = PreferencesChosen(
                muted=tuple(sorted(set(muted))), language=language, user_id=user_id or state.user_id, at=at
            )
            return _refused(muted) or _changed(chosen, state)
        case MuteCategory(category=category, at=at):
            muted = tuple(sorted({*state.muted, category}))
            chosen = PreferencesChosen(muted=muted, language=state.language, user_id=state.user_id, at=at)
            return _refused((category,)) or _changed(chosen, state)
        case AdoptPreferences(muted=muted, language=language, user_id=user_id, at=at):
            if state.changed_at is not None:
                return []
            return _changed(PreferencesChosen(muted=muted, language=language, user_id=user_id, at=at), state)
        case ForgetPreferences():
            return [] if state == Preferences() else [PreferencesForgotten()]
        case _:
            assert_never(command)


def evolve(state: Preferences, fact: Fact) -> Preferences:
    match fact:
        case PreferencesChosen(muted=muted, language=language, user_id=user_id, at=at):
            return Preferences(muted, language, user_id, at)
        case PreferencesForgotten():
            return Preferences()
        case MailPreferencesChanged() | PreferencesRefused():
            return state
        case _:
            assert_never(fact)


def _refused(muted: tuple[str, ...]) -> list[Fact]:
    fixed = sorted(set(muted) - set(OPTIONAL))
    if not fixed:
        return []
    detail = f"mails of the category {fixed[0]} are mandatory; mute only {', '.join(OPTIONAL)}"
    return [PreferencesRefused(reason="mail-mandatory", detail=detail)]


def _changed(chosen: PreferencesChosen, state: Preferences) -> list[Fact]:
    if (chosen.muted, chosen.language, chosen.user_id) == (state.muted, state.language, state.user_id):
        return []
    told = MailPreferencesChanged(muted=chosen.muted, language=chosen.language, user_id=chosen.user_id)
    return [chosen, told]
