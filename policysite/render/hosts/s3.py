"""Object storage (S3, R2, GCS and the like, by `aws s3api`, `rclone` or a script): `.hosts/s3.json`.

One record a file: `path`, and what an object can keep as metadata (Content-Type, Cache-Control,
Content-Language). Other headers belong to what stands before the bucket (a CloudFront response headers
policy, a function): they are in `headers`. The order is that of a safe upload: assets, other files, pages.
"""

from __future__ import annotations

import json

from policysite.core.mediatypes import content_type
from policysite.core.model import OutputFile
from policysite.render.headers import COMMON
from policysite.render.hosts.model import ASSETS, IMMUTABLE, PRIVATE, REVALIDATE, HostSite, Written


def s3(site: HostSite) -> Written:
    """`.hosts/s3.json`."""
    rows = []
    # A bucket cannot choose by Accept-Encoding; what stands before it compresses by itself.
    files = [path for path in site.files if not path.endswith((".br", ".gz"))]
    pages = {page.output: page for page in site.pages}
    order = [path for path in files if path.startswith(ASSETS)]
    order += [path for path in files if not path.startswith(ASSETS)]
    for path in (*order, *(page.output for page in site.pages)):
        page = pages.get(path)
        tag = next((tag for tag in site.tags if tag in path.split("/")[:-1]), None)
        record: dict[str, object] = {
            "path": path,
            "content_type": content_type(path),
            "cache_control": (IMMUTABLE if path.startswith(ASSETS) else REVALIDATE)[1],
        }
        if page and tag:
            record["content_language"] = tag
        record["headers"] = dict((*(page.own if page else ()), *COMMON))
        rows.append(record)
    text = json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    return (OutputFile(f"{PRIVATE}/s3.json", text.encode()),), ()
