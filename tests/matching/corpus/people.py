"""Made-up people: what a request of each brings in, by kind of value; the next one's data are the decoys."""

from __future__ import annotations

from typing import Any

from otel_provenance.tags import Tag, make_tag

FIELDS = {
    "name": ("form", "name"),
    "email": ("form", "email"),
    "phone": ("json", "contact.phone"),
    "street": ("form", "street"),
    "birthday": ("form", "birth_date"),
    "card": ("form", "card_number"),
    "iban": ("json", "payment.iban"),
    "uuid": ("path", "customer_id"),
    "code": ("query", "voucher"),
    "amount": ("json", "amount"),
    "message": ("form", "message"),
    "user": ("cookie", "username"),
}
PEOPLE: tuple[dict[str, str], ...] = (
    {
        "name": "Grace Hopper",
        "email": "Grace.Hopper@navy.example",
        "phone": "+1 (415) 555-0132",
        "street": "12 Compiler Avenue",
        "birthday": "1906-12-09",
        "card": "4111 1111 1111 1111",
        "iban": "DE89 3704 0044 0532 0130 00",
        "uuid": "3f2a7c1e-9b4d-4e8a-a1c6-52d0f7b93e11",
        "code": "SPRING-7QX2-88LM",
        "amount": "1,234.50",
        "message": (
            "I ordered two compilers last week, but only one of them arrived at the harbour; the parcel was wet "
            "and its label unreadable. Could you please send another one to the same address before Friday noon?"
        ),
        "user": "ghopper_1906",
    },
    {
        "name": "José Ñandú-García",
        "email": "jose.nandu+shop@correo.example",
        "phone": "0034 912 345 678",
        "street": "Calle de Alcalá 42, 3º B",
        "birthday": "1987-03-25",
        "card": "5500-0000-0000-0004",
        "iban": "ES91 2100 0418 4502 0005 1332",
        "uuid": "0c6d1b2f-77aa-4f0e-9d3c-e8b1a2c4d5f6",
        "code": "A9F3-22ZK-PLUS",
        "amount": "98765.43",
        "message": (
            "El paquete llegó abierto y faltaban tres de las cinco tazas azules que había pedido para la boda de "
            "mi hermana; necesito que me envíen las restantes antes del sábado o que me devuelvan el dinero."
        ),
        "user": "nandu.garcia87",
    },
    {
        "name": "Zoë Müller",
        "email": "zoe@mueller-werkstatt.example",
        "phone": "+49 30 1234567",
        "street": "Lange Straße 7a",
        "birthday": "1999-07-31",
        "card": "378282246310005",
        "iban": "GB29 NWBK 6016 1331 9268 19",
        "uuid": "b7e4f9d0-1234-4c5d-8e6f-7a8b9c0d1e2f",
        "code": "zm-werkstatt-2291",
        "amount": "20417.8",
        "message": (
            "Die Fräse läuft seit gestern unruhig und macht ab etwa neuntausend Umdrehungen ein schleifendes "
            "Geräusch. Bitte schicken Sie einen Techniker vorbei, am liebsten Dienstag früh, Tor zwei, Klingel links."
        ),
        "user": "zoemueller",
    },
    {
        "name": "Oluwaseun Adeyemi-Brown",
        "email": "o.adeyemi@lagos-tech.example",
        "phone": "+234 803 123 4567",
        "street": "58 Broad Street, Lagos Island",
        "birthday": "1978-11-02",
        "card": "6011 0009 9013 9424",
        "iban": "FR14 2004 1010 0505 0001 3M02 606",
        "uuid": "e1d2c3b4-a596-4877-b869-5a4b3c2d1e0f",
        "code": "LGS/2024/00817",
        "amount": "330000.75",
        "message": (
            "We need forty seats for the workshop on the second of May, with projectors in both rooms and lunch "
            "for the speakers; our accountant asks that the invoice names the foundation and not me personally."
        ),
        "user": "seun_ab",
    },
)


def tags_of(person: int) -> list[Tag]:
    """The tags of a person's request, and the short values that every form has."""
    values = PEOPLE[person]
    tags = [make_tag(*FIELDS[kind], values[kind], b"corpus", f"t-{kind}", 0) for kind in FIELDS]
    for at, (field, value) in enumerate(
        (
            ("newsletter", "yes"),
            ("quantity", "2"),
            ("country", "US"),
            ("lang", "en"),
            ("remember", "true"),
            ("page", "1"),
        )
    ):
        tags.append(make_tag("form", field, value, b"corpus", f"t-short-{at}", 0))
    return tags


def decoy_of(person: int, kind: str) -> Any:
    """The same kind of value, of somebody else."""
    return PEOPLE[(person + 1) % len(PEOPLE)][kind]
