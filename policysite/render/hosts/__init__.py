"""The model of what a host has to do in the forms that hosts read: one small writer a host."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.model import CONFIG, OutputFile
from policysite.render.hosts.apache import apache
from policysite.render.hosts.caddy import caddy
from policysite.render.hosts.cloudflare import cloudflare
from policysite.render.hosts.firebase import firebase
from policysite.render.hosts.model import HostSite, Written
from policysite.render.hosts.netlify import netlify
from policysite.render.hosts.nginx import nginx
from policysite.render.hosts.s3 import s3
from policysite.render.hosts.vercel import vercel

#: Host (as in config.yaml, below `hosts`) → writer. `core.model.HOSTS` names the same.
WRITERS: dict[str, Callable[[HostSite], Written]] = {
    "netlify": netlify,
    "cloudflare": cloudflare,
    "firebase": firebase,
    "vercel": vercel,
    "apache": apache,
    "nginx": nginx,
    "caddy": caddy,
    "s3": s3,
}


def host_files(hosts: Sequence[str], site: HostSite) -> Written:
    """The files of the configured hosts, and what these cannot do (H001–H004)."""
    files: dict[str, OutputFile] = {}
    writer_of: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for host in hosts:
        made, found = WRITERS[host](site)
        problems += found
        for file in made:
            if file.path in files:
                problems.append(
                    problem(
                        "H004",
                        Place(CONFIG),
                        f"{writer_of[file.path]} and {host} both read {file.path}, each in its own way",
                        "name one of them below hosts; build a second site with another config for the other",
                    )
                )
            files[file.path] = file
            writer_of[file.path] = host
    return tuple(files.values()), tuple(problems)
