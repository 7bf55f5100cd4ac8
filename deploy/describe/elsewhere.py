"""Addresses of the gateway that a service answers under another one: what is said there, is said of these."""
from services.issues.life.moves import AGENCY_ACTIONS

TASKS = "/v1/agencies/{code}/tasks"
ELSEWHERE: dict[tuple[str, str], tuple[str, str]] = {
    ("POST", "/v1/issues"): ("POST", "/filings"),
    ("GET", "/v1/issues/{ref}/deliveries"): ("GET", "/deliveries"),
    ("GET", TASKS): ("GET", "/tasks"),
    ("GET", f"{TASKS}/{{task}}"): ("GET", "/tasks/{task}"),
    **{("POST", f"{TASKS}/{{task}}/{move}"): ("POST", f"/tasks/{{task}}/{move}")
       for move in (action.replace("_", "-") for action in AGENCY_ACTIONS)},
}
