"""One installation, set up once for the tests that need processes of their own."""

import pytest
from tests.installation import Installation


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """An empty folder after `anlan setup`, and what that printed."""
    installation = Installation(tmp_path_factory.mktemp("installed"))
    return installation, installation.anlan("setup", "--json")
