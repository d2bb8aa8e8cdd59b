"""One shape for every form field: a Django form's, or a question of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.widgets import Input
from django.utils.safestring import SafeString

from lamppost.faces.theme.drawn import options

# The kinds ``lamppost/components/field.html`` can draw.
GROUPS = frozenset({"radios", "checkboxes"})
KINDS = GROUPS | frozenset(
    {
        "text", "email", "tel", "url", "number", "date", "time", "datetime-local", "password",
        "search", "textarea", "select", "checkbox", "file", "hidden",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One option of a list, a group of radios or a group of boxes."""

    value: str
    label: str
    chosen: bool = False
    hint: str = ""


@dataclass(frozen=True)
class FieldView:
    """What the template needs to draw one field, already translated.

    ``control`` is ready HTML for a widget we do not draw ourselves, else empty. ``attrs`` are
    further attributes of the control; a value of True stands for a bare attribute.
    """

    name: str
    id: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    errors: Sequence[str] = ()
    required: bool = False
    choices: Sequence[Choice] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)
    control: SafeString | None = None

    @property
    def is_group(self) -> bool:
        """Whether it is a fieldset with a legend rather than a label and a control."""
        return self.kind in GROUPS

    @property
    def described_by(self) -> str:
        """The ids of hint and error, for ``aria-describedby``."""
        ids = [f"{self.id}-hint"] if self.hint else []
        return " ".join(ids + ([f"{self.id}-error"] if self.errors else []))

    @property
    def options(self) -> SafeString:
        """The choices as the options of a list: a city has hundreds of services and areas."""
        return options((one.value, one.label, one.chosen) for one in self.choices)

    @property
    def first_control_id(self) -> str:
        """Where a link from the error summary leads."""
        return f"{self.id}_0" if self.is_group else self.id


_WIDGET_KINDS: list[tuple[type[forms.Widget], str]] = [
    (forms.RadioSelect, "radios"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
]


def _kind_of(widget: forms.Widget) -> str:
    for widget_class, kind in _WIDGET_KINDS:
        if isinstance(widget, widget_class):
            return kind
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, Input) and widget.input_type in KINDS:
        return widget.input_type or "text"
    return "other"


def from_bound(bound: BoundField) -> FieldView:
    """Return the view of a field of a Django form, errors included."""
    kind = "hidden" if bound.is_hidden else _kind_of(bound.field.widget)
    shell = FieldView(
        name=bound.html_name,
        id=bound.id_for_label or bound.auto_id or f"id_{bound.html_name}",
        label=str(bound.label),
        kind=kind,
        hint=str(bound.help_text),
        errors=[str(error) for error in bound.errors],
        required=bound.field.required,
    )
    if kind in GROUPS:
        shell = FieldView(**{**shell.__dict__, "id": bound.auto_id or shell.name})
        return FieldView(**{**shell.__dict__, "choices": _bound_choices(bound)})
    return FieldView(**{**shell.__dict__, "control": _bound_control(bound, shell)})


def _bound_choices(bound: BoundField) -> list[Choice]:
    return [
        Choice(
            value=str(part.data["value"]),
            label=str(part.choice_label),
            chosen=bool(part.data["selected"]),
        )
        for part in bound.subwidgets
    ]


def _bound_control(bound: BoundField, view: FieldView) -> SafeString:
    css = {"textarea": "usa-textarea", "select": "usa-select", "checkbox": "", "file": ""}
    attrs: dict[str, Any] = {"class": css.get(view.kind, "usa-input")}
    extra = bound.field.widget.attrs.get("class")
    if extra:
        attrs["class"] = f"{attrs['class']} {extra}"
    if view.described_by:
        attrs["aria-describedby"] = view.described_by
    if view.errors:
        attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs={name: value for name, value in attrs.items() if value})


def from_mapping(question: Mapping[str, Any]) -> FieldView:
    """Return the view of a field described by a mapping.

    Keys: ``name`` and ``label`` (needed); ``kind`` (one of ``KINDS``, else ``text``), ``id``,
    ``value`` (a list for ``checkboxes``), ``hint``, ``errors``, ``required``, ``attrs`` and
    ``choices``: triples or pairs ``(value, label[, hint])``.

    Raises ``KeyError`` without a name or a label and ``ValueError`` for an unknown kind.
    """
    name = str(question["name"])
    kind = str(question.get("kind", "text"))
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not a kind of field: {', '.join(sorted(KINDS))}")
    value = question.get("value")
    return FieldView(
        name=name,
        id=str(question.get("id", f"id_{name}")),
        label=str(question["label"]),
        kind=kind,
        value="" if value is None or isinstance(value, list | tuple | set) else str(value),
        hint=str(question.get("hint", "") or ""),
        errors=[str(error) for error in question.get("errors", ())],
        required=bool(question.get("required", False)),
        choices=_choices(question.get("choices", ()), value),
        attrs={name: _plain(value) for name, value in question.get("attrs", {}).items()},
    )


def _plain(value: Any) -> Any:
    """Return an attribute's value unlocalized: ``step="0.5"`` in every language."""
    return value if value is None or isinstance(value, bool) else str(value)


def _choices(pairs: Iterable[Sequence[Any]], value: Any) -> list[Choice]:
    many = isinstance(value, list | tuple | set)
    chosen = {str(item) for item in value} if many else {"" if value is None else str(value)}
    return [
        Choice(
            value=str(pair[0]),
            label=str(pair[1]),
            chosen=str(pair[0]) in chosen,
            hint=str(pair[2]) if len(pair) > 2 else "",
        )
        for pair in pairs
    ]


def view_of(source: BoundField | FieldView | Mapping[str, Any]) -> FieldView:
    """Return the view of anything the ``field`` tag accepts."""
    if isinstance(source, FieldView):
        return source
    return from_bound(source) if isinstance(source, BoundField) else from_mapping(source)
