"""Whether what a pack says of its contact center can work."""

from __future__ import annotations

from lamppost.catalog.choices import CaseKind, LocationRule
from lamppost.contacts.choices import DispositionKind
from lamppost.contacts.services.surge import MOST_CHARACTERS
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings


def check_center(pack: Pack, findings: Findings) -> None:
    """Note what no single line of ``contact_center.yaml`` shows."""
    keys: dict[str, str] = {}
    for row in pack.dispositions:
        if row.key and row.key in keys:
            findings.error(
                row.at,
                f'The key {row.key} codes "{row.code}" and "{keys[row.key]}".',
                "Give one of them another digit.",
            )
        keys.setdefault(row.key, row.code)
    kinds = {row.kind for row in pack.dispositions}
    for needed in (DispositionKind.INFORMATION, DispositionKind.EMERGENCY):
        if pack.dispositions and needed not in kinds:
            findings.warn(
                pack.dispositions[0].at,
                f'No disposition is of the kind "{needed}".',
                "Such contacts would be coded as something else.",
            )
    _check_inquiries(pack, findings)
    for text in pack.surge_texts:
        too_long = [name for name, said in text.message.items() if len(said) > MOST_CHARACTERS]
        if too_long:
            findings.error(
                text.at,
                f'The surge text "{text.code}" is too long ({", ".join(too_long)}).',
                f"Use at most {MOST_CHARACTERS} characters: it is read aloud and sent by SMS.",
            )


def _check_inquiries(pack: Pack, findings: Findings) -> None:
    rules = pack.center
    if rules is None or not rules.inquiries:
        return
    service = next((one for one in pack.services if one.code == rules.inquiries), None)
    if service is None:
        return  # Said where the code stands.
    asks = any(question.is_required for question in service.questions)
    if service.kind != CaseKind.INQUIRY or service.location == LocationRule.REQUIRED or asks:
        findings.error(
            rules.at,
            f'"{service.code}" cannot keep an inquiry answered at once.',
            "Name a service of the kind inquiry without required questions or place.",
        )
