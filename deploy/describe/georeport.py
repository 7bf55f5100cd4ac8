"""What each field of GeoReport v2 means here; the standard's schema says only what it looks like."""
from typing import Any

Json = dict[str, Any]
SAYS: dict[str, str] = {
    "changeset": "Since when this is so.", "contact": "Whom a developer asks.", "key_service": "How one gets an `api_key`.",
    "endpoints": "Where the standard is spoken.", "specification": "Which standard it is.",
    "url": "The address to give a client, with the slash.", "formats": "In which formats it answers.",
    "service_code": "The category's code; `services` lists them.", "service_name": "Its name.",
    "metadata": "Whether it asks questions: `services/{code}` lists them.", "keywords": "Its names in both languages.",
    "group": "The category above it; empty at the top.", "attributes": "The category's questions, or what was answered.",
    "variable": "Whether it is answered; a line that is only shown is none.", "datatype": "How it is answered.",
    "required": "Whether it must be answered.", "datatype_description": "How it is answered, in words.",
    "order": "Which one it is, from 1.", "values": "The answers to choose from.", "key": "What is sent.",
    "name": "What is shown.", "label": "The question.", "value": "The answer.",
    "service_request_id": "The tracking code; read in any digits, with or without hyphens.",
    "service_notice": "The secret with which the filer follows and answers; told in the reply to the filing alone.",
    "account_id": "Not kept; always empty.", "device_id": "Not kept.", "token": "The id itself; no token is ever given.",
    "status_notes": "What the status means, and the agency's words when it finished.",
    "agency_responsible": "The name of the lead agency; empty where there is none.",
    "requested_datetime": "When it was filed.",
    "updated_datetime": "When it was last changed; of what is closed, the closing.",
    "expected_datetime": "The lead agency's deadline; null when it is done.",
    "closed_date": "When it was closed; else empty.",
    "address": "The address as it was written, with the neighbourhood's name.",
    "address_id": "The code of the neighbourhood.",
    "address_string": "The address, with the neighbourhood between its commas.", "zipcode": "Always empty.",
    "lat": "Latitude in degrees, WGS 84.", "long": "Longitude in degrees, WGS 84.",
    "media_url": "Of a filing up to five links, kept as lines of its text; of an update that says it is finished, the "
                 "photograph. Empty in answers.",
    "extended_attributes": "What the standard has no word for; with `extensions=true`.",
    "priority": "How urgent it is.", "joined": "How many joined it.",
    "update_id": "The update's own name: the same one again has no second effect.",
    "external_status_code": "The status in our own word.", "status_description": "`open` or `closed`.",
    "source": "Always empty.", "service_subtype": "The category's name.", "requests": "The rows.",
    "api_key": "Unless it comes in the query or as Authorization.",
    "jurisdiction_id": "The code of a province or county; needed only where several provinces stand on one platform.",
    "email": "Where letters go; shown to nobody.", "phone": "With any digits; shown to nobody.",
    "first_name": "Shown to nobody.", "last_name": "Shown to nobody.",
}
ELSEWHERE: dict[tuple[str, str], str] = {  # where a field means something else in one answer
    ("discovery", "type"): "Whether what is filed here is real.", ("services", "type"): "Whether an id is told at once "
    "(`realtime`), or never, of what is confidential (`blackbox`).",
    ("services", "description"): "Its name, with the group's before it.",
    ("service_definition", "description"): "The question.", ("service_definition", "code"): "The question's code.",
    ("service_requests", "description"): "The filer's words.",
    ("service_requests", "status"): "`closed` when nothing follows.",
    ("service_requests", "code"): "The question's code.", ("service_requests", "name"): "The question's code.",
    ("service_request_updates", "status"): "What it came to.",
    ("service_request_updates", "description"): "What that means, or what the agency said.",
    ("errors", "code"): "The status of the answer.", ("errors", "description"): "What is wrong.",
    ("bulk", "description"): "The filer's words.", ("bulk", "service_name"): "The name of the group.",
    ("filed", "description"): "In the filer's own words; without them the name of the service.",
    ("updated", "description"): "What was done, or why it is refused.", ("updated", "status"): "What the work has come to.",
    ("updated", "updated_datetime"): "When it came to that.", ("filed", "service_code"): "What it is about.",
}


def described(answer: str, schema: Any) -> Any:
    """The schema of an answer or form, in which each field says what it means; what it says itself stays."""
    if isinstance(schema, list):
        return [described(answer, each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: {name: meant(answer, name) | described(answer, field) for name, field in value.items()}
            if key == "properties" else described(answer, value)
            for key, value in schema.items()}


def meant(answer: str, name: str) -> Json:
    found = ELSEWHERE.get((answer, name)) or SAYS.get(name)
    return {"description": found} if found else {}
