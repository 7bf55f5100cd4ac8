"""Registers and all that hangs on them, as the registry answers it: who and where, who sits where, what a place is like.

Who may do what, the registry decides of the caller that is signed here.
"""
from typing import Any

from werkzeug.wrappers import Response

from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import idempotency_key, public

KEPT = "territories,boundaries,headquarters,agencies,committees,categories,rules,calendars,seats"
REGISTER = f"<any({KEPT}):register>"
DATED = "<any(indicators,weightings,facilities):kind>"
HANDED_ON = (
    ("GET", f"/{REGISTER}/<code>", "registers:read"), ("GET", f"/{REGISTER}/<code>/history", "registers:history"),
    ("PUT", f"/{REGISTER}/<code>", "registers:write"), ("POST", f"/{REGISTER}/<code>/end", "registers:write"),
    ("POST", "/agencies", "registers:write"),
    ("GET", "/locate", "registers:read"), ("POST", "/territories/merge", "registers:write"),
    ("POST", "/territories/<code>/<any(split,rename,target):change>", "registers:write"),
    ("GET", "/territories/<code>/calendar", "registers:read"),
    ("POST", "/calendars/<code>/<any(closures,holidays):change>", "registers:write"),
    ("DELETE", "/calendars/<code>/<any(closures,holidays):change>/<day>", "registers:write"),
    ("GET", "/territories/<code>/team", "registers:read"),
    ("POST", "/seats/<code>/<any(appoint,vacate):change>", "seats:write"),
    ("POST", "/people", "people:write"), ("POST", "/people/search", "people:read"),
    ("GET", "/people/<person>", "people:read"), ("PUT", "/people/<person>", "people:write"),
    ("POST", "/people/<person>/<any(certificates,erase):change>", "people:write"),
    ("GET", "/contact-reads", "people:audit"),
    ("GET", f"/{DATED}", "profiles:read"), ("GET", f"/{DATED}/<code>", "profiles:read"),
    ("PUT", f"/{DATED}/<code>", "profiles:write"),
    ("POST", f"/{DATED}/<code>/end", "profiles:write"),
    ("GET", "/territories/<code>/profile", "profiles:read"), ("PUT", "/territories/<code>/profile", "profiles:write"),
    ("GET", "/territories/<code>/profile/compare", "profiles:read"),
    ("GET", "/territories/<code>/profile/corrections", "profiles:write"), ("GET", "/deprivation", "profiles:read"),
    ("POST", "/accounts", "accounts:write"), ("POST", "/accounts/<person>/<any(disable,enable):change>", "accounts:write"),
    ("GET", "/keys", "keys:write"), ("POST", "/keys", "keys:write"), ("POST", "/keys/<code>/revoke", "keys:write"))
MAX_FILE = 20_000_000  # bytes
ENDING = ("/revoke", "/disable", "/enable", "/erase")  # after which somebody is let in no more, or again
MAKES = ("/agencies", "/people", "/accounts", "/keys", "/certificates")  # a POST there makes something new
READ_BY = {"/agencies": "code", "/people": "id"}  # which is read at its own address, by this field of the answer


def cost_of(method: str, path: str) -> str:
    """Of an address that is handed on; the default where it is one record or a change."""
    return "listing" if method == "GET" and not path.endswith(("<code>", "<person>")) else ""


class Registers:
    ask: Asking

    @public("GET", f"/v1/<any({KEPT},neighbourhoods):register>", "registers:read", cost="listing")
    def list_register(self, call: Call, register: str) -> Any:
        return self.ask.page(self.ask.registry, f"/{register}", call, f"/v1/{register}")

    def ask_registry(self, call: Call, **named: str) -> Any:
        found = self.ask.hand_on(self.ask.registry, call)
        path = call.request.path.removeprefix("/v1")
        if path.endswith(ENDING):
            self.ask.credentials.watch.look()
        if call.request.method != "POST" or not path.endswith(MAKES):
            return found
        return (201, found, {"Location": f"/v1{path}/{found[READ_BY[path]]}"}) if path in READ_BY else (201, found)

    for _method, _path, _deed in HANDED_ON:
        ask_registry = public(_method, f"/v1{_path}", _deed, cost=cost_of(_method, _path))(ask_registry)

    @public("POST", "/v1/imports", "registers:import", max_body=MAX_FILE, seconds=30, cost="heavy")
    def start_import(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        begun = self.ask.registry.post_file("/imports", call.caller, call.raw(), call.query, seconds=30,
                                            headers={"Idempotency-Key": idempotency_key(call)})
        return 202, begun, {"Location": f"/v1/imports/{begun['id']}"}

    @public("GET", "/v1/imports/<job>", "registers:import")
    def look_at_import(self, call: Call, job: str) -> Any:
        return self.ask.registry.get(f"/imports/{job}", call.caller)

    @public("GET", "/v1/exports/<name>", "registers:export", seconds=60, cost="heavy")
    def export(self, call: Call, name: str) -> Response:
        """The file itself, to be saved under its name."""
        found = self.ask.registry.get(f"/exports/{name}", call.caller, call.query, seconds=60)
        return Response(found["content"], 200, {"Content-Disposition": f'attachment; filename="{found["name"]}"'},
                        content_type=f'{found["type"]}; charset=utf-8')

    @public("POST", "/v1/routing/try", "routing:try")
    def try_routing(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/routing/report", "routing:try", cost="heavy")
    def report_routing(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)
