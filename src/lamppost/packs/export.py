"""A city written out as a pack: the same database gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from lamppost.packs import (
    center_shapes,
    channel_shapes,
    knowledge_shapes,
    notices_shapes,
    retention_shapes,
    shapes,
    work_shapes,
)
from lamppost.packs.content import AgreementVersion, AreaKind, Move, Pack, Texts
from lamppost.packs.emit import yaml_text
from lamppost.packs.read_agreements import WRITTEN_COLUMNS
from lamppost.packs.schema import Path, Shape, row_texts, rows_texts, write_row

Files = dict[str, str]


def pack_files(pack: Pack) -> Files:
    """Return the texts of the pack's files by their path within the folder."""
    language = pack.city.default_language
    files = {"city.yaml": yaml_text(write_row(shapes.CITY, pack.city, language))}
    for name, part, shape, rows in (
        ("departments.yaml", "departments", shapes.DEPARTMENT, pack.departments),
        ("groups.yaml", "groups", shapes.GROUP, pack.groups),
        ("calendars.yaml", "calendars", shapes.CALENDAR, pack.calendars),
        ("escalation.yaml", "steps", shapes.ESCALATION_STEP, pack.escalation),
        ("routing.yaml", "rules", shapes.ROUTING_RULE, pack.routing),
        ("places.yaml", "kinds", shapes.PLACE_KIND, pack.place_kinds),
    ):
        if rows:
            files[name] = yaml_text({part: _rows(shape, rows, language)})
    files["statuses.yaml"] = _statuses(pack, language)
    files |= _work(pack, language)
    files |= _center(pack, language)
    files |= _notices(pack, language)
    files |= _retention(pack, language)
    files |= _channels(pack, language)
    files |= _knowledge(pack, language)
    files |= _services(pack, language)
    if pack.agreements:
        files["agreements.csv"] = _agreements(pack.agreements)
    files |= _areas(pack.area_kinds, language)
    files |= _passages(pack, language)
    files |= _translations(pack, language)
    return files


def write_pack(pack: Pack, folder: FilePath) -> list[str]:
    """Write the pack's files into ``folder`` (made if missing); return their paths, sorted.

    Each file is written beside its place and moved there, so that a crash leaves no half of
    one. Raises `FileExistsError` when the folder holds anything: an export never mixes with
    what is there.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty.")
    files = pack_files(pack)
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    return sorted(files)


def _rows(shape: Shape[Any], rows: tuple[Any, ...], language: str) -> list[dict[str, Any]]:
    return [write_row(shape, row, language) for row in rows]


def _moves(moves: tuple[Move, ...]) -> list[dict[str, Any]]:
    grouped: dict[tuple[str, bool], list[str]] = {}
    for move in moves:
        grouped.setdefault((move.from_status, move.needs_reason), []).append(move.to_status)
    return [
        {"from": start, "to": ends, **({"needs_reason": "yes"} if needs else {})}
        for (start, needs), ends in grouped.items()
    ]


def _statuses(pack: Pack, language: str) -> str:
    parts = {
        "statuses": _rows(shapes.STATUS, pack.statuses, language),
        "moves": _moves(pack.moves),
        "pause_reasons": _rows(shapes.PAUSE_REASON, pack.pause_reasons, language),
        "outcomes": _rows(shapes.OUTCOME, pack.outcomes, language),
    }
    return yaml_text({name: rows for name, rows in parts.items() if rows})


def _work(pack: Pack, language: str) -> Files:
    parts = {
        "items": _rows(work_shapes.WORK_ITEM, pack.work_items, language),
        "replies": _rows(work_shapes.REPLY, pack.replies, language),
        "macros": _rows(work_shapes.MACRO, pack.macros, language),
    }
    written = {name: rows for name, rows in parts.items() if rows}
    return {"work.yaml": yaml_text(written)} if written else {}


def _knowledge(pack: Pack, language: str) -> Files:
    files: Files = {}
    names = {topic.code: topic.name.get(language, "") for topic in pack.topics}
    for topic in dict.fromkeys([*names, *(row.topic for row in pack.articles)]):
        rows = [
            write_row(knowledge_shapes.ARTICLE, row, language)
            for row in pack.articles
            if row.topic == topic
        ]
        for row in rows:
            row.pop("topic", None)
        name = {"name": names[topic]} if names.get(topic) else {}
        files[f"articles/{topic or 'other'}.yaml"] = yaml_text({**name, "articles": rows})
    if pack.directory:
        rows = _rows(knowledge_shapes.DIRECTORY, pack.directory, language)
        files["directory.yaml"] = yaml_text({"directory": rows})
    return files


def _channels(pack: Pack, language: str) -> Files:
    line = (
        write_row(channel_shapes.PHONE_LINE, pack.phone_line, language) if pack.phone_line else {}
    )
    parts = {
        "line": line,
        "languages": _rows(channel_shapes.SPOKEN_LANGUAGE, pack.spoken_languages, language),
        "keywords": _rows(channel_shapes.KEYWORD, pack.keywords, language),
    }
    written = {name: rows for name, rows in parts.items() if rows}
    return {"channels.yaml": yaml_text(written)} if written else {}


def _notices(pack: Pack, language: str) -> Files:
    parts = {
        "quiet_hours": _rows(notices_shapes.QUIET_HOURS, pack.quiet_hours, language),
        "notices": _rows(notices_shapes.NOTICE, pack.notices, language),
    }
    written = {name: rows for name, rows in parts.items() if rows}
    return {"notices.yaml": yaml_text(written)} if written else {}


def _retention(pack: Pack, language: str) -> Files:
    rows = _rows(retention_shapes.RETENTION_RULE, pack.retention, language)
    return {"retention.yaml": yaml_text({"rules": rows})} if rows else {}


def _center(pack: Pack, language: str) -> Files:
    rules = write_row(center_shapes.CENTER_RULES, pack.center, language) if pack.center else {}
    parts = {
        "rules": rules,
        "dispositions": _rows(center_shapes.DISPOSITION, pack.dispositions, language),
        "monitoring": _rows(center_shapes.MONITORING_QUESTION, pack.monitoring, language),
        "surge_texts": _rows(center_shapes.SURGE_TEXT, pack.surge_texts, language),
    }
    written = {name: part for name, part in parts.items() if part}
    return {"contact_center.yaml": yaml_text(written)} if written else {}


def _services(pack: Pack, language: str) -> Files:
    by_department: dict[str, list[dict[str, Any]]] = {}
    for service in pack.services:
        row = write_row(shapes.SERVICE, service, language)
        del row["department"]
        by_department.setdefault(service.department, []).append(row)
    return {
        f"services/{department}.yaml": yaml_text({"department": department, "services": rows})
        for department, rows in sorted(by_department.items())
    }


def _version_cells(version: AgreementVersion) -> dict[str, str]:
    return {
        "service": version.service,
        "department": version.department,
        "effective_from": version.effective_from.isoformat(),
        "effective_to": version.effective_to.isoformat() if version.effective_to else "",
        "calendar": version.calendar,
        "approved_by": version.approved_by,
        "evidence": version.evidence,
    }


def _agreements(versions: tuple[AgreementVersion, ...]) -> str:
    lines = [
        _version_cells(version)
        | {
            "kind": target.kind,
            "amount": str(target.amount),
            "unit": target.unit,
            "day_end": "" if target.day_end == "close" else target.day_end,
            "area": "/".join(target.area),
            "priority": target.priority,
        }
        for version in versions
        for target in version.targets
    ]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, WRITTEN_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return stream.getvalue()


def _areas(kinds: tuple[AreaKind, ...], language: str) -> Files:
    if not kinds:
        return {}
    files: Files = {}
    rows = []
    for kind in kinds:
        row: dict[str, Any] = {"code": kind.code, "name": kind.name.get(language, "")}
        if not kind.is_public:
            row["public"] = "no"
        if kind.is_limits:
            row["limits"] = "yes"
        if kind.areas:
            row["file"] = f"areas/{kind.code}.geojson"
            files[row["file"]] = _geojson(kind, language)
        rows.append(row)
    return {"areas.yaml": yaml_text({"kinds": rows}), **files}


def _geojson(kind: AreaKind, language: str) -> str:
    """Return one feature per line: a diff then shows which area changed."""
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {
                    "code": area.code,
                    "name": area.name.get(language, area.code),
                    "approximate": area.is_approximate,
                    "source": area.source,
                },
                "geometry": area.boundary,
            },
            ensure_ascii=False,
        )
        for area in kind.areas
    ]
    inside = ",\n".join(features)
    return f'{{"type": "FeatureCollection", "features": [\n{inside}\n]}}\n'


def _passages(pack: Pack, language: str) -> Files:
    return {
        f"text/{passage.key}.md" if tag == language else f"text/{passage.key}.{tag}.md": text + "\n"
        for passage in pack.texts
        for tag, text in sorted(passage.text.items())
    }


def pack_texts(pack: Pack) -> Iterator[tuple[Path, Texts]]:
    """Yield every text of the pack's tables by the path a translation file uses."""
    yield from row_texts(shapes.CITY, pack.city, ("city",))
    if pack.phone_line is not None:
        yield from row_texts(channel_shapes.PHONE_LINE, pack.phone_line, ("line",))
    for shape, rows, name in (
        (shapes.DEPARTMENT, pack.departments, "departments"),
        (shapes.GROUP, pack.groups, "groups"),
        (shapes.STATUS, pack.statuses, "statuses"),
        (shapes.PAUSE_REASON, pack.pause_reasons, "pause_reasons"),
        (shapes.OUTCOME, pack.outcomes, "outcomes"),
        (shapes.CALENDAR, pack.calendars, "calendars"),
        (shapes.PLACE_KIND, pack.place_kinds, "places"),
        (shapes.ESCALATION_STEP, pack.escalation, "escalation"),
        (work_shapes.WORK_ITEM, pack.work_items, "work_items"),
        (work_shapes.REPLY, pack.replies, "replies"),
        (work_shapes.MACRO, pack.macros, "macros"),
        (knowledge_shapes.TOPIC, pack.topics, "topics"),
        (knowledge_shapes.ARTICLE, pack.articles, "articles"),
        (knowledge_shapes.DIRECTORY, pack.directory, "directory"),
        (center_shapes.DISPOSITION, pack.dispositions, "dispositions"),
        (center_shapes.MONITORING_QUESTION, pack.monitoring, "monitoring"),
        (center_shapes.SURGE_TEXT, pack.surge_texts, "surge_texts"),
        (channel_shapes.KEYWORD, pack.keywords, "keywords"),
        (notices_shapes.NOTICE, pack.notices, "notices"),
        (shapes.SERVICE, pack.services, "services"),
    ):
        yield from rows_texts(shape, rows, (name,))
    for kind in pack.area_kinds:
        yield ("areas", kind.code, "name"), kind.name
        for area in kind.areas:
            yield ("areas", kind.code, "areas", area.code, "name"), area.name


def _translations(pack: Pack, language: str) -> Files:
    """Return one file per language and per part of the pack; services by department."""
    departments = {service.code: service.department for service in pack.services}
    topics = {row.code: row.topic for row in pack.articles}
    trees: dict[str, dict[str, Any]] = {}
    for path, texts in pack_texts(pack):
        for tag, text in texts.items():
            if tag == language or not text:
                continue
            name = path[0]
            if name == "services":
                name = f"services-{departments[path[1]]}"
            elif name == "articles":
                name = f"articles-{topics[path[1]]}"
            inner = trees.setdefault(f"translations/{tag}/{name}.yaml", {})
            for step in path[:-1]:
                inner = inner.setdefault(step, {})
            inner[path[-1]] = text
    return {name: yaml_text(tree) for name, tree in sorted(trees.items())}
