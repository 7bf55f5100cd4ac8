"""The running platform that is played on: found by the same variables with which `make up` was called."""
import socket
from dataclasses import dataclass

import urllib3

from chassis.settings import Broker
from contracts.errors import Unavailable
from deploy.demo.calling import Api, Json, Refusal
from deploy.local.errors import CannotStart
from deploy.local.folder import local_folder
from deploy.local.keys import Keys, keys_of
from deploy.local.servers import VHOST, Servers, port_from

FIRST = "run `make up` first, in another terminal, and wait until it says that Mahalle is up"


@dataclass(frozen=True)
class Ground:
    """The API, the broker, and the province that was loaded."""

    api: Api
    broker: Broker
    neighbourhoods: list[Json]
    agencies: list[Json]


def whereabouts() -> tuple[str, Broker, Keys]:
    """The API's address, the broker with its secret, and the API keys. Raises CannotStart when nothing runs."""
    address = f"http://127.0.0.1:{port_from('MAHALLE_PORT', 8080)}"
    amqp = port_from("MAHALLE_AMQP_PORT", 5700)
    folder = local_folder()
    try:
        urllib3.request("GET", f"{address}/livez", retries=False, timeout=5).close()
    except urllib3.exceptions.HTTPError as error:
        raise CannotStart(f"no platform answers at {address}; {FIRST}.") from error
    try:
        socket.create_connection(("127.0.0.1", amqp), 5).close()
    except OSError as error:
        raise CannotStart(f"no RabbitMQ answers at 127.0.0.1:{amqp} (MAHALLE_AMQP_PORT); {FIRST}.") from error
    if not (folder / "secrets.env").exists():
        raise CannotStart(f"{folder} holds no secrets of a platform; let MAHALLE_LOCAL name the folder with which it was "
                          "started.")
    found = Servers.from_environment().environment()
    return address, Broker("127.0.0.1", amqp, VHOST, found["MAHALLE_BROKER_SECRET"], ""), keys_of(folder, found)


async def stand(by: tuple[str, str]) -> Ground:
    """The platform with its registers, read as `by`. Raises CannotStart, NoAnswer."""
    address, broker, keys = whereabouts()
    api = Api(address, keys)
    try:
        neighbourhoods, agencies = await api.all("/v1/neighbourhoods", by), await api.all("/v1/agencies", by)
    except Unavailable as error:
        raise CannotStart("no MongoDB answers in which keys could be made (MAHALLE_MONGO_PORT, MONGO_URI); "
                          f"{FIRST}.") from error
    except Refusal as refusal:
        raise CannotStart(f"what answers at {address} is no platform of this folder: {refusal}. Let MAHALLE_LOCAL and "
                          "MAHALLE_PORT be those with which it was started.") from refusal
    if not neighbourhoods or not agencies:
        raise CannotStart("the platform knows no neighbourhoods or no agencies; run make load-sample first.")
    return Ground(api, broker, neighbourhoods, agencies)
