"""nginx, Apache and Caddy on this machine: each serves a built site with the configuration made for it.

They run as whoever runs the tests, on a free port of the loopback address, with a folder of their own for
everything they write.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.machine import MissingToolError, find_program

#: Where Debian and Fedora keep modules.
_NGINX_MODULES = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
_APACHE_MODULES = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/libexec/apache2")

#: Seconds a server may take to answer its first request.
_START = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: header names in lower case; a header sent several times is joined with commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    port: int

    def path(self, location: str) -> str:
        """Where a Location leads on this server (Apache writes absolute ones)."""
        return location.removeprefix(f"http://127.0.0.1:{self.port}")

    def get(self, target: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
        """One request on a connection of its own; the target is sent as written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(
                method, target, skip_host="Host" in (headers or {}), skip_accept_encoding=True
            )
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            found: dict[str, str] = {}
            for name, value in answer.getheaders():
                low = name.lower()
                found[low] = f"{found[low]}, {value}" if low in found else value
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _first(folders: tuple[str, ...], name: str) -> Path:
    for folder in folders:
        if (Path(folder) / name).is_file():
            return Path(folder) / name
    raise MissingToolError(name)


@contextmanager
def _running(
    name: str, port: int, command: list[str], folder: Path, env: Mapping[str, str]
) -> Iterator[Server]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, env={**os.environ, **env}
        )
        try:
            deadline = time.monotonic() + _START
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError as error:
                    if process.poll() is not None or time.monotonic() > deadline:
                        said = log.read_text(encoding="utf-8", errors="replace")
                        raise AssertionError(f"{name} does not start:\n{said}") from error
                    time.sleep(0.05)
            yield Server(name, port)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def nginx(site: Path, folder: Path) -> Iterator[Server]:
    """nginx with `.hosts/nginx-*.conf` and the module for Brotli."""
    port = _free_port()
    with _nginx(site, folder, port, f"listen 127.0.0.1:{port};", "") as server:
        yield server


@dataclass(frozen=True, slots=True)
class TlsServer:
    """A server with a certificate of its own for one host name: its two ports, and the certificate's file."""

    http: int
    https: int
    certificate: Path


@contextmanager
def nginx_tls(site: Path, folder: Path, host: str) -> Iterator[TlsServer]:
    """nginx as a public server: HTTPS for a host name, and HTTP that leads there."""
    plain, secure = _free_port(), _free_port()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={host}",
    ]
    command += ["-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    listen = f"listen 127.0.0.1:{secure} ssl http2;ssl_certificate {certificate};ssl_certificate_key {key};"
    redirect = f"  server {{ listen 127.0.0.1:{plain}; return 301 https://{host}$request_uri; }}\n"
    with _nginx(site, folder, secure, listen, redirect):
        yield TlsServer(plain, secure, certificate)


@contextmanager
def _nginx(site: Path, folder: Path, port: int, listen: str, more: str) -> Iterator[Server]:
    program = find_program("POLICYSITE_NGINX", "nginx", "/usr/sbin/nginx")
    module = _first(_NGINX_MODULES, "ngx_http_brotli_static_module.so")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}load_module {module};\ndaemon off;\nmaster_process off;\npid {folder}/pid;\n"
        f"error_log {folder}/error.log;\nevents {{}}\nhttp {{\n  access_log off;\n{paths}"
        f"  include {site}/.hosts/nginx-http.conf;\n{more}  server {{\n    {listen}\n    root {site};\n"
        f"    include {site}/.hosts/nginx-server.conf;\n    brotli_static on;\n  }}\n}}\n",
        encoding="utf-8",
    )
    command = [str(program), "-e", str(folder / "error.log"), "-p", str(folder)]
    command += ["-c", str(folder / "nginx.conf")]
    with _running("nginx", port, command, folder, {}) as server:
        yield server


_MODULES = (
    "mpm_event",
    "authz_core",
    "dir",
    "env",
    "setenvif",
    "headers",
    "mime",
    "rewrite",
    "negotiation",
    "alias",
    "autoindex",
)


@contextmanager
def apache(site: Path, folder: Path) -> Iterator[Server]:
    """Apache with the site's `.htaccess`, and with modules that could list folders or pick files."""
    program = find_program("POLICYSITE_APACHE", "apache2", "httpd", "/usr/sbin/apache2", "/usr/sbin/httpd")
    port = _free_port()
    places = [Path(folder) / "mod_unixd.so" for folder in _APACHE_MODULES]
    unixd = next((path for path in places if path.is_file()), None)
    modules = f"LoadModule unixd_module {unixd}\n" if unixd else ""  # Debian builds it in
    modules += "".join(
        f"LoadModule {name}_module {_first(_APACHE_MODULES, f'mod_{name}.so')}\n" for name in _MODULES
    )
    (folder / "httpd.conf").write_text(
        f"ServerRoot {folder}\nServerName 127.0.0.1:{port}\nUseCanonicalName On\n"
        f"Listen 127.0.0.1:{port}\nPidFile {folder}/pid\n"
        f"ErrorLog {folder}/error.log\n{modules}TypesConfig /dev/null\nServerTokens Prod\nTraceEnable off\n"
        f"DefaultRuntimeDir {folder}\nDocumentRoot {site}\n"
        f"<Directory {site}>\n  AllowOverride All\n  Options Indexes FollowSymLinks MultiViews\n"
        "  Require all granted\n</Directory>\n",
        encoding="utf-8",
    )
    command = [str(program), "-X", "-f", str(folder / "httpd.conf")]
    with _running("apache", port, command, folder, {}) as server:
        yield server


@contextmanager
def caddy(site: Path, folder: Path) -> Iterator[Server]:
    """Caddy with `.hosts/Caddyfile`."""
    program = find_program("POLICYSITE_CADDY", "caddy")
    port = _free_port()
    (folder / "Caddyfile").write_text(
        f"{{\n\tadmin off\n\tauto_https off\n}}\nhttp://:{port} {{\n\tbind 127.0.0.1\n\troot * {site}\n"
        f"\timport {site}/.hosts/Caddyfile\n}}\n",
        encoding="utf-8",
    )
    command = [str(program), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with _running("caddy", port, command, folder, home) as server:
        yield server


SERVERS: dict[str, Callable[[Path, Path], AbstractContextManager[Server]]] = {
    "nginx": nginx,
    "apache": apache,
    "caddy": caddy,
}
