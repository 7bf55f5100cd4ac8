"""Addresses of the gateway that a service answers under another one: what is said there, is said of these. What is no JSON,
and which questions may be answered 422."""
from typing import Any

from services.issues.finding.worklists import WORK_LISTS
from services.issues.life.moves import AGENCY_ACTIONS
from services.registry.imports.tables import TABLES

TASKS = "/v1/agencies/{code}/tasks"
ELSEWHERE: dict[tuple[str, str], tuple[str, str]] = {
    ("POST", "/v1/issues"): ("POST", "/filings"),
    ("GET", "/v1/issues/{ref}/deliveries"): ("GET", "/deliveries"),
    ("GET", "/.well-known/jwks.json"): ("GET", "/jwks"),
    ("POST", "/v1/invitations/accept"): ("POST", "/accounts/invited"),
    ("POST", "/v1/totp"): ("POST", "/accounts/{person}/totp"),
    ("POST", "/v1/totp/confirm"): ("POST", "/accounts/{person}/totp/confirm"),
    ("GET", TASKS): ("GET", "/tasks"),
    ("GET", f"{TASKS}/{{task}}"): ("GET", "/tasks/{task}"),
    **{("POST", f"{TASKS}/{{task}}/{move}"): ("POST", f"/tasks/{{task}}/{move}")
       for move in (action.replace("_", "-") for action in AGENCY_ACTIONS)},
}
TABLE = {"type": "string", "examples": ["code,kind,name_fa,name_en,parent\nkaraj,city,کرج,Karaj,karaj-county\n"]}
SHAPES = {"type": "object", "additionalProperties": True, "examples": [{"type": "FeatureCollection", "features": []}]}
FILE = TABLE | {"contentMediaType": "application/octet-stream"}
SHAPES_FILE = FILE | {"examples": ['{"type": "FeatureCollection", "features": []}']}
OTHER: dict[tuple[str, str, str], dict[str, Any]] = {  # bodies and answers by their media types
    ("takes", "POST", "/v1/imports"): {"application/octet-stream": FILE, "text/csv": TABLE,
                                       "application/geo+json": SHAPES_FILE},
    ("gives", "GET", "/v1/exports/{name}"): {"text/csv": TABLE, "application/geo+json": SHAPES},
    ("gives", "GET", "/docs"): {"text/html": {"type": "string", "examples": ["<!doctype html>"]}},
}
CHOSEN: dict[str, dict[str, list[str]]] = {  # variables of an address that stand for one of a few words
    "/v1/exports/{name}": {"name": [*TABLES]}, "/v1/worklists/{name}": {"name": [*WORK_LISTS]}}
JUDGED = {"/v1/deprivation", "/v1/locate", "/v1/territories/{code}/profile",
          "/v1/territories/{code}/profile/compare", "/v1/territories/{code}/profile/corrections"}
