"""The API's description: OpenAPI 3.1, written from the routes and their schemas into gateway/openapi.json.

    python -m deploy.describe                          writes it
    python -m deploy.describe --check [services/issues …]   what is still missing, of the operations that end there

What a route says of itself (`chassis.http_server.Http`): its docstring is the text, its first sentence the summary. `takes`,
`asks` and `gives` are marshmallow schemas, classes or objects; or a tuple of them, for what may be any of these; or a JSON
Schema as a dict. Where the address has `<any(a,b):name>`, each may also be a dict from these words to any of that.

- A route of the gateway is described by the service's route that it is handed on to: same method, same path without /v1.
  `elsewhere` names those that differ. What the gateway's own route says goes before.
- A field class may say by `described = {…}` what its values are in JSON Schema, a schema class what holds between its
  fields; what JSON Schema cannot say of these, in the words of the refusal: `{"x-rules": ["It must end after it starts."]}`.
  `metadata={"description": …, "example": …}` of a field is taken as it is.
- Examples of whole answers are real ones, kept in answers.json by the tests that hold answers to their schemas (`real`);
  where there is none, they are made of the fields' own examples (`examples`).
- In an answer `required=True` means that it is always there, `allow_none=True` that it may be null; nothing else is there.
"""
