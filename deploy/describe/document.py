"""The document, whole."""
from typing import Any

from apispec import APISpec

from deploy.describe import open311, responses, words
from deploy.describe.examples import add_examples
from deploy.describe.operations import described
from deploy.describe.routes import operations
from deploy.describe.schemas import Plugin

Json = dict[str, Any]
VERSION = "1.0.0"


def document() -> Json:
    """OpenAPI 3.1 of all that the gateway answers."""
    plugin = Plugin()
    spec = APISpec("Mahalle · محله", VERSION, "3.1.1", [plugin], info={
        "description": words.ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": "/"}], tags=[
            {"name": name, "description": f"{fa}. {en}.", "x-name-fa": fa} for name, (fa, en) in words.TAGS.items()])
    for name, scheme in words.SECURITY.items():
        spec.components.security_scheme(name, scheme)
    for name, header in words.HEADERS.items():
        spec.components.header(name, header)
    for name, parameter in words.PARAMETERS.items():
        spec.components.parameter(name, parameter["in"], parameter)
    for name, schema in {"Problem": words.PROBLEM, **open311.components()}.items():
        spec.components.schema(name, schema)
    for name, response in responses.components().items():
        spec.components.response(name, response)
    for operation in operations():
        spec.path(operation.path, operations={operation.method.lower(): described(operation, plugin.made)})
    return add_examples(spec.to_dict())
