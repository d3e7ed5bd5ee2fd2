"""Words that say nothing about where they came from: what forms offer, applications write and code holds."""

from __future__ import annotations

MAIL_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com yahoo.com ymail.com rocketmail.com hotmail.com outlook.com icloud.com me.com mac.com
    aol.com live.com msn.com mail.com email.com proton.me protonmail.com pm.me fastmail.com zoho.com hey.com
    tuta.com tutanota.com hushmail.com inbox.com web.de gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.fr t-online.de
    freenet.de arcor.de posteo.de mailbox.org online.de 1und1.de vodafone.de outlook.de hotmail.de live.de yahoo.de
    aol.de bluewin.ch hispeed.ch aon.at chello.at orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr
    numericable.fr hotmail.fr live.fr outlook.fr yahoo.fr aol.fr libero.it virgilio.it alice.it tiscali.it tin.it
    hotmail.it yahoo.it live.it outlook.it telefonica.net terra.es hotmail.es yahoo.es outlook.es live.com.mx
    hotmail.com.mx yahoo.com.mx prodigy.net.mx uol.com.br bol.com.br terra.com.br ig.com.br hotmail.com.br
    yahoo.com.br outlook.com.br globo.com sapo.pt mail.ru yandex.ru ya.ru yandex.com rambler.ru bk.ru list.ru
    inbox.ru ukr.net i.ua seznam.cz centrum.cz email.cz wp.pl onet.pl o2.pl interia.pl op.pl gazeta.pl tlen.pl
    vp.pl poczta.fm hotmail.co.uk yahoo.co.uk live.co.uk outlook.co.uk btinternet.com sky.com talktalk.net
    virginmedia.com ntlworld.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
    earthlink.net optonline.net juno.com rogers.com shaw.ca bell.net telus.net sympatico.ca bigpond.com
    optusnet.com.au xtra.co.nz rediffmail.com yahoo.co.in yahoo.in hotmail.nl live.nl ziggo.nl kpnmail.nl planet.nl
    xs4all.nl home.nl telenet.be skynet.be proximus.be telia.com telia.se hotmail.se live.se yahoo.se hotmail.no
    online.no live.no live.dk hotmail.dk mail.dk tdc.dk hotmail.fi luukku.com qq.com 163.com 126.com sina.com
    sina.cn sohu.com foxmail.com yeah.net aliyun.com 139.com naver.com hanmail.net daum.net nate.com yahoo.co.jp
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp au.com nifty.com hotmail.com.tr yahoo.com.tr
    outlook.com.tr mynet.com windowslive.com abv.bg walla.co.il
    """.split()  # noqa: SIM905
)
"""Domains of addresses of everybody."""

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

NAMES_OR_WORDS = frozenset(
    """
    abbey abbot abbott alabama alaska albania algeria amber andorra angel angola apple april archer argentina
    arizona arkansas armenia ash aspen aurora austin azerbaijan bacon bahamas bahrain bailey baker ball banbury
    bangladesh banks bar barbados barber barn baron basil bass bath battle bay beach bean bear beau beck bell bella
    belle berry best bird bishop black blanc blanca blanco blessing bliss bloom blue bolivia bond bonn booth border
    boston botswana bowman boxer boy brand brave bravo bridge bright brook brooke brooklyn brooks brown brunei buck
    buckle bulgaria bull burma burn burns burrow bush butcher butler cambodia camden cameroon candy cane cannon
    carat card cardinal carol carpenter carter cash castle celeste celia chad chain chambers chance chandler chapel
    charity charm chase cherry chester chile church claire clara clark clay clever cliff clover cobb cole colombia
    colorado congo connecticut constance constant cook coop cooper coral cork corn corona costa country cove cox
    craft cramer crane creed crew croatia cross crow crown cruise cruz crystal cuba curry cyprus daisy dale dallas
    dawn day dean deal delaware delta denim denver derby destiny diamond divine dolores door dove drake dream drew
    duke dusty eagle earl early east eaton ebony ecuador eden egypt elder emerald engel engineer english esperanza
    essen estonia eternity ethiopia european evans eve ever faith falcon fall farmer fay felicity fern field fields
    fiji finn fisher flame fleet fletcher flint flora flores florence florida flower flowers foot forbes ford
    foreman forest forge forrest fortune foster fox frank franklin free freedom freeman french friend frost gale
    gambia garden gardener gardner garland garnet gates gay gem general genesis genoa georgia gift gill ginger
    glass glen glory glover gold golden good grace graham grand grant gray green grenada grey griffin gross ground
    groves guard guatemala guerra guinea guy guyana haiti hale hall halo hamburg hammer hand hands harbor hardy
    hare harmony harper hart haven hawaii hawk hay hazel head heart heath heather heaven henna herb hero hill hills
    hiller holiday hollow holly holmes homer honduras honey hood hook hope horn horse house howard humble hummer
    hunt hunter hurt hyde iceland idaho illinois indiana indonesia indian iowa iran iraq iris irish iron island
    israel ivory ivy jack jade jamaica jasmine jasper jay jean jersey jet jewel job jolly jordan journey joy judge
    julep jumper june jury just justice kansas karma kaiser kazakhstan keen kent kentucky kenya kerry key kind king
    kings kitty klein knight koch koenig kong korea korean kosovo kuwait kurz lake lamb lance land lane lang lange
    laos lark latvia laurel law lawn lea leaf lebanon lee legend lens leon lesotho levy liberia liberty libya light
    lilac lily lima lincoln linden lion lisbon little livia liverpool lock lodge london long lord louisiana love
    lovely lowe loyal luck lucky luna luxembourg luz lyric lyon macau madagascar madison maine major malawi
    malaysia maldives mali malta man manner manor maple marble march marco marina mariner mark marks marlin marsh
    marshall martini mary maryland mason massachusetts master mat math matt mauritius max may mayor mead meadow
    medina melody memphis mercy mercedes merit merry metz michigan mid mile miles mill miller millet mills mint
    minnesota mississippi missouri mobile moldova monaco mongolia montana monte montenegro moody moon moore moral
    moreno morning morocco moss motion mountain mozambique myanmar myrtle namibia nation nebraska nepal nevada new
    nicaragua nice nick nickel niger nigeria night noble noel nord norm normal north nova novel oak oakley ocean
    octavia odd ohio oklahoma olive olympia oman opal orange orchid oregon oslo otter owen owl oxford pace pacific
    page paige paint painter pakistan palm palma palmer panama pansy panther paradise paraguay park parker parks
    parma parsons pat patch patience patton paul paz peace peach peacock pearl penn pennsylvania penny pepper percy
    peru petal petit philippines phoenix pierce piper pitt plain plato plum poe pole polish pollen pond pool poole
    poor pope poppy porsche port porter posh post potter potts powder powell power powers precious price pride
    priest prince princess princeton prior promise proud prudence puma pure queen quick quill quinn radish rain
    rainbow ramp ramsey range ranger raven ray reading rebel reed regent reid reign rein remington reno rex reyes
    rhodes rice rich richmond ridge ridley ring rio rite river rivers roach road rob robin robins rock rocky rod
    roman romania romeo roof rook root rory rosa rose rosemary ross rough round row rowan royal royce ruby rudd rue
    rush russell russian rusty ruth rwanda sable sad saffron sage sailor saint sally salt salvador samara sand
    sandals sanders sandy santa santiago santos sapphire savage savannah saxon schneider scholar sea seal season
    sedan selma senegal senior serbia serene serenity sergeant seth sexton shade shannon sharp shaw shell shelter
    shepherd sheriff shields shore short siam siena sienna sierra silva silver simple singapore singer sioux skill
    skinner skipper sky skye slate slater slovakia slovenia small smart smith snow sol solomon somalia sommer song
    south spa spanish spark sparks spear spears speed spencer spice spring springer springs sprout square stack
    stable stage star stark starling stein sterling steward stewart stock stocks stone stones storm story strange
    street stringer strong sudan sugar summer summers sun sunday sunny sunshine surrey sutton swan swaziland sweet
    sweeney swift swiss sydney syria table tailor taiwan tanner tanzania tate taylor teak teal temple tennessee
    terra texan thai thailand thatcher thistle thorn thyme tibet tiger timber time timor toby togo tom tomb tommy
    tower towers town townsend travel travis tree trent trier trinity trinidad trip tripoli troy true truman trust
    tucker tudor tulip tunisia turkish turner tuscany tyre uganda ukraine umber unique unity uruguay utah valencia
    vale valentine valley valor vance venice venezuela venus vera vermont verona verse victor victoria vietnam
    viking vince vine viola violet virginia vista vogel wade wales walker wall waller walls walsh ward wards warm
    warner warren wash watch water waters watt watts way weaver webb weber webster weeks weir welch well wells
    welsh west weston wheat wheel wheeler whisper whistler white wick wild wilder will willow wills win winchester
    wind window wine wing winner winter winters wire wisconsin wise wolf wolfe wonder wood woods woodward woody
    worth wren wright wyoming yates yemen yield york yorkshire young zambia zen zimbabwe zion
    """.split()  # noqa: SIM905
)
"""First and family names and cities that are words, months or countries too: in a text, they may be these."""
