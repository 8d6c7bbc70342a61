"""A page that is only looked at changes nothing, whatever its code tries."""

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from anlan.county.config.middleware import WroteOnRead, reads_do_not_write
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
