"""An agency's own program and its clerk's command, with the package the agency installs, against the whole platform."""
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mahalle_agency import AgencyClient, AnswerTold, Message, TaskTold

from chassis.settings import Broker
from chassis.topology import agency_user
from deploy.local.folder import ROOT
from tests.e2e.province import AGENCY, Province
from tests.integration.agency_desk import Desk
from tests.integration.waiting import eventually

QUEUE = f"agency.{AGENCY}.tasks"
COMMAND = [sys.executable, "-m", "mahalle_agency"]
Variables = dict[str, str]


def desk_of(province: Province, agency: str) -> Variables:
    """What a clerk of the agency has in the environment. The agency's queue is empty."""
    environment, wire = province.platform.environment, province.wire
    broker = Broker(wire.host, wire.port, wire.vhost, environment["MAHALLE_BROKER_SECRET"], "")
    wire.channel.queue_purge(f"agency.{agency}.tasks")
    return {"MAHALLE_BROKER_URL": f"amqp://{wire.host}:{wire.port}/{wire.vhost}", "AGENCY_CODE": agency,
            "AGENCY_PASSWORD": broker.password_of(agency_user(agency)),
            "AGENCY_KEY": province.api.key_of("agency", agency),
            "MAHALLE_URL": province.platform.address("gateway"), "TZ": "Asia/Tehran",
            "PYTHONPATH": str(ROOT / "clients" / "agency")}


@pytest.fixture
def variables(province: Province) -> Variables:
    return desk_of(province, AGENCY)


def as_at_a_terminal() -> None:
    """A shell that runs the tests in the background has Ctrl-C ignored, and whatever is started then inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Watching:
    """`mahalle-agency watch` in a process of its own."""

    def __init__(self, variables: Variables, folder: Path) -> None:
        self.file = folder / "watch.txt"
        with self.file.open("wb") as out:
            self.process = subprocess.Popen([*COMMAND, "watch"], env=os.environ | variables, stdout=out, stderr=out,
                                            preexec_fn=as_at_a_terminal)

    def shows(self, *words: str) -> str:
        """The first message that shows all these words."""
        def probe() -> list[str]:
            return [message for message in self.file.read_text().split("\n\n") if all(word in message for word in words)]

        return eventually(f"watch shows {words} in {self.file}", probe)[0]

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[[Variables], Watching]]:
    made: list[Watching] = []

    def begin(variables: Variables) -> Watching:
        made.append(Watching(variables, tmp_path))
        return made[-1]

    yield begin
    for each in made:
        each.process.kill()
        each.process.wait(10)


@pytest.fixture
def client(variables: Variables) -> Iterator[AgencyClient]:
    with AgencyClient(variables["MAHALLE_BROKER_URL"], AGENCY, variables["AGENCY_PASSWORD"]) as client:
        yield client


def command(variables: Variables, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], env=os.environ | variables, text=True, capture_output=True, timeout=60)


def test_a_clerk_sees_a_task_answers_it_and_sees_what_became_of_each_answer(
        province: Province, variables: Variables, watch: Callable[[Variables], Watching]) -> None:
    watching = watch(variables)
    issue = province.file()
    task = f"{issue['id']}-1"
    watching.shows("کار تازه · a new task", task, issue["text"], issue["tracking_code"], "+03:30")

    for words, state in ((("accept", task), "accepted"), (("start", task), "in_progress"),
                         (("finish", task, "--text", "فیوز عوض شد", "--answer-id", "finish-1"), "done")):
        done = command(variables, *words)
        assert done.returncode == 0 and "answer id" in done.stdout, done.stderr
        watching.shows("پاسخ انجام شد", task, words[0], state)
    assert f"state: {state}" in command(variables, "show", task).stdout
    assert province.seen_by_filer(issue)["status"] == "done"

    assert command(variables, "accept", task).returncode == 0
    watching.shows("پاسخ پذیرفته نشد", task, "The task is done; accept is possible only from offered.", "move_forbidden")
    assert watching.end() == 0
    assert province.wire.ready(QUEUE) == 0


def test_commands_that_answer_or_show_take_nothing_from_the_queue(province: Province, variables: Variables) -> None:
    issue = province.file()
    eventually("the task is on the queue", lambda: province.wire.ready(QUEUE), until=lambda ready: ready == 1)
    task = f"{issue['id']}-1"
    assert "offered" in command(variables, "show", task).stdout
    assert command(variables, "refuse", task, "--reason", "در محدودهٔ ما نیست").returncode == 0
    eventually("the outcome is there too", lambda: province.wire.ready(QUEUE), until=lambda ready: ready == 2)


def test_of_a_confidential_task_the_queue_brings_a_link_and_show_reads_the_rest(
        province: Province, watch: Callable[[Variables], Watching]) -> None:
    variables = desk_of(province, "karaj-welfare")
    watching = watch(variables)
    issue = province.file(category="addiction", title="اعتیاد در محله")
    task = f"{issue['id']}-1"
    seen = watching.shows(task)
    assert f"mahalle-agency show {task}" in seen and issue["text"] not in seen and "اعتیاد" not in seen
    shown = command(variables, "show", task)
    assert issue["text"] in shown.stdout and "اعتیاد در محله" in shown.stdout, shown.stderr


@pytest.mark.parametrize(("words", "changed", "why"), [
    (("accept", "x"), {"AGENCY_PASSWORD": "wrong"}, "does not know agency"),
    (("watch",), {"AGENCY_PASSWORD": "wrong"}, "does not know agency"),
    (("watch",), {"MAHALLE_BROKER_URL": ""}, "Please give --broker or MAHALLE_BROKER_URL"),
    (("watch",), {"MAHALLE_BROKER_URL": "http://x"}, "amqp://host:port/vhost"),
    (("show", "x"), {"AGENCY_KEY": ""}, "Please give --key or AGENCY_KEY"),
    (("show", "x"), {"AGENCY_KEY": "agency.x.1"}, "The platform answered 401: This token or key is unknown"),
    (("show", "x"), {}, "The platform answered 404"),
    (("show", "x"), {"MAHALLE_URL": "http://127.0.0.1:1"}, "does not answer"),
    (("finish", "x", "--text", " "), {}, "needs a text"),
], ids=str)
def test_what_is_wrong_is_said_in_a_line_and_the_exit_is_not_zero(
        variables: Variables, words: tuple[str, ...], changed: Variables, why: str) -> None:
    done = command(variables | changed, *words)
    assert done.returncode in (1, 2) and why in done.stderr and "Traceback" not in done.stderr
    assert variables["AGENCY_PASSWORD"] not in done.stderr


def test_a_program_answers_from_its_callback_and_the_same_answer_twice_is_carried_out_once(
        province: Province, client: AgencyClient) -> None:
    def callback(message: Message) -> None:
        if isinstance(message, TaskTold) and message.kind == "offered":
            for _ in range(2):
                client.accept(message.task.task_id, answer_id=f"accept-{message.id}")

    with Desk(client, callback) as desk:
        issue = province.file()
        told = eventually("it is told of its answer", lambda: [m for m in desk.got if isinstance(m, AnswerTold)])
        assert (told[0].kind, told[0].action, told[0].state) == ("taken", "accept", "accepted")
        client.finish(told[0].task_id, "فیوز عوض شد")
        eventually("it is told of the next", lambda: [m.state for m in desk.got if isinstance(m, AnswerTold)],
                   until=lambda states: states == ["accepted", "done"])
    assert [moved["action"] for moved in province.seen_by_filer(issue)["timeline"]] == ["file", "offer", "accept", "finish"]


def test_what_the_filer_does_reaches_the_program(province: Province, client: AgencyClient) -> None:
    with Desk(client) as desk:
        issue, other = province.file(), province.file()
        task = f"{issue['id']}-1"
        assert province.move(AGENCY, task, "accept").status == 200
        assert province.move(AGENCY, task, "finish", text="شد").status == 200
        province.say(issue, "not-fixed", reason="هنوز تاریک است")
        province.say(other, "withdraw")
        both = {("changed", issue["id"], "in_progress"), ("cancelled", other["id"], "cancelled")}
        eventually("it hears of both", lambda: {(told.kind, told.task.issue_id, told.task.state) for told in desk.got
                                                if isinstance(told, TaskTold) and told.kind != "offered"},
                   until=lambda heard: heard == both)
