"""The same people by another way: messages written anew from those already sent, without opening their addresses."""

from collections.abc import Sequence

from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Replace

from anlan.county import clock
from anlan.county.dispatch.models import Message

COLUMNS = (
    "key", "kind", "address", "division_id", "subject", "body", "priority", "exercise", "created_at", "not_after",
    "claimed_by", "attempts", "failure",
)  # fmt: skip
LONGEST = 120  # of a key


@transaction.atomic
def again(*, numbers: Sequence[int], kind: str, body: str) -> dict[int, int]:
    """Queue one message of another kind to the address of each of these; one already queued stays as it is.

    Its key is the old one with the kind replaced. Called inside the deed that causes it, as `enqueue` is. Returns
    the new message's id by the old one's.
    """
    if not numbers:
        return {}
    renamed = Replace(F("key"), Value("/sms/"), Value(f"/{kind}/"), output_field=models.CharField(max_length=LONGEST))
    old = Message.objects.filter(pk__among=list(numbers), kind="sms")
    new = {
        "key": renamed, "kind": Value(kind), "body": Value(body), "created_at": Value(clock.now()),
        "claimed_by": Value(""), "attempts": Value(0), "failure": Value(""),
    }  # fmt: skip
    chosen = old.order_by("priority", "id").values_list(*(new.get(name, F(name)) for name in COLUMNS))
    select, given = chosen.query.sql_with_params()
    quote = connection.ops.quote_name
    into = f"INSERT INTO {quote(Message._meta.db_table)} ({', '.join(map(quote, COLUMNS))})"
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {select} ON CONFLICT DO NOTHING", given)
    by_key = dict(old.annotate(renamed=renamed).values_list("renamed", "id"))
    found = Message.objects.filter(key__among=list(by_key)).values_list("key", "id")
    return {by_key[key]: number for key, number in found}
