"""Words that say nothing about where they came from: what forms offer, applications write and code holds."""

from __future__ import annotations

COMMON_WORDS = frozenset(
    """
    true false yes no on off null none nil undefined nan ok okay y n t f x na n/a unknown other any all both
    a an and are as at be but by can do for from get has have how i if in into is it its me my new not now of
    off on one or our out set so than that the their them then there these they this those to too up us use was
    we were what when where which who why will with you your two three four five six seven eight nine ten zero
    active inactive enabled disabled pending open closed done draft published archived deleted created updated
    success failed failure error warning info debug trace started completed cancelled canceled processing paid
    unpaid shipped delivered returned refunded approved rejected accepted declined confirmed verified expired
    default standard basic premium free pro plus business enterprise normal custom simple advanced full partial
    low medium high small large big xs sm md lg xl xxl left right top bottom center middle start end first last
    next previous prev back forward up down asc desc admin administrator user users guest member customer client
    staff owner manager moderator editor viewer root system test tests testing demo example sample foo bar baz
    name email e-mail mail phone telephone mobile fax address street city town state province region country zip
    postcode postal code company organization title subject message comment comments note notes description text
    body content data value values item items product products order orders invoice payment price total amount
    quantity qty number count id key token type status category tag tags group role level date time day month
    year week hour minute second today tomorrow yesterday home work office personal private public internal
    external main primary secondary shipping billing delivery account profile login logout signup register
    registration subscribe unsubscribe newsletter contact support help about welcome hello hi hey dear thanks
    thank please regards best sincerely kind good morning evening sir madam mr mrs ms miss dr prof team service
    shop store web website site page app application api http https www com org net html json xml text/html
    application/json text/plain image/png image/jpeg utf-8 utf8 get post put patch delete head options send sent
    submit save cancel edit remove add create update search find view show hide list select choose upload
    download file image photo video document male female m w man woman diverse single married divorced widowed
    german english french spanish italian dutch portuguese russian chinese japanese korean arabic hindi polish
    turkish swedish germany france spain italy england britain ireland scotland austria switzerland netherlands
    belgium poland portugal sweden norway denmark finland russia ukraine turkey greece india china japan korea
    brazil mexico canada australia usa uk america europe africa asia berlin london paris madrid rome vienna
    amsterdam dublin moscow tokyo york angeles francisco chicago toronto sydney california texas washington
    en de fr es it nl pt ru zh ja ko ar pl tr sv da fi nb cs el he hu us gb at ch be se dk ie au ca br mx jp cn
    en-us en-gb de-de fr-fr es-es pt-br eur usd gbp chf jpy cny euro euros dollar dollars utc gmt cet pst est
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march
    april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec red green blue yellow orange black white grey gray pink purple brown light dark auto none card cash
    credit debit visa mastercard paypal bank transfer gmail.com googlemail.com yahoo.com hotmail.com outlook.com
    icloud.com aol.com web.de gmx.de gmx.net protonmail.com live.com msn.com mail.ru me.com localhost example
    mozilla chrome firefox safari edge android iphone windows linux macos ios desktop tablet python java
    javascript hours days weeks months years minutes seconds always never sometimes often daily weekly monthly
    yearly once more less many few some most only also very just like love great nice bad old young long short
    """.split()  # noqa: SIM905
)
