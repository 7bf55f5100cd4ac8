"""What proves who somebody is comes to no log, however it is sent, and also where it is wrong; at the end of all tests of
this folder every secret that any of them used is looked for in every log."""
from urllib.parse import urlencode

from tests import unspoken
from tests.api import Api
from tests.e2e.province import SECRETARY, Province

FORM = "application/x-www-form-urlencoded"


def test_a_secret_is_in_no_log_wherever_it_was_put(province: Province) -> None:
    key, wrong = province.api.key_of("resident", "app"), "mhl_0123456789abcdef_" + "w" * 43
    issue = province.file()
    anybody = Api(province.api.address)
    for secret in (key, wrong, issue["secret"]):
        path = f"/v1/issues/{issue['id']}"
        anybody.get(f"{path}?{urlencode({'secret': secret, 'cursor': secret})}", Authorization=f"Bearer {secret}")
        anybody.get(f"/v1/issues/{secret}", Issue_Secret=secret)
        anybody.post(f"{path}/confirm", {"secret": secret, "rating": secret}, Issue_Secret=secret, Idempotency_Key=secret)
        anybody.post("/v1/sign-in", {"login": secret, "password": secret})
        anybody.post("/v1/sessions/refresh", {"refresh_token": secret})
        anybody.ask("INVENTED", f"/v1/{secret}", Authorization=secret)
        form = urlencode({"api_key": secret, "service_code": "x"}).encode()
        anybody.post(f"/open311/v2/requests.json?api_key={secret}", raw=form, Content_Type=FORM)
    assert province.say(issue, "withdraw").status == 200
    assert province.secrets_in_logs() == []


def test_a_secret_that_is_written_down_would_be_found(province: Province) -> None:
    issue = province.file()
    assert unspoken.found_in(f"somebody wrote {issue['secret']}") == [f"{issue['secret'][:8]}…"]


def test_every_attempt_to_change_something_can_be_found_by_its_request(province: Province) -> None:
    province.api.post("/v1/issues", {"text": "x"}, role="resident", X_Request_ID="a-bad-filing")
    province.api.get("/v1/keys", role="resident", X_Request_ID="no-right")
    province.api.get("/v1/keys", **SECRETARY, X_Request_ID="a-reading")
    found = {name: [line for line in province.logs().splitlines() if f'"request": "{name}"' in line]
             for name in ("a-bad-filing", "no-right", "a-reading")}
    assert [len(lines) for lines in found.values()] == [1, 1, 0]
    assert '"status": 422' in found["a-bad-filing"][0] and '"status": 403' in found["no-right"][0]
