import shutil

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from earful.serve.access import Access
from earful.serve.app import make_app
from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import Limits

#: Where the server of the tests is, and what a browser says on its pages.
BASE = "http://127.0.0.1:8350"
BROWSER = {"sec-fetch-site": "same-origin", "origin": BASE}


def open_client(desk):
    return TestClient(make_app(desk), base_url=BASE, follow_redirects=False, headers=BROWSER)


@pytest.fixture(scope="session")
def folder(demo_run, tmp_path_factory):
    """A copy of the demo's run: its search file lies in it, and other tests count what lies in a run."""
    copy = tmp_path_factory.mktemp("served") / "demo"
    shutil.copytree(demo_run.path, copy)
    return copy


@pytest.fixture(scope="session")
def house(folder):
    return House([folder])


@pytest.fixture(scope="session")
def served(house):
    return house.get("demo")


@pytest.fixture
def make_client():
    """Make a server around some runs and give a client of it; all are closed at the end."""
    open_clients = []

    def make(*runs, house=None, access=None, home=None, host="127.0.0.1", limits=None, command=None):
        desk = Desk(
            house or House(list(runs), home), access or Access(), host, limits or Limits(burst=5000), "fast"
        )
        if command is not None:
            desk.jobs._command = command
        client = open_client(desk)
        client.__enter__()
        client.desk = desk
        open_clients.append(client)
        return client

    yield make
    for client in open_clients:
        client.__exit__(None, None, None)


@pytest.fixture(scope="session")
def client(house):
    """A server of the demo's run that only reads; one for all tests, as making one takes a while."""
    desk = Desk(house, limits=Limits(burst=50_000), model="fast")
    with open_client(desk) as client:
        client.desk = desk
        yield client


def csrf_of(client, page="/"):
    """Give the token that forms of the client's session carry."""
    client.get(page)
    return client.desk.access.form_token(client.cookies.get("earful_session"))
