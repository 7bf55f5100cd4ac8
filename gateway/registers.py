"""Registers and all that hangs on them, as the registry answers it: who and where, who sits where, what a place is like.

Who may do what, the registry decides of the caller that is signed here.
"""
from typing import Any

from werkzeug.wrappers import Response

from chassis.http_server import Call
from gateway.asking import Asking
from gateway.http import public

KEPT = "territories,boundaries,headquarters,agencies,committees,categories,rules,calendars,seats"
REGISTER = f"<any({KEPT}):register>"
DATED = "<any(indicators,weightings,facilities):kind>"
HANDED_ON = (
    ("GET", f"/{REGISTER}/<code>"), ("GET", f"/{REGISTER}/<code>/history"), ("PUT", f"/{REGISTER}/<code>"),
    ("POST", f"/{REGISTER}/<code>/end"), ("POST", "/agencies"),
    ("GET", "/locate"), ("POST", "/territories/merge"),
    ("POST", "/territories/<code>/<any(split,rename,target):change>"),
    ("GET", "/territories/<code>/calendar"), ("POST", "/calendars/<code>/<any(closures,holidays):change>"),
    ("DELETE", "/calendars/<code>/<any(closures,holidays):change>/<day>"),
    ("GET", "/territories/<code>/team"), ("POST", "/seats/<code>/<any(appoint,vacate):change>"),
    ("POST", "/people"), ("POST", "/people/search"), ("GET", "/people/<person>"), ("PUT", "/people/<person>"),
    ("POST", "/people/<person>/<any(certificates,erase):change>"), ("GET", "/contact-reads"),
    ("GET", f"/{DATED}"), ("PUT", f"/{DATED}/<code>"), ("POST", f"/{DATED}/<code>/end"),
    ("GET", "/territories/<code>/profile"), ("PUT", "/territories/<code>/profile"),
    ("GET", "/territories/<code>/profile/<any(compare,corrections):which>"), ("GET", "/deprivation"),
    ("POST", "/accounts"), ("POST", "/accounts/<person>/<any(disable,enable):change>"),
    ("GET", "/keys"), ("POST", "/keys"), ("POST", "/keys/<code>/revoke"))
MAX_FILE = 20_000_000  # bytes
MAKES = {"/agencies", "/people", "/accounts", "/keys"}  # a POST there makes something new


class Registers:
    ask: Asking

    @public("GET", f"/v1/<any({KEPT},neighbourhoods):register>")
    def list_register(self, call: Call, register: str) -> Any:
        return self.ask.page(self.ask.registry, f"/{register}", call, f"/v1/{register}")

    def ask_registry(self, call: Call, **named: str) -> Any:
        found = self.ask.hand_on(self.ask.registry, call)
        path = call.request.path.removeprefix("/v1")
        return (201, found) if call.request.method == "POST" and (path in MAKES or path.endswith("/certificates")) else found

    for _method, _path in HANDED_ON:
        ask_registry = public(_method, f"/v1{_path}")(ask_registry)

    @public("POST", "/v1/imports", max_body=MAX_FILE, seconds=30)
    def start_import(self, call: Call) -> tuple[int, Any]:
        return 202, self.ask.registry.post_file("/imports", call.caller, call.raw(), call.query, seconds=30)

    @public("GET", "/v1/imports/<job>")
    def look_at_import(self, call: Call, job: str) -> Any:
        return self.ask.registry.get(f"/imports/{job}", call.caller)

    @public("GET", "/v1/exports/<name>", seconds=60)
    def export(self, call: Call, name: str) -> Response:
        """The file itself, to be saved under its name."""
        found = self.ask.registry.get(f"/exports/{name}", call.caller, call.query, seconds=60)
        return Response(found["content"], 200, {"Content-Disposition": f'attachment; filename="{found["name"]}"'},
                        content_type=f'{found["type"]}; charset=utf-8')

    @public("POST", "/v1/routing/try")
    def try_routing(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)

    @public("GET", "/v1/routing/report")
    def report_routing(self, call: Call) -> Any:
        return self.ask.hand_on(self.ask.issues, call)
