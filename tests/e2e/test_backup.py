"""A backup brought back on other servers, with nothing else taken along but the secrets, is the same platform."""
import os
import shutil
from pathlib import Path

import pytest

from tests.api import Api, Json
from tests.e2e.platforms import LOAD, a_platform, api_of, command, wait_for_the_sample
from tests.integration.waiting import eventually

SECONDS = 90
FILED, FINISHED, CONFIRMED = 12, 6, 3


def numbers(call: Api) -> Json:
    """Every published number, without what depends on the moment of counting."""
    found = {}
    for by in ("neighbourhood", "agency"):
        counted = call(f"/v1/statistics?by={by}")
        found[by] = {"items": counted["items"], "totals": counted["totals"]}
    return found


def is_counted(call: Api) -> bool:
    totals = call("/v1/statistics?by=neighbourhood")["totals"]
    return bool(totals["filed"] == FILED and totals["solved"] == FINISHED and totals["confirmed"] == CONFIRMED)


def play(call: Api) -> list[Json]:
    """Files issues, lets agencies finish some of them and residents confirm some of those. Returns what filing answered."""
    open_leaves = [c for c in call.pages("/v1/categories") if c["parent"] and not c["confidential"] and c["code"] != "other"]
    places = call.pages("/v1/neighbourhoods")
    filed = [call("/v1/issues", {"category": open_leaves[n % len(open_leaves)]["code"], "text": f"چراغ کوچه خاموش است {n}",
                                 "neighbourhood": places[n % len(places)]["code"]}, role="resident") for n in range(FILED)]
    for number, issue in enumerate(filed[:FINISHED]):
        task = call(f"/v1/issues/{issue['id']}")["tasks"][0]
        path = f"/v1/agencies/{issue['agency']}/tasks/{task['id']}"
        call(f"{path}/accept", {}, role="agency", subject=issue["agency"])
        call(f"{path}/finish", {"text": "انجام شد"}, role="agency", subject=issue["agency"])
        if number < CONFIRMED:
            call(f"/v1/issues/{issue['id']}/confirm", {"satisfaction": 4}, Issue_Secret=issue["secret"])
    return filed


@pytest.mark.timeout(400)
def test_a_restored_platform_shows_the_same_issues_and_the_same_numbers(tmp_path: Path) -> None:
    with a_platform(tmp_path / "here", LOAD) as (servers, platform):
        wait_for_the_sample(servers)
        here = api_of(platform)
        filed = play(here)
        eventually("the booklet has counted everything", lambda: is_counted(here), SECONDS)
        issues, counted, agencies = here.pages("/v1/issues"), numbers(here), here.pages("/v1/agencies")
        command(platform, "deploy.backup", "save", str(tmp_path / "saved"))

    (tmp_path / "there").mkdir()
    shutil.copy(tmp_path / "here" / "secrets.env", tmp_path / "there")
    with a_platform(tmp_path / "there", ("deploy.backup", "restore", str(tmp_path / "saved"))) as (_, platform):
        there = api_of(platform)
        eventually("the booklet has counted everything again", lambda: is_counted(there), SECONDS)
        assert there.pages("/v1/issues") == issues
        assert there.pages("/v1/agencies") == agencies
        assert numbers(there) == counted
        assert os.listdir(tmp_path / "saved")
        last = filed[-1]
        assert there(f"/v1/issues/{last['tracking_code']}", Issue_Secret=last["secret"])["id"] == last["id"]
        more = there("/v1/issues", {"category": there.pages("/v1/categories")[-1]["code"], "text": "یک مشکل تازه",
                                    "neighbourhood": issues[0]["neighbourhood"]}, role="resident")
        assert more["tracking_code"] not in {issue["tracking_code"] for issue in issues}
