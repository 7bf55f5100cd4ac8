"""Reading one task over HTTP: as it stands now, a confidential one too, whatever was taken from the queue already."""
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from mahalle_agency.errors import NotRead
from mahalle_agency.messages import Task, json_object, task_of

TIMEOUT = 10  # seconds
OWN = ("agency", "state", "accept_by", "due", "confidential", "issue_id")
ABOUT = ("lead", "binding", "part", "reason")


def read_task(address: str, key: str, agency: str, task_id: str) -> Task:
    """`address` is the platform's, such as https://mahalle.example.org. Raises NotRead with the reason."""
    url = f"{address.rstrip('/')}/v1/agencies/{quote(agency, safe='')}/tasks/{quote(task_id, safe='')}"
    try:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return _task(json_object(answer.read()), url)
    except urllib.error.HTTPError as error:
        with error:
            raise NotRead(f"The platform answered {error.code}: {_detail(error.read())}") from error
    except OSError as error:
        raise NotRead(f"{address} does not answer ({error}). Check MAHALLE_URL.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise NotRead(f"{address} answered something else than a task. Check MAHALLE_URL.") from error


def _task(found: dict[str, Any], url: str) -> Task:
    about = found.get("issue", {})  # not there for a confidential task that was given back
    own = {name: found[name] for name in OWN} | {name: found[name] for name in ABOUT if name in found}
    return task_of(about | own | {"task_id": found["id"], "links": {"self": url}})


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (KeyError, TypeError, ValueError):
        return "no reason was given."
