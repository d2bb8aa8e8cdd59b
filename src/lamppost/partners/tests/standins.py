"""Partners' systems to test against: real HTTP, real SMTP, each in a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from tests.support.installation import free_port


@dataclass
class Seen:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


Reply = tuple[int, dict[str, str], bytes]


class Server:
    """A web server that can be killed and started again at the same port."""

    def __init__(self, answer: Callable[[Seen], Reply]) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                seen = Seen(
                    self.command,
                    parts.path,
                    parse_qs(parts.query),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                outer.seen.append(seen)
                code, headers, body = outer.answer(seen)
                if code == 0:  # the connection breaks before an answer
                    self.close_connection = True
                    return
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _serve

            def log_message(self, *args: Any) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def kill(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def as_json(value: Any, code: int = 200) -> Reply:
    return code, {"Content-Type": "application/json"}, json.dumps(value).encode()


@dataclass
class Works:
    """A work-order system behind a webhook: knows a delivery again by its webhook-id."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)
    # Takes the order, then the line breaks before the answer is out.
    breaks_after: int | None = None

    def answer(self, seen: Seen) -> Reply:
        if seen.method == "GET":
            rows = [{"number": o["number"], "external_number": n, "status": o["status"]}
                    for n, o in self.orders.items()]  # fmt: skip
            return as_json(rows)
        key = seen.headers["webhook-id"]
        self.received.append(key)
        sent = json.loads(seen.body)
        if key not in self.by_key:
            if sent["type"] == "case.new":
                number = f"WO-{len(self.orders) + 1}"
                self.orders[number] = {"number": sent["data"]["number"], "status": "open"}
                self.by_key[key] = number
            else:
                self.by_key[key] = sent["data"]["external_number"] or ""
                if sent["type"] == "case.closing" and self.by_key[key] in self.orders:
                    self.orders[self.by_key[key]]["status"] = "closed"
        if self.breaks_after is not None:
            self.breaks_after -= 1
            if self.breaks_after <= 0:
                self.breaks_after = None
                return 0, {}, b""
        return as_json({"external_number": self.by_key[key]})


@dataclass
class Georeport:
    """Another city's Open311 server: file, list, updates; a token first where asked for."""

    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    updates: list[dict[str, str]] = field(default_factory=list)
    gives_tokens: bool = False
    tokens_ready: bool = True
    knows_keys: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    breaks_once: bool = False
    key: str = "upstream-key"
    count: int = 0

    def close(self, number: str, notes: str, status: str = "closed") -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self.requests[number] |= {
            "status": status, "status_notes": notes, "updated_datetime": now.isoformat()
        }  # fmt: skip

    def answer(self, seen: Seen) -> Reply:
        if seen.path == "/v2/requests.json" and seen.method == "POST":
            return self._file(seen)
        if seen.path == "/v2/servicerequestupdates.json":
            self.updates.append(seen.form)
            return as_json([{"update_id": str(len(self.updates))}])
        if seen.path.startswith("/v2/tokens/"):
            token = seen.path.rpartition("/")[2].removesuffix(".json")
            if not self.tokens_ready:
                return as_json([{"code": 404, "description": "not yet"}], 404)
            return as_json([{"token": token, "service_request_id": self.tokens[token]}])
        if seen.path == "/v2/requests.json":
            ids = seen.query.get("service_request_id", [""])[0]
            wanted = ids.split(",") if ids else list(self.requests)
            return as_json([self.requests[one] for one in wanted if one in self.requests])
        return as_json([]) if seen.path == "/v2/services.json" else as_json([], 404)

    def _file(self, seen: Seen) -> Reply:
        form = seen.form
        if form.get("api_key") != self.key:
            return as_json([{"code": 403, "description": "wrong api_key"}], 403)
        key = seen.headers.get("idempotency-key", "")
        if self.knows_keys and key in self.keys:
            number = self.keys[key]
        else:
            number = str(9000 + self.count)
            self.count += 1
            now = datetime.now(UTC).replace(microsecond=0).isoformat()
            self.requests[number] = {
                "service_request_id": number, "status": "open", "status_notes": None,
                "service_code": form["service_code"], "description": form["description"],
                "requested_datetime": now, "updated_datetime": now,
            }  # fmt: skip
            self.keys[key] = number
        if self.breaks_once:
            self.breaks_once = False
            return 0, {}, b""
        if self.gives_tokens:
            self.tokens[f"t{number}"] = number
            return as_json([{"token": f"t{number}"}])
        return as_json([{"service_request_id": number}], 201)


class Mailbox:
    """A mail server that keeps what it is handed; ``refuse`` is the reply to a recipient."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuse = ""
        self.port = free_port()
        self._controller: Controller | None = None

    def start(self) -> None:
        # A controller's loop ends with it; each start needs a new one.
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"
