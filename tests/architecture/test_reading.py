"""A page that is only looked at changes nothing, whatever its code tries."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from anlan.county.config.middleware import WroteOnRead, reads_do_not_write, refuse_writes
from anlan.county.office.models import Division

WRITES = (
    lambda: Division.objects.update(name="x"),
    lambda: Division.objects.filter(level="province").delete(),
    lambda: Division.objects.create(code="360123000000", name="x", level="county"),
    lambda: connection.cursor().execute("DROP TABLE office_division"),
)


@pytest.mark.parametrize("write", WRITES)
def test_a_write_while_reading_is_a_defect(db, write):
    Division.objects.create(code="360000000000", name="江西省", level="province")
    guarded = reads_do_not_write(lambda request: write())
    with pytest.raises(WroteOnRead), transaction.atomic():
        guarded(RequestFactory().get("/"))
    assert Division.objects.get().name == "江西省"


def test_reading_reads_and_posting_writes(db):
    read = reads_do_not_write(lambda request: Division.objects.count())
    assert read(RequestFactory().get("/")) == 0
    post = reads_do_not_write(
        lambda request: Division.objects.create(code="360000000000", name="江西省", level="province")
    )
    assert post(RequestFactory().post("/")).name == "江西省"


def test_who_writes_while_another_reads_over_the_same_connection_is_not_taken_for_a_reader(db):
    """The threads of a test's server share one, and a page may ask for several things at once."""

    def elsewhere(request):
        with ThreadPoolExecutor(1) as others:  # what another thread runs knows nothing of this request
            return others.submit(refuse_writes, execute, "INSERT INTO x", (), False, {}).result()

    def execute(*words):
        return words[0]

    assert reads_do_not_write(elsewhere)(RequestFactory().get("/")) == "INSERT INTO x"
    here = reads_do_not_write(lambda request: refuse_writes(execute, "INSERT INTO x", (), False, {}))
    with pytest.raises(WroteOnRead):
        here(RequestFactory().get("/"))
    assert refuse_writes(execute, "INSERT INTO x", (), False, {}) == "INSERT INTO x"
