"""A folder of plain files, read into values, with everything that is wrong noted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, TypeVar

from lamppost.kernel.text import clean_text
from lamppost.packs import (
    center_shapes,
    channel_shapes,
    content,
    knowledge_shapes,
    notices_shapes,
    retention_shapes,
    shapes,
    work_shapes,
)
from lamppost.packs.findings import Findings, Mark, did_you_mean
from lamppost.packs.folder import PackFolder, open_folder
from lamppost.packs.kinds import FLAG, LANGUAGE
from lamppost.packs.knowledge_content import Article, Topic
from lamppost.packs.read_agreements import read_agreements
from lamppost.packs.read_areas import read_area_kinds
from lamppost.packs.schema import (
    BadValue,
    Context,
    Gathered,
    Shape,
    as_items,
    as_map,
    as_scalar,
    read_row,
    read_rows,
)
from lamppost.packs.syntax import Map, Node, Scalar, Sequence, parse_yaml
from lamppost.packs.translations import check_overlays, read_overlays

R = TypeVar("R")
_TEXT_NAME = re.compile(
    r"text/(?P<key>[a-z0-9][a-z0-9_-]{0,62})(?:\.(?P<language>[A-Za-z0-9-]+))?\.md"
)
# A row of these nouns can only be known when these files could be read.
_NOUNS = {
    "departments.yaml": ("department",),
    "groups.yaml": ("group",),
    "services": ("service", "question", "value"),
    "statuses.yaml": ("status", "pause reason", "outcome"),
    "calendars.yaml": ("calendar",),
    "areas.yaml": ("area kind", "area"),
    "articles": ("article", "topic"),
}


@dataclass(frozen=True)
class Reading:
    """What a folder holds: the pack, or None when its city cannot be made out.

    ``unreadable`` are the files that said nothing at all.
    """

    pack: content.Pack | None
    findings: Findings
    unreadable: frozenset[str] = frozenset()


class _Reader:
    """Reads the files of one folder in the order in which they need each other."""

    def __init__(self, folder: PackFolder, findings: Findings) -> None:
        self.folder = folder
        self.findings = findings
        self.gathered = Gathered(findings)

    def tree(self, name: str) -> Map | None:
        """Return the map in a YAML file, or None when it is absent or unusable."""
        text = self.folder.texts.get(name)
        if text is None:
            return None
        before = len(self.findings.found)
        node = parse_yaml(name, text, self.findings)
        if node is None and len(self.findings.found) == before:
            return None
        if isinstance(node, Map):
            return node
        if node is not None:
            self.findings.error(node.mark, "The file must begin with `key: value` lines.")
        self.unreadable(name)
        return None

    def unreadable(self, name: str) -> None:
        """Note that a file said nothing, so that rows which name its rows are not blamed."""
        self.folder.unreadable.add(name)
        self.gathered.unreadable.update(_NOUNS.get(name.split("/")[0], ()))

    def sections(self, name: str, *known: str) -> dict[str, Node]:
        """Return the parts of a file by their heading; unknown headings are errors."""
        map_ = self.tree(name)
        if map_ is None:
            return {}
        for key, _node in map_.entries:
            if key.text not in known:
                hint = did_you_mean(key.text, known)
                self.findings.error(key.mark, f'{name} has no part "{key.text}".', hint)
        return {key.text: node for key, node in map_.entries if key.text in known}

    def rows(
        self,
        shape: Shape[R],
        node: Node | None,
        path: str,
        defaults: Mapping[str, Node] | None = None,
    ) -> tuple[R, ...]:
        """Return the good rows of a list under the path translations use."""
        if node is None:
            return ()
        try:
            return read_rows(shape, node, Context(self.gathered, (path,)), defaults)
        except BadValue as bad:
            self.findings.error(bad.mark, bad.message, bad.hint)
            return ()

    def city(self) -> content.CityFacts | None:
        """Return the city; the language it is written in governs all that follows."""
        map_ = self.tree("city.yaml")
        if map_ is None:
            if "city.yaml" not in self.folder.texts and "city.yaml" not in self.folder.unreadable:
                self.findings.error(Mark("city.yaml"), "A pack needs a file city.yaml.")
            return None
        for key, node in map_.entries:
            if key.text == "language" and isinstance(node, Scalar) and not node.is_empty:
                self.gathered.language = node.text.strip().lower()
        read_overlays(self.folder, self.gathered)
        return read_row(shapes.CITY, map_, Context(self.gathered, ("city",)))

    def services(self) -> tuple[content.Service, ...]:
        """Return the services of all files; a file may give them a department and a group."""
        services: list[content.Service] = []
        for name in self.folder.under("services"):
            parts = self.sections(name, "department", "group", "services")
            defaults: dict[str, Node] = {
                key: node for key, node in parts.items() if key in ("department", "group")
            }
            services += self.rows(shapes.SERVICE, parts.get("services"), "services", defaults)
        return tuple(sorted(services, key=lambda service: (service.order, service.code)))

    def moves(self, node: Node | None) -> tuple[content.Move, ...]:
        """Return the moves of ``- {from: open, to: [closed], needs_reason: no}``."""
        if node is None:
            return ()
        context = Context(self.gathered)
        moves: list[content.Move] = []
        try:
            for item in as_items(node, '"moves"'):
                moves += self._moves_of(item, context)
        except BadValue as bad:
            self.findings.error(bad.mark, bad.message, bad.hint)
        return tuple(sorted(moves, key=lambda move: (move.from_status, move.to_status)))

    def _moves_of(self, item: Node, context: Context) -> list[content.Move]:
        parts = self._checked_parts(item, ("from", "to", "needs_reason"))
        for needed in ("from", "to"):
            if needed not in parts:
                raise BadValue(item.mark, f'This move needs "{needed}".')
        start = as_scalar(parts["from"], "from")
        context.refer("status", (start.text,), start.mark)
        needs = False
        if "needs_reason" in parts:
            needs = FLAG.read(parts["needs_reason"], "needs_reason", context)
        moves = []
        for each in as_items(parts["to"], '"to"'):
            end = as_scalar(each, "to")
            context.refer("status", (end.text,), end.mark)
            context.define("move", (start.text, end.text), end.mark)
            moves.append(
                content.Move(
                    from_status=start.text, to_status=end.text, needs_reason=needs, at=end.mark
                )
            )
        return moves

    def _checked_parts(self, item: Node, known: tuple[str, ...]) -> dict[str, Node]:
        map_ = as_map(item, "move")
        for key, _node in map_.entries:
            if key.text not in known:
                hint = did_you_mean(key.text, known)
                self.findings.error(key.mark, f'A move has no key "{key.text}".', hint)
        return {key.text: node for key, node in map_.entries}

    def area_kinds(self) -> tuple[content.AreaKind, ...]:
        """Return the area kinds with their areas."""
        node = self.sections("areas.yaml", "kinds").get("kinds")
        if node is None:
            return read_area_kinds([], self.folder, Context(self.gathered, ("areas",)))
        try:
            nodes = as_items(node, '"kinds"')
        except BadValue as bad:
            self.findings.error(bad.mark, bad.message, bad.hint)
            nodes = []
        return read_area_kinds(nodes, self.folder, Context(self.gathered, ("areas",)))

    def texts(self) -> tuple[content.CityText, ...]:
        """Return the passages of ``text/KEY.md`` and ``text/KEY.LANGUAGE.md``."""
        passages: dict[str, dict[str, str]] = {}
        for name in self.folder.under("text"):
            match = _TEXT_NAME.fullmatch(name)
            if match is None:
                self.findings.error(
                    Mark(name),
                    "Text files are called KEY.md or KEY.LANGUAGE.md.",
                    "Example: text/welcome.md and text/welcome.es.md.",
                )
                continue
            language = self._text_language(name, match["language"])
            if language is not None:
                text = clean_text(self.folder.texts[name])
                passages.setdefault(match["key"], {})[language] = text
        self._note_translations(passages)
        return tuple(
            content.CityText(key=key, text=texts, at=Mark(f"text/{key}.md"))
            for key, texts in sorted(passages.items())
        )

    def _text_language(self, name: str, tag: str | None) -> str | None:
        if tag is None:
            return self.gathered.language
        try:
            scalar = Scalar(tag, Mark(name))
            return str(LANGUAGE.read(scalar, "language", Context(self.gathered)))
        except BadValue as bad:
            self.findings.error(bad.mark, bad.message, bad.hint)
            return None

    def _note_translations(self, passages: dict[str, dict[str, str]]) -> None:
        for key, texts in passages.items():
            path = ("text", key)
            self.gathered.translatable[path] = Mark(f"text/{key}.md")
            self.gathered.used.update((language, path) for language in texts)
            if self.gathered.language not in texts:
                self.findings.error(
                    Mark(f"text/{key}.md"),
                    "The text is translated, but it is not there itself.",
                    f"Write it in the pack's own language: text/{key}.md.",
                )

    def pack(self) -> content.Pack | None:
        """Return the whole pack; every file is read even when another is wrong."""
        for name in sorted(self.folder.unreadable):
            self.unreadable(name)
        city = self.city()
        departments = self.sections("departments.yaml", "departments").get("departments")
        groups = self.sections("groups.yaml", "groups").get("groups")
        rest: dict[str, Any] = {
            "departments": self.rows(shapes.DEPARTMENT, departments, "departments"),
            "groups": self.rows(shapes.GROUP, groups, "groups"),
            "area_kinds": self.area_kinds(),
            "services": self.services(),
            "texts": self.texts(),
        }
        rest |= self._notices()
        rest |= self._statuses()
        rest |= self._promises(rest["services"])
        rest |= self._work()
        rest |= self._center()
        rest |= self._channels()
        rest |= self._retention()
        rest |= self._knowledge()
        if city is not None:
            check_overlays(self.gathered, city.languages, city.at)
        check_references(self.gathered)
        return None if city is None else content.Pack(city=city, **rest)

    def _notices(self) -> dict[str, Any]:
        parts = self.sections("notices.yaml", "notices", "quiet_hours")
        quiet = self.rows(notices_shapes.QUIET_HOURS, parts.get("quiet_hours"), "quiet_hours")
        return {
            "notices": self.rows(notices_shapes.NOTICE, parts.get("notices"), "notices"),
            # Their order says nothing; the database has one of its own.
            "quiet_hours": tuple(sorted(quiet, key=lambda row: row.channel)),
        }

    def _statuses(self) -> dict[str, Any]:
        parts = self.sections("statuses.yaml", "statuses", "moves", "pause_reasons", "outcomes")
        return {
            "pause_reasons": self.rows(
                shapes.PAUSE_REASON, parts.get("pause_reasons"), "pause_reasons"
            ),
            "statuses": self.rows(shapes.STATUS, parts.get("statuses"), "statuses"),
            "moves": self.moves(parts.get("moves")),
            "outcomes": self.rows(shapes.OUTCOME, parts.get("outcomes"), "outcomes"),
        }

    def _work(self) -> dict[str, Any]:
        parts = self.sections("work.yaml", "items", "replies", "macros")
        return {
            "work_items": self.rows(work_shapes.WORK_ITEM, parts.get("items"), "work_items"),
            "replies": self.rows(work_shapes.REPLY, parts.get("replies"), "replies"),
            "macros": self.rows(work_shapes.MACRO, parts.get("macros"), "macros"),
        }

    def _center(self) -> dict[str, Any]:
        """Return the rules of the contact center, defaults where none stand, and its codes."""
        name = "contact_center.yaml"
        parts = self.sections(name, "rules", "dispositions", "monitoring", "surge_texts")
        rules = parts.get("rules") or Map([], Mark(name))
        return {
            "center": read_row(
                center_shapes.CENTER_RULES, rules, Context(self.gathered, ("center",))
            ),
            "dispositions": self.rows(
                center_shapes.DISPOSITION, parts.get("dispositions"), "dispositions"
            ),
            "monitoring": self.rows(
                center_shapes.MONITORING_QUESTION, parts.get("monitoring"), "monitoring"
            ),
            "surge_texts": self.rows(
                center_shapes.SURGE_TEXT, parts.get("surge_texts"), "surge_texts"
            ),
        }

    def _channels(self) -> dict[str, Any]:
        """Return the wording of the lines, defaults where none stands, languages, keywords."""
        name = "channels.yaml"
        parts = self.sections(name, "line", "languages", "keywords")
        line = parts.get("line") or Map([], Mark(name))
        context = Context(self.gathered, ("line",))
        return {
            "phone_line": read_row(channel_shapes.PHONE_LINE, line, context),
            "spoken_languages": self.rows(
                channel_shapes.SPOKEN_LANGUAGE, parts.get("languages"), "spoken_languages"
            ),
            "keywords": self.rows(channel_shapes.KEYWORD, parts.get("keywords"), "keywords"),
        }

    def _retention(self) -> dict[str, Any]:
        rules = self.sections("retention.yaml", "rules").get("rules")
        read = self.rows(retention_shapes.RETENTION_RULE, rules, "retention")
        # Their order says nothing; the database has one of its own.
        return {"retention": tuple(sorted(read, key=lambda rule: rule.what))}

    def _knowledge(self) -> dict[str, Any]:
        """Return the articles of all files, each file a topic, and the directory."""
        topics: list[Topic] = []
        articles: list[Article] = []
        for name in self.folder.under("articles"):
            parts = self.sections(name, "name", "articles")
            topic = Scalar(FilePath(name).stem, Mark(name))
            shown = parts.get("name") or Scalar(
                topic.text.replace("-", " ").capitalize(), Mark(name)
            )
            row = Map(
                [(Scalar("code", Mark(name)), topic), (Scalar("name", Mark(name)), shown)],
                Mark(name),
            )
            topics += self.rows(knowledge_shapes.TOPIC, Sequence([row], Mark(name)), "topics")
            articles += self.rows(
                knowledge_shapes.ARTICLE, parts.get("articles"), "articles", {"topic": topic}
            )
        entries = self.sections("directory.yaml", "directory").get("directory")
        return {
            "topics": tuple(topics),
            "articles": tuple(articles),
            "directory": self.rows(knowledge_shapes.DIRECTORY, entries, "directory"),
        }

    def _steps(self, services: tuple[content.Service, ...]) -> tuple[content.EscalationStep, ...]:
        """Return the steps of escalation; a service's own department goes without saying."""
        part = self.sections("escalation.yaml", "steps").get("steps")
        owners = {service.code: service.department for service in services}
        steps = [
            replace(step, department="")
            if step.department == owners.get(step.service, "")
            else step
            for step in self.rows(shapes.ESCALATION_STEP, part, "escalation")
        ]
        return tuple(sorted(steps, key=lambda step: step.code))

    def _promises(self, services: tuple[content.Service, ...]) -> dict[str, Any]:
        calendars = self.rows(
            shapes.CALENDAR,
            self.sections("calendars.yaml", "calendars").get("calendars"),
            "calendars",
        )
        default = next((each.code for each in calendars if each.is_default), "")
        agreements: tuple[content.AgreementVersion, ...] = ()
        text = self.folder.texts.get("agreements.csv")
        if text is not None:
            agreements = read_agreements(text, services, default, self.gathered)
        routing = self.sections("routing.yaml", "rules").get("rules")
        places = self.sections("places.yaml", "kinds").get("kinds")
        return {
            "calendars": calendars,
            "agreements": agreements,
            "escalation": self._steps(services),
            "routing": self.rows(shapes.ROUTING_RULE, routing, "routing"),
            "place_kinds": self.rows(shapes.PLACE_KIND, places, "places"),
        }


def check_references(gathered: Gathered) -> None:
    """Note every code that names nothing, once per place it stands."""
    for reference in gathered.references:
        known = gathered.definitions.get(reference.noun, {})
        if reference.codes in known or reference.noun in gathered.unreadable:
            continue
        above = reference.codes[:-1]
        siblings = [codes[-1] for codes in known if codes[:-1] == above]
        where = f" of {'/'.join(above)}" if above else ""
        gathered.findings.error(
            reference.mark,
            f'There is no {reference.noun} "{reference.codes[-1]}"{where}.',
            did_you_mean(reference.codes[-1], siblings),
        )


def read_pack(root: FilePath) -> Reading:
    """Read the pack in a folder; every error of every file is in the findings.

    Nothing is raised for what a pack may contain: a missing folder, a broken file or a
    hostile one are findings with file, line and column.
    """
    findings = Findings()
    folder = open_folder(root, findings)
    if folder is None:
        return Reading(None, findings)
    pack = _Reader(folder, findings).pack()
    return Reading(pack, findings, frozenset(folder.unreadable))
