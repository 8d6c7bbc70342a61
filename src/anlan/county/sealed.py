"""Model fields for personal data: what is sealed on its way into the database, and how it is looked up there."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In, IsNull
from django.utils.translation import gettext as _

from anlan.county import seal
from anlan.county.among import Among

if TYPE_CHECKING:  # Django's fields take their types only from its stubs
    Text = models.Field[str, str]
    Number = models.BigIntegerField[int | None, int | None]
else:
    Text, Number = models.Field, models.BigIntegerField


class SealedField(Text):
    """A text that lies sealed in the database and is plain in Python; `index` names its blind index beside it.

    It can be asked for by `exact`, `in` and `among` where it has an index, and for being empty everywhere. Nothing else
    can be asked of a sealed column, and asking is a mistake that is raised.
    """

    def __init__(self, *args: Any, index: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.index = index

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"index": self.index} if self.index else {})

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        self.place = purpose(cls, name).encode()

    def get_internal_type(self) -> str:
        return "BinaryField"

    def sealer(self) -> Callable[[str], bytes]:
        """What seals texts for this column."""
        return seal.ring().sealer(self.place)

    def get_db_converters(self, connection: Any) -> list[Callable[..., str | None]]:
        unseal = seal.opener(self.place)  # of one question's answer: half a million values are read at once
        return [lambda value, _expression, _connection: None if value is None else unseal(bytes(value))]

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return connection.Database.Binary(self.sealer()(value)) if isinstance(value, str) else value

    def get_lookup(self, lookup_name: str) -> Any:
        known: dict[str, Any] = {"exact": _Exact, "in": _In, "among": _Among, "isnull": IsNull}
        if lookup_name not in known:
            raise FieldError(f"{self.place.decode()} is sealed: it cannot be asked for by {lookup_name}")
        return known[lookup_name]

    def get_transform(self, lookup_name: str) -> Any:
        return None


class BlindIndex(Number):
    """The blind index of a sealed field of the same row, kept in step by whatever writes that field."""

    def __init__(self, *args: Any, of: str, tail: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **{"null": True, "editable": False, **kwargs})
        self.of, self.tail = of, tail

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of} | ({"tail": True} if self.tail else {})

    def deriver(self) -> Callable[[str], int | None]:
        """What gives the index of a text."""
        return seal.blinder(purpose(self.model, self.of), tail=self.tail)

    def pre_save(self, instance: models.Model, add: bool) -> int | None:
        number = self.deriver()(getattr(instance, self.of))
        setattr(instance, self.attname, number)
        return number


def purpose(model: type[models.Model], name: str) -> str:
    """The name under which a column's values are sealed and indexed."""
    return f"{model._meta.app_label}.{model._meta.model_name}.{name}"


def indexes(model: type[models.Model], of: Iterable[str]) -> list[BlindIndex]:
    """The blind indexes that must be written whenever these fields are."""
    named = set(of)
    return [each for each in model._meta.concrete_fields if isinstance(each, BlindIndex) and each.of in named]


def sealed(model: type[models.Model]) -> list[SealedField]:
    """A model's sealed fields."""
    return [each for each in model._meta.concrete_fields if isinstance(each, SealedField)]


def _index(lhs: Any) -> BlindIndex:
    found = lhs.target.model._meta.get_field(lhs.target.index) if lhs.target.index else None
    if not isinstance(found, BlindIndex):
        raise FieldError(f"{lhs.target.place.decode()} is sealed and has no blind index")
    return found


class _Exact(Exact):
    """The blind index is that of a text; or there is no text."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs == "":
            super().__init__(Col(lhs.alias, lhs.target, models.BinaryField()), b"")
            return
        if not isinstance(rhs, str):
            raise FieldError(f"{lhs.target.place.decode()} is sealed: it can only be compared with a text")
        index = _index(lhs)
        super().__init__(Col(lhs.alias, index), index.deriver()(rhs))


class _In(In):
    """The blind index is that of one of the texts; empty ones are left out."""

    def __init__(self, lhs: Any, rhs: Iterable[str]) -> None:
        index = _index(lhs)
        derive = index.deriver()
        super().__init__(Col(lhs.alias, index), [derive(each) for each in rhs if each])


class _Among(Among):
    """The same for any number of texts."""

    def __init__(self, lhs: Any, rhs: Iterable[str]) -> None:
        index = _index(lhs)
        derive = index.deriver()
        super().__init__(Col(lhs.alias, index), [derive(each) for each in rhs if each])


def ready() -> None:
    """See that there is a key file: make one where nothing is sealed yet, refuse where its values would be lost."""
    if settings.KEYS.exists():
        seal.ring()
        return
    for model in apps.get_models():
        for field in sealed(model):
            if model._base_manager.exclude(**{field.name: ""}).exists():
                seal.read(settings.KEYS)
    if settings.CIPHER not in seal.SUITES:
        raise seal.KeyMissing(_("ANLAN_CIPHER 只能是 aes 或 sm4。"))
    with suppress(FileExistsError):  # another process was first
        seal.write(seal.new_ring(settings.CIPHER), settings.KEYS, new=True)
    seal.forget()
