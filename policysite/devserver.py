"""The development server: watch, rebuild in memory, serve to this machine, reload the browser.

Touches the world (sockets, file watching); what is answered stands in `devsite`. It never writes a file.
The main thread watches and builds, so Ctrl-C interrupts both at once; requests have threads of their own.
"""

from __future__ import annotations

import errno
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex

from watchfiles import DefaultFilter, watch

from policysite.core.diagnostics import Diagnostic, Place, has_errors
from policysite.core.mediatypes import TYPES
from policysite.core.model import Built
from policysite.core.reports import as_text, count_line
from policysite.devsite import (
    EVENTS_PATH,
    RELOAD_PATH,
    Headers,
    Response,
    Toolbar,
    View,
    answer,
    event,
    following,
    host_allowed,
    plain,
    shown,
)
from policysite.preview import TOOLBAR_PATH

DEFAULT_PORT = 8000

#: How many ports after the default one are tried.
_SPARE_PORTS = 20

#: What may be bound: the name, and the address it stands for here whatever /etc/hosts says.
_ADDRESSES = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}

#: A change is acted on after this many milliseconds without another one, or at the latest after `_LATEST`.
_QUIET, _LATEST = 20, 400

#: Seconds after which an open event stream says something, so that a client that left is noticed.
_HEARTBEAT = 15.0


class ServeError(Exception):
    """The server cannot start as asked: a usage error. `hint` says the cure."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def no_headers(path: str) -> Mapping[str, str]:
    """The default of `serve(headers=…)`: the host adds nothing to any output path."""
    return {}


def serve(
    *,
    rebuild: Callable[[], Built],
    watch_paths: Callable[[], Sequence[Path]],
    host: str = "127.0.0.1",
    port: int | None = None,
    out: Callable[[str], None],
    headers: Headers = no_headers,
    toolbar: Toolbar | None = None,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve the site until Ctrl-C or until `stop` is set; then return.

    rebuild: the whole build; an exception it raises is shown, and the server goes on. watch_paths: the files
    and folders to watch, asked many times a second (they may be replaced, come and go). port: None is the
    first free one from `DEFAULT_PORT` on, 0 any free one. out: takes text for the terminal, possibly from
    several threads. headers: output path -> what the real host adds. toolbar: None for pages without one.
    ready: told the address once the first build is served. ServeError: `host` is not this machine, or the
    port cannot be had.
    """
    stop = stop or threading.Event()
    board = _Board()
    server = _bind(host, port, board, headers, toolbar, out)
    # Pages of an earlier run must not take this run's versions for their own.
    run = token_hex(4)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="policysite-serve", daemon=True)
    try:
        with closing(_changes(watch_paths, stop, out)) as rounds:
            for number, changed in enumerate(rounds):
                if changed:
                    out(f"changed: {shown(changed)}")
                built = _guarded(rebuild, out)
                _report(built, board.view, out)
                board.show(following(board.view, built, f"{run}-{number}"))
                if not thread.is_alive():
                    thread.start()
                    out(f"serving {server.url} (Ctrl-C ends)")
                    if ready is not None:
                        ready(server.url)
    except KeyboardInterrupt:
        pass
    finally:
        board.close()
        if thread.is_alive():
            server.shutdown()
        server.server_close()


# ── building ────────────────────────────────────────────────────────────────────────────────────


def _guarded(rebuild: Callable[[], Built], out: Callable[[str], None]) -> Built:
    """What `rebuild` returns; a bug in it becomes an error that says so, after its traceback."""
    try:
        return rebuild()
    except Exception as error:
        out("".join(traceback.format_exception(error)).rstrip())
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = Place(frame.filename, frame.lineno or 0, 0, frame.line or "")
        message = f"policysite failed: {type(error).__name__}: {error}"
        hint = "this is a bug in policysite, please report it; the server goes on, save a file to try again"
        return Built({}, (Diagnostic("BUG", "error", place, message, hint),), 0.0)


def _report(built: Built, before: View, out: Callable[[str], None]) -> None:
    """Say how a build went. What is only informative is counted, not shown at every save."""
    listed = [item for item in built.diagnostics if item.level != "info"]
    if listed:
        out(as_text(listed))
    if has_errors(built.diagnostics):
        now = "there is nothing to show yet" if before.files is None else "pages stay as they were"
        out(f"not built: {count_line(built.diagnostics)}; {now}")
    else:
        out(f"built {len(built.files)} files in {built.seconds:.2f} s: {count_line(built.diagnostics)}")


# ── watching ────────────────────────────────────────────────────────────────────────────────────


def _changes(
    paths: Callable[[], Sequence[Path]], stop: threading.Event, out: Callable[[str], None]
) -> Generator[tuple[str, ...], None, None]:
    """Nothing as soon as watching has begun, then the changed files of each round, until `stop` is set.

    Because watching begins before the first round, no change is lost while a build reads. The system
    watches inodes: when a path is replaced (many editors save so), appears or goes, watching starts anew.
    """
    polling: bool | None = None
    changed: tuple[str, ...] = ()
    while not stop.is_set():
        before = _inodes(paths())
        begun = False
        try:
            for events in watch(
                *(path for path, inode in before if inode is not None),
                watch_filter=DefaultFilter(ignore_dirs=()),
                debounce=_LATEST,
                step=_QUIET,
                stop_event=stop,
                rust_timeout=_QUIET,
                yield_on_timeout=True,
                force_polling=polling,
                ignore_permission_denied=True,
            ):
                changed += _names((path for _, path in events), [path for path, _ in before])
                after = _inodes(paths())
                if after != before:
                    changed += tuple(path.name for path, _ in set(after) ^ set(before))
                    break
                if changed or not begun:
                    yield tuple(dict.fromkeys(changed))
                    begun, changed = True, ()
        except FileNotFoundError:
            continue  # gone between the look and the watch: look again
        except (OSError, RuntimeError) as error:
            if polling:
                raise
            out(f"the system cannot watch the files ({error}): each is looked at instead, which is slower")
            polling = True  # which overlooks a second save within one second (watchfiles issue 319)


def _inodes(paths: Iterable[Path]) -> tuple[tuple[Path, tuple[int, int] | None], ...]:
    """Each path with the identity of what is there now, None for nothing."""
    found: list[tuple[Path, tuple[int, int] | None]] = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            found.append((path, None))
        else:
            found.append((path, (status.st_dev, status.st_ino)))
    return tuple(found)


def _names(changed: Iterable[str], watched: Sequence[Path]) -> tuple[str, ...]:
    """Changed paths as the editor of the project knows them: from the watched folder on."""
    names = []
    for path in map(Path, changed):
        root = next((root.parent for root in watched if path.is_relative_to(root)), path.parent)
        names.append(path.relative_to(root).as_posix())
    return tuple(names)


# ── serving ─────────────────────────────────────────────────────────────────────────────────────


class _Board:
    """The view of this moment, and a way to wait for the next: the only state threads share."""

    def __init__(self) -> None:
        self.view = View("none")
        self.closed = False
        self._news = threading.Condition()

    def show(self, view: View) -> None:
        if view != self.view:
            with self._news:
                self.view = view
                self._news.notify_all()

    def close(self) -> None:
        with self._news:
            self.closed = True
            self._news.notify_all()

    def after(self, seen: View | None, seconds: float) -> View:
        """The view once it is another than `seen`; the same one after `seconds` or when closed."""
        with self._news:
            self._news.wait_for(lambda: self.closed or self.view is not seen, seconds)
            return self.view


def _bind(
    host: str,
    port: int | None,
    board: _Board,
    headers: Headers,
    toolbar: Toolbar | None,
    out: Callable[[str], None],
) -> _Server:
    address = _ADDRESSES.get(host)
    if address is None:
        raise ServeError(
            f"“{host}” is not this machine: serve answers to localhost, 127.0.0.1 or ::1 only",
            "to show a draft to others, upload a build to a preview address of your host",
        )
    wanted = range(DEFAULT_PORT, DEFAULT_PORT + _SPARE_PORTS + 1) if port is None else (port,)
    for number in wanted:
        try:
            return _Server(address, number, board, headers, toolbar, out)
        except OverflowError:
            raise ServeError(f"{number} is not a port", "a port is a number from 1 to 65535") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ServeError(
                    f"cannot listen at {address}, port {number}: {error.strerror}", "try another port"
                ) from None
    tried = f"port {wanted[0]} is" if len(wanted) == 1 else f"ports {wanted[0]} to {wanted[-1]} are"
    raise ServeError(f"{tried} in use by another program", "end it, or choose another port")


class _Server(ThreadingHTTPServer):
    """Listens at once; `serve_forever` answers. Closing ends every connection, and with it its thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: str,
        port: int,
        board: _Board,
        headers: Headers,
        toolbar: Toolbar | None,
        out: Callable[[str], None],
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.board, self.headers, self.toolbar, self.out = board, headers, toolbar, out
        self.scripts = {
            path: Path(__file__).with_name(path.rpartition("/")[2]).read_bytes()
            for path in (RELOAD_PATH, TOOLBAR_PATH)
        }
        self._open: set[socket.socket] = set()
        super().__init__((address, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would ask the resolver for a name of this address, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    @property
    def url(self) -> str:
        """`http://127.0.0.1:8000/`"""
        name = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"http://{name}:{self.server_port}/"

    def get_request(self) -> tuple[socket.socket, object]:
        connection, client = super().get_request()
        self._open.add(connection)
        return connection, client

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        # A browser that leaves in mid-answer is nothing to tell.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            self.out("the server failed to answer a request; this is a bug in policysite:")
            self.out(traceback.format_exc().rstrip())


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "policysite", ""
    error_content_type, error_message_format = "text/plain; charset=utf-8", "%(code)d %(message)s\n"
    timeout = 30.0  # of a connection that says nothing, such as one that a browser opens beforehand

    def do_GET(self) -> None:
        server, hosts = self.server, self.headers.get_all("Host", [])
        if len(hosts) != 1 or not host_allowed(hosts[0], server.server_port):
            # A foreign name that leads here: a page elsewhere tries to read this one (DNS rebinding).
            return self._send(plain(HTTPStatus.MISDIRECTED_REQUEST, f"This is {server.url} and no other.\n"))
        if self.command not in ("GET", "HEAD"):
            refusal = plain(HTTPStatus.METHOD_NOT_ALLOWED)
            return self._send(refusal, ("Allow", "GET, HEAD"))
        path = self.path.partition("?")[0]
        if path == EVENTS_PATH:
            return self._stream()
        if path in server.scripts:
            script = Response(HTTPStatus.OK, server.scripts[path], headers=(("Content-Type", TYPES[".js"]),))
            return self._send(script)
        view, host = server.board.view, hosts[0].strip()
        return self._send(answer(self.path, host, view, server.headers, server.toolbar))

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = do_GET

    def _send(self, response: Response, *more: tuple[str, str]) -> None:
        tag = dict(response.headers).get("ETag")
        if tag and tag in self.headers.get("If-None-Match", ""):
            return self._head(HTTPStatus.NOT_MODIFIED, *response.headers)
        length = ("Content-Length", str(len(response.body)))
        self._head(response.status, *response.headers, *more, length)
        if self.command != "HEAD":
            self.wfile.write(response.body)
        return None

    def _head(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Connection", "close")  # an idle connection would hold a thread
        self.end_headers()

    def _stream(self) -> None:
        """The view now and after every build, as events, until the client or the server goes."""
        self._head(HTTPStatus.OK, ("Content-Type", "text/event-stream; charset=utf-8"))
        if self.command == "HEAD":
            return
        self.wfile.write(b"retry: 500\n\n")
        board = self.server.board
        seen: View | None = None
        while not board.closed:
            view = board.after(seen, _HEARTBEAT)
            self.wfile.write(b":\n\n" if view is seen else event(view))
            seen = view

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: the terminal is for builds."""
