"""ETags of what is read, and 304 without a body for who has it already (RFC 9110, section 13.1.2).

The tag of a thing with a version begins with it, so that a change can say which it has seen (`contracts.preconditions`).
Behind it stands a mark of what was answered, which differs where readers see different things of the same version. Anything
else has the mark alone, as a weak tag. Nobody but this place sets one.
"""
import hashlib
from typing import Any

from werkzeug.wrappers import Request, Response

READS = ("GET", "HEAD")
BY = ("Authorization", "Issue-Secret")  # headers by which answers differ
LARGEST = 4 * 1024 * 1024  # bytes; larger ones are files to be saved


def note_version(request: Request, result: Any) -> None:
    """Remembers the version of what a method answers, as long as it is whole; a task's is its issue's."""
    body = result[1] if isinstance(result, tuple) else result
    for known in (body, body.get("issue") if isinstance(body, dict) else None):
        version = known.get("version") if isinstance(known, dict) else None
        if isinstance(version, int):
            request.environ.setdefault("mahalle.version", version)


def tag(request: Request, response: Response) -> None:
    """Of what was read and found; to be asked before it is compressed."""
    if request.method not in READS or response.status_code != 200:
        return
    response.vary.update(BY)
    body = response.get_data()
    if len(body) > LARGEST:
        return
    mark, version = hashlib.blake2b(body, digest_size=8).hexdigest(), request.environ.get("mahalle.version")
    response.headers["ETag"] = f'W/"{mark}"' if version is None else f'"v{version}-{mark}"'
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        response.set_data(b"")
