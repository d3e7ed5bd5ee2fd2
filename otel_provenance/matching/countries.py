"""Country codes of phone numbers (ITU-T E.164) by the countries that requests tell."""

from __future__ import annotations

from collections.abc import Iterable

from otel_provenance.matching.names import names_of_path
from otel_provenance.tags import Tag

_CODES = """
1 us usa ca can united_states united_states_of_america canada; 7 ru rus kz kaz russia россия kazakhstan;
20 eg egy egypt; 27 za zaf south_africa; 30 gr grc greece; 31 nl nld netherlands nederland;
32 be bel belgium belgique belgië; 33 fr fra france; 34 es esp spain españa; 36 hu hun hungary magyarország;
39 it ita italy italia; 40 ro rou romania românia; 41 ch che switzerland schweiz suisse svizzera;
43 at aut austria österreich; 44 gb gbr uk united_kingdom great_britain england; 45 dk dnk denmark danmark;
46 se swe sweden sverige; 47 no nor norway norge; 48 pl pol poland polska; 49 de deu germany deutschland;
51 pe per peru perú; 52 mx mex mexico méxico; 54 ar arg argentina; 55 br bra brazil brasil; 56 cl chl chile;
57 co col colombia; 60 my mys malaysia; 61 au aus australia; 62 id idn indonesia; 63 ph phl philippines;
64 nz nzl new_zealand; 65 sg sgp singapore; 66 th tha thailand; 81 jp jpn japan 日本; 82 kr kor south_korea 대한민국;
84 vn vnm vietnam; 86 cn chn china 中国; 90 tr tur turkey türkiye turkiye; 91 in ind india; 92 pk pak pakistan;
98 ir irn iran; 212 ma mar morocco maroc; 213 dz dza algeria; 216 tn tun tunisia; 234 ng nga nigeria;
254 ke ken kenya; 351 pt prt portugal; 352 lu lux luxembourg; 353 ie irl ireland; 354 is isl iceland;
358 fi fin finland suomi; 359 bg bgr bulgaria; 370 lt ltu lithuania; 371 lv lva latvia; 372 ee est estonia;
380 ua ukr ukraine україна; 381 rs srb serbia; 385 hr hrv croatia hrvatska; 386 si svn slovenia;
420 cz cze czechia czech_republic česko; 421 sk svk slovakia slovensko; 852 hk hkg hong_kong; 886 tw twn taiwan;
966 sa sau saudi_arabia; 971 ae are united_arab_emirates; 972 il isr israel
"""
CODES = {country.replace("_", " "): line.split()[0] for line in _CODES.split(";") for country in line.split()[1:]}
"""Normal form of a country's name, or of its code in ISO 3166-1 → country code of its phone numbers."""


def calling_codes(tags: Iterable[Tag]) -> frozenset[str]:
    """Of the countries that fields named so hold; empty if there is none, or one that is not known."""
    found = {CODES.get(tag.normal) for tag in tags if any("country" in words for words in names_of_path(tag.field))}
    return frozenset() if None in found else frozenset(code for code in found if code)
