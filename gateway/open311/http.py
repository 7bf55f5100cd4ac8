"""The entrypoint of Open311: the key comes as a parameter, the body as a form, and the address says the format."""
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import MultiPartParser
from werkzeug.wrappers import Request

from chassis.caller import PUBLIC
from contracts.errors import Malformed, Problem, TooLarge
from gateway.http import PublicCall, PublicHttp
from gateway.open311.errors import language_of
from gateway.open311.params import MOST, Params, wrong

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


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
        if self.request.mimetype == PARTS:
            return self._parts()
        body = self.raw()
        if body and self.request.mimetype != FORM:
            raise no_form()
        return body.decode()

    def _parts(self) -> str:
        """The texts of a body in parts, as a form has them. Raises Malformed where one of them is a file."""
        try:
            body, boundary = self.raw(), self.request.mimetype_params["boundary"].encode("latin-1")
            texts, files = MultiPartParser(max_form_parts=MOST).parse(BytesIO(body), boundary, len(body))
        except TooLarge as error:
            raise no_files() from error
        except (KeyError, ValueError, HTTPException) as error:
            raise no_form() from error
        if any(each.filename or each.read(1) for _, each in files.items(multi=True)):
            raise no_files()
        body.decode()  # else a part that is no UTF-8 would be read with marks in place of its letters
        return urlencode([(name, text) for name, text in texts.items(multi=True) if name])

    @property
    def language(self) -> str:
        return language_of(self.request)


def no_form() -> Malformed:
    return Malformed("not_a_form", f"بدنه را به صورت {FORM} یا {PARTS} بفرستید.", f"Send the body as {FORM} or {PARTS}.")


def no_files() -> Malformed:
    """Nobody here keeps a picture; to drop it without telling would leave somebody waiting for it to be seen."""
    return wrong("media_url", "فایل در اینجا پذیرفته نمی‌شود؛ پیوند تصویر را در media_url بفرستید.",
                 "files are not taken here; send a picture's link as media_url.")


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
