"""Numbers that prove themselves by check digits, length and prefix. All take what was stripped of separators."""

from __future__ import annotations

import re

_TWO_DIGIT_CODES = frozenset(
    str(code)
    for code in (
        *(20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67)),
        *(81, 82, 84, 86, *range(90, 96), 98),
    )
)


def is_calling_code(code: str) -> bool:
    """Whether a country code (ITU-T E.164): 1 and 7, the two-digit ones, all others have three digits."""
    if len(code) == 1:
        return code in "17"
    if len(code) == 2:
        return code in _TWO_DIGIT_CODES
    return len(code) == 3 and code[0] in "2345689" and code[:2] not in _TWO_DIGIT_CODES


_INTERNATIONAL = re.compile(r"\+\d[\d ().\-/]+")


def is_international_phone(text: str) -> bool:
    """``+`` and seven to fifteen digits that begin with a country code (E.164), separators allowed."""
    if not _INTERNATIONAL.fullmatch(text):
        return False
    digits = re.sub(r"\D", "", text)
    return 7 <= len(digits) <= 15 and any(is_calling_code(digits[:length]) for length in (1, 2, 3))


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_CARD = re.compile(
    r"4\d{12}(?:\d{3}(?:\d{3})?)?|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11,16}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|(?:2131|1800|35\d{3})\d{11}|62\d{14,17}"
)


def is_card(digits: str) -> bool:
    """A payment card number: an issuer's range, its length, and the Luhn check."""
    return _CARD.fullmatch(digits) is not None and luhn(digits)


def is_iban(compact: str) -> bool:
    """An international bank account number: ISO 13616, check digits by ISO 7064 MOD 97-10."""
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", compact):
        return False
    return int("".join([str(int(c, 36)) for c in compact[4:] + compact[:4]])) % 97 == 1


# --- national identity numbers -----------------------------------------------------------------------


def is_us_ssn(digits: str) -> bool:
    """Social Security number of the United States: never area 000, 666 or 900 and up, group 00, serial 0000."""
    return (
        re.fullmatch(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}", digits) is not None
        and digits not in ("123456789", "078051120", "219099999")  # famous for being nobody's
    )


def is_cpf(digits: str) -> bool:
    """Cadastro de Pessoas Físicas of Brazil: two check digits, mod 11."""
    if not re.fullmatch(r"\d{11}", digits) or len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - at) for at, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != int(digits[length]):
            return False
    return True


def is_dni(compact: str) -> bool:
    """DNI and NIE of Spain: a letter that is the number mod 23."""
    found = re.fullmatch(r"([XYZ]?)(\d{7,8})([A-Z])", compact)
    if not found or len(found[1]) + len(found[2]) != 8:
        return False
    number = int((str("XYZ".index(found[1])) if found[1] else "") + found[2])
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == found[3]


_ODD_OF_DIGITS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_OF_LETTERS = (*_ODD_OF_DIGITS, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def is_codice_fiscale(compact: str) -> bool:
    """Codice fiscale of Italy: sixteen characters, the last a check over all before it."""
    if not re.fullmatch(r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]", compact):
        return False
    total = 0
    for at, character in enumerate(compact[:15]):
        value = int(character, 36) - (10 if character.isalpha() else 0)
        total += value if at % 2 else (_ODD_OF_LETTERS if character.isalpha() else _ODD_OF_DIGITS)[value]
    return chr(ord("A") + total % 26) == compact[15]


def is_nir(compact: str) -> bool:
    """Numéro d'inscription au répertoire of France: the key is 97 less the number mod 97."""
    found = re.fullmatch(r"([1278]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d\d|2[AB])\d{6})(\d\d)", compact)
    if not found:
        return False
    return 97 - int(found[1].replace("2A", "19").replace("2B", "18")) % 97 == int(found[2])


def is_nino(compact: str) -> bool:
    """National Insurance number of the United Kingdom: its letters are restricted, there is no check digit."""
    return re.fullmatch(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", compact) is not None


def is_steuer_id(digits: str) -> bool:
    """Identifikationsnummer of Germany: ISO 7064 MOD 11,10, one digit twice or three times in the first ten."""
    if not re.fullmatch(r"[1-9]\d{10}", digits) or not 8 <= len(set(digits[:10])) <= 9:
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def is_pesel(digits: str) -> bool:
    """PESEL of Poland: weights 1, 3, 7, 9."""
    if not re.fullmatch(r"\d{2}(?:[02468][1-9]|[13579][0-2])\d{7}", digits):
        return False
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return -sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 10 == int(digits[10])


def is_bsn(digits: str) -> bool:
    """Burgerservicenummer of the Netherlands: the eleven test."""
    if not re.fullmatch(r"\d{9}", digits) or len(set(digits)) == 1:
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 == 0


def is_personnummer(digits: str) -> bool:
    """Personnummer of Sweden: a date and the Luhn check over the last ten digits."""
    ten = digits[-10:]
    return re.fullmatch(r"(?:\d\d)?\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{4}", digits) is not None and luhn(ten)


def is_ahv(digits: str) -> bool:
    """AHV number of Switzerland: 756 and the check digit of EAN-13."""
    if not re.fullmatch(r"756\d{10}", digits):
        return False
    return sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10 == 0


_VERHOEFF_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def is_aadhaar(digits: str) -> bool:
    """Aadhaar of India: twelve digits, the first above 1, the check by Verhoeff."""
    if not re.fullmatch(r"[2-9]\d{11}", digits):
        return False
    check = 0
    for at, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[at % 8][int(digit)])])
    return check == 0


def is_national_id(compact: str) -> bool:
    """Whether any country's number above, where the field's name says that it is one."""
    digits = compact if compact.isdigit() else ""
    if digits:
        return any(check(digits) for check in _OF_DIGITS)
    return is_dni(compact) or is_codice_fiscale(compact) or is_nino(compact) or is_nir(compact)


_OF_DIGITS = (
    is_us_ssn, is_cpf, is_nir, is_steuer_id, is_pesel, is_bsn, is_personnummer, is_ahv, is_aadhaar,
)  # fmt: skip
