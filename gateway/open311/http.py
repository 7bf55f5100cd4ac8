"""The entrypoint of Open311: the key comes as a parameter, the body as a form, and the address says the format."""
from functools import cached_property
from typing import Any

from werkzeug.wrappers import Request

from chassis.caller import PUBLIC
from contracts.errors import Malformed, Problem
from gateway.http import PublicCall, PublicHttp
from gateway.open311.errors import language_of
from gateway.open311.params import Params

FORM = "application/x-www-form-urlencoded"


class Open311Call(PublicCall):
    fields = ()  # which the standard does not know

    @cached_property
    def params(self) -> Params:
        """Raises Malformed for a body that is no form."""
        try:
            query = self.request.environ.get("QUERY_STRING", "").encode("latin-1").decode()
            return Params(query, self._form())
        except UnicodeError as error:
            raise Malformed("not_utf8", "متن درخواست UTF-8 نیست.", "The request is not in UTF-8.") from error

    def _form(self) -> str:
        body = self.raw()
        if body and self.request.mimetype != FORM:
            raise Malformed("not_a_form", f"بدنه را به صورت {FORM} بفرستید؛ فایل در اینجا پذیرفته نمی‌شود.",
                            f"Send the body as {FORM}; files are not taken here.")
        return body.decode()

    @property
    def language(self) -> str:
        return language_of(self.request)


class Open311Http(PublicHttp):
    """`@open311("GET", "/open311/v2/services.<any(xml,json):form>")`: the method gets an `Open311Call`."""

    call = Open311Call

    def get_entrypoint_parameters(self, request: Request) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """An `api_key` goes before a header, as the standard has it, and is checked as every other key is."""
        call = self.call(request, PUBLIC, self.max_body)
        try:
            key = call.params.one("api_key")
        except Problem:  # who cannot be read pays as nobody known: it would be free to send any number of them
            self._pay(request, PUBLIC, self.cost)
            raise
        if key:
            request.environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        call.caller = self.admit(request)
        return (call,), request.path_values  # type: ignore[attr-defined]


open311 = Open311Http.decorator
