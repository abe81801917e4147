"""A base of the small library and a server of it, for the tests of a module to share."""
import pytest

from conftest import Jackdaw
from library import write_library
from serving import Server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("library-server"))
    write_library(jackdaw.folder / "library")
    jackdaw.ok("ingest", "--json", "library")
    return jackdaw


@pytest.fixture(scope="module")
def server(home):
    with Server(home) as running:
        yield running
        assert running.stop() == 0, running.log()
