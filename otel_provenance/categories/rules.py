"""The rules by which a field's name says what its value is: a name, a category, and what the value must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from otel_provenance.categories import keys, numbers

Plausible = Callable[[str], bool]

_PERSONAL_NAME = re.compile(r"[^\W\d_][^\d<>@{}\[\]=;:/\\|_]{0,79}")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ].*)?|\d{8}|\d{1,2}[./\- ]\d{1,2}[./\- ](?:\d{4}|\d\d)|\d{4}[./]\d{1,2}[./]\d{1,2}"
    r"|\d{1,2}\.? [^\W\d_]{3,9},? \d{4}|[^\W\d_]{3,9} \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
)
_GROUPED = re.compile(r"[ \-./]")


def is_anything(text: str) -> bool:
    """A name that is telling by itself."""
    return True


def is_name(text: str) -> bool:
    """What people and places are called: letters, no digits, no signs of code."""
    return len(text) >= 2 and _PERSONAL_NAME.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    return 5 <= sum(map(str.isdigit, text)) <= 15 and re.search(r"[^\d\s()+./\-ext]", text) is None


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None


def _is_postal_code(text: str) -> bool:
    return 3 <= len(text) <= 10 and any(map(str.isdigit, text)) and re.fullmatch(r"[\w\- ]+", text) is not None


def _is_card(text: str) -> bool:
    digits = _GROUPED.sub("", text)
    return digits.isdigit() and 12 <= len(digits) <= 19 and numbers.luhn(digits)


def _is_security_code(text: str) -> bool:
    return text.isdigit() and len(text) in (3, 4)


def _is_account(text: str) -> bool:
    compact = _GROUPED.sub("", text).upper()
    return 5 <= len(compact) <= 34 and compact.isalnum() and sum(map(str.isdigit, compact)) >= 4


def _is_national_id(text: str) -> bool:
    return numbers.is_national_id(_GROUPED.sub("", text).upper())


def _is_social_security(text: str) -> bool:
    digits = _GROUPED.sub("", text)
    return numbers.is_us_ssn(digits) if len(digits) == 9 else _is_national_id(text)


def _is_document(text: str) -> bool:
    return 5 <= len(text) <= 20 and any(map(str.isdigit, text)) and _GROUPED.sub("", text).isalnum()


def _is_coordinate(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,3}\.\d{2,}(?:\s*,\s*-?\d{1,3}\.\d{2,})?", text) is not None


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _is_number(text: str) -> bool:
    return text.isdigit() and 0 < int(text[:4]) < 130 if text else False


def _is_token(text: str) -> bool:
    return len(text) >= 8 and " " not in text.strip()


class Rule(NamedTuple):
    """A name, written as its words joined by ``_``; what it means; and what a value must be."""

    name: re.Pattern[str]
    category: str
    plausible: Plausible


def _rule(pattern: str, category: str, plausible: Plausible = is_anything) -> Rule:
    return Rule(re.compile(rf"(?:^|_)(?:{pattern})(?:_|$)"), category, plausible)


RULES = (
    # secrets first: the name alone decides, and nothing about them may be missed
    _rule(r"passwords?|passwd|pwd|pass_?phrase|pass_?code|passwort|contrase[nñ]a|mot_de_passe|senha", keys.PASSWORD),
    _rule(r"pin", keys.PASSWORD, lambda text: text.isdigit() and 4 <= len(text) <= 8),
    _rule(r"otp|totp|mfa_?code|(?:two|2)_?(?:factor|fa)_?code|verification_code|recovery_code", keys.CREDENTIALS),
    _rule(
        r"(?:access|refresh|auth|id|api|bearer|reset|session|csrf|xsrf|jwt|security|oauth)_?tokens?|token|jwt"
        r"|api_?keys?|secrets?|client_secret|private_key|authorization|session_?(?:id|key)?|sid|phpsessid|jsessionid"
        r"|credentials?|auth",
        keys.CREDENTIALS,
        _is_token,
    ),
    _rule(
        r"(?:credit_|debit_|payment_|bank_)?card_?(?:numbers?|nr|no|num|pan)?|pan|ccn?|cc_?(?:number|num|no)|creditcard",
        keys.CARD,
        _is_card,
    ),
    _rule(r"cvv2?|cvc2?|card_(?:security|verification)_(?:code|value)|security_code", keys.CARD, _is_security_code),
    _rule(
        r"iban|bank_?account(?:_number)?|account_(?:number|nr|no)|kontonummer|routing_number|sort_code|bic|swift(?:_code)?",
        keys.BANK_ACCOUNT,
        _is_account,
    ),
    _rule(r"salary|income|net_worth|credit_score", keys.FINANCIAL, lambda text: any(map(str.isdigit, text))),
    _rule(
        r"national_(?:id|identification|insurance)(?:_(?:number|no|nr))?|nino"
        r"|(?:tax|steuer)_?(?:id|identification)(?:_(?:number|no|nr))?|steuerid|idnr|dni|nie|nif|cpf|codice_fiscale|nir"
        r"|pesel|bsn|personnummer|personal_identity_number|ahv|avs|aadhaar|sin|sozialversicherungsnummer|insee|svnr",
        keys.NATIONAL_ID,
        _is_national_id,
    ),
    _rule(r"ssn|social_security(?:_(?:number|no|nr))?", keys.NATIONAL_ID, _is_social_security),
    _rule(r"passport(?:_(?:number|no|nr|id))?", keys.PASSPORT, _is_document),
    _rule(r"driv(?:er|ers|ing)_?licen[cs]e(?:_(?:number|no|nr|id))?|dl_number", keys.DRIVERS_LICENSE, _is_document),
    _rule(r"licen[cs]e_plate|number_plate|vin|vehicle_registration", keys.VEHICLE, _is_document),
    _rule(
        r"dob|birth_?(?:date|day)|date_of_birth|born(?:_on)?|geburtsdatum|birthdate|fecha_de_nacimiento|date_naissance",
        keys.BIRTH,
        _is_date,
    ),
    _rule(r"e_?mails?(?:_?addr(?:ess)?)?|mail(?:_address)?|courriel|correo", keys.EMAIL, lambda text: "@" in text),
    _rule(r"fax(?:_?(?:number|no|nr))?", keys.FAX, _is_phone),
    _rule(
        r"(?:tele)?phones?(?:_?(?:number|no|nr))?|tel|mobile(?:_?(?:number|phone))?|cell(?:_?phone)?|msisdn|handy|telefono?"
        r"|whatsapp|sms_number",
        keys.PHONE,
        _is_phone,
    ),
    _rule(
        r"(?:ip|remote|client|peer)_?addr(?:ess)?|ip|x_forwarded_for|x_real_ip|forwarded",
        keys.IP_ADDRESS,
        lambda text: any(map(str.isdigit, text)) and ("." in text or ":" in text),
    ),
    _rule(r"first_?names?|given_?names?|fore_?name|fname|vorname|prenom|nombre", keys.FIRST_NAME, is_name),
    _rule(r"last_?names?|family_?name|sur_?name|lname|nachname|apellidos?|nom_de_famille", keys.LAST_NAME, is_name),
    _rule(
        r"(?:full|real|legal|display|middle|maiden|birth|customer|user|client|patient|contact|person|recipient|sender"
        r"|card_?holder|account_?holder|employee|guest|author|student|member|passenger|driver|nick)_?name|card_?holder"
        r"|account_?holder|fullname",
        keys.NAME,
        is_name,
    ),
    _rule(
        r"user_?names?|login(?:_?name)?|user_?login|handle|screen_name|nick_?name|account_name",
        keys.USERNAME,
        lambda text: len(text) >= 2 and "\n" not in text,
    ),
    _rule(r"postal_?code|post_?code|zip(?:_?code)?|plz|code_postal|cep", keys.POSTAL_CODE, _is_postal_code),
    _rule(
        r"street(?:_?(?:address|name|line|no|number|1|2))?|addr(?:ess)?_?(?:line)?_?[123]|strasse|rue|calle|house_number",
        keys.STREET,
    ),
    _rule(r"city|town|locality|ort|ville|ciudad|suburb", keys.CITY, is_name),
    _rule(
        r"(?:postal|home|mailing|shipping|billing|delivery|street|residential)_?address|address|anschrift|adresse|domicilio",
        keys.ADDRESS,
        lambda text: len(text) >= 5 and "@" not in text and "://" not in text,
    ),
    _rule(r"(?:address_)?(?:state|province|region)_?(?:code)?|bundesland", keys.STATE, is_name),
    _rule(r"country(?:_?(?:code|name))?|land|pays", keys.COUNTRY, is_name),
    _rule(r"gender|sex|geschlecht|sexe|pronouns?", keys.GENDER, _has_letters),
    _rule(r"age", keys.AGE, _is_number),
    _rule(r"marital_status|civil_status|familienstand", keys.MARITAL_STATUS, _has_letters),
    _rule(r"ethnicity|race|ethnic_(?:group|origin)", keys.ETHNICITY, _has_letters),
    _rule(r"religion|religious_(?:belief|affiliation)|konfession", keys.RELIGION, _has_letters),
    _rule(r"political_(?:party|opinion|affiliation|view)s?", keys.POLITICS, _has_letters),
    _rule(r"sexual_(?:orientation|preference)|orientation_sexuelle", keys.ORIENTATION, _has_letters),
    _rule(r"nationality|citizenship|immigration_status|visa_status", keys.CITIZENSHIP, _has_letters),
    _rule(r"(?:trade_)?union_member(?:ship)?", keys.UNION),
    _rule(r"diagnos[ie]s|icd_?(?:10|11)?_?code|symptoms?", keys.DIAGNOSIS, _has_letters),
    _rule(r"medications?|prescriptions?", keys.MEDICATION, _has_letters),
    _rule(
        r"(?:health_)?insurance_(?:number|no|id|nr)|krankenversichertennummer|nhs_number|medicare_number",
        keys.INSURANCE_ID,
        _is_document,
    ),
    _rule(
        r"blood_?(?:type|group)|allerg(?:y|ies)|disabilit(?:y|ies)|medical_(?:history|condition|notes?)|health_?\w*",
        keys.HEALTH,
        _has_letters,
    ),
    _rule(r"dna|genome|genetic\w*", keys.GENETIC, _has_letters),
    _rule(r"finger_?print|face_?id|voice_?print|biometric\w*", keys.BIOMETRICS, _is_token),
    _rule(r"lat(?:itude)?|lon(?:gitude)?|lng|geo(?:_?location)?|coordinates?|gps", keys.LOCATION, _is_coordinate),
    _rule(r"job_?title|occupation|profession|beruf", keys.JOB_TITLE, _has_letters),
    _rule(r"company(?:_?name)?|organi[sz]ation(?:_?name)?|employer|workplace|firma", keys.WORKPLACE, _has_letters),
    _rule(
        r"device_?(?:id|uuid|identifier)|imei|idfa|aaid|gaid|android_id|advertising_id|mac_?addr(?:ess)?|udid",
        keys.DEVICE_ID,
        _is_token,
    ),
    _rule(r"user_agent", keys.DEVICE),
    _rule(r"ga|gid|fbp|fbc|visitor_?id|tracking_id|client_id|cookie_id|anonymous_id", keys.COOKIE_ID, _is_token),
    _rule(
        r"(?:user|customer|member|patient|employee|account|person|subject|contact|profile|client)_?(?:id|uuid|guid|number|no)"
        r"|uid",
        keys.UNIQUE_ID,
    ),
    _rule(
        r"linkedin|twitter|facebook|instagram|mastodon|github|social_?(?:url|profile|link)",
        keys.SOCIAL_URL,
        lambda text: len(text) >= 4,
    ),
)
"""The most telling first: of several that a name meets, the first that the value meets too decides."""
