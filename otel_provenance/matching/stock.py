"""How much a run of running text says: what everybody writes to everybody (courtesies, function words) says nothing."""

from __future__ import annotations

import re

from otel_provenance.matching.common import COMMON_WORDS

STOCK_WORDS = COMMON_WORDS | frozenset(
    """
    able about additional advance again already answer anything appreciate appreciated asap ask assistance attached
    attention because been before being below better bother call called cannot case come could days did didn doesn
    don each early earliest else enjoy even every everything feel find following forward free further give given
    glad go going got grateful had happy hear hearing here hesitate hope hoping however inconvenience inform
    information issue keep know later let like ll look looking made make makes many matter may might much must need
    needed needs nothing opportunity otherwise over people possible possibly problem prompt provide question
    questions re reach read reply request require respond response return right said same see seem should since
    sincerely so something soon sorry still such sure take taking talk tell things think thought through time times
    together too took truly try trying under understand until ve very want wanted wants was way were whether while
    wish wishes within without wonder wondering would write writing yours

    ab aber alle allem alles als also am an anbei anfrage anliegen anrufen antwort auch auf aus bald baldige
    baldmöglichst bedanke bedanken bei beim beste besten bin bis bitte bitten da dafür damen damit danke dank dass
    davon dazu dem den denn der des die dies diese diesem diesen dieser doch durch ein eine einem einen einer eines
    er erhalten es etwas frage fragen freue freuen freundliche freundlichen frohe für ganz gar geehrte geehrter
    geht gern gerne gibt grüße grüßen gruß grüsse grüssen gut gute guten habe haben hallo hat hatte herr herren
    herzliche herzlichen hier hilfe hoffe ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer ist jetzt kann kein
    keine können könnten leider lg liebe lieben lieber machen mal man mehr mein meine meinem meinen meiner melden
    mfg mich mir mit möchte möchten möglich müssen nach nicht noch nun nur oder ohne rückmeldung rückruf rufen
    schnell schon schöne schönen sehr sein seine seit sich sie sind so sobald um und uns unser unsere unter viel
    viele vielen vom von vor voraus war wäre wenn werden wie wieder wir wird wünsche würde würden zu zum zur zurück
    zurückrufen über

    adresse afin agréer ai ainsi alors as aurais aussi autre aux avance avec avez avoir avons beaucoup besoin bien
    bonjour bonne bonsoir ça car ce cela celle celui ces cet cette chaque cher chère comme comment contacter
    cordialement cordiales dans de depuis dernier des dès deux devant distinguées dois doit donc du elle en encore
    entre espère est et étais était été être expression fait faire faut fois hâte ici il ils jamais je jour journée
    la le les leur lors lui ma madame mais me meilleures meilleurs même merci mes messieurs mieux moi moins mon
    monsieur ne nos notre nous nouveau on ont ou où par pas pendant peu peut peux plaît plus possible pour pouvez
    pourriez prie prier puis qu quand que quel quelle qui rappeler recevoir remercie réponse retour rien sa
    salutations sans se sentiments ses si soit son sont suis sur te toujours tous tout toute toutes très trop un
    une va vais veuillez voici vos votre voudrais vous

    a adelante ahora al algo alguna alguno antemano antes aquí así atención atentamente aún ayuda buena buenas
    bueno buenos cada como con contacto cordial cordiales cuando cuanto da de del desde día días donde dos el ella
    ellos en entonces era es esa ese eso espera esperando espero esta está están estar este esto estoy favor fue
    gracias gustaría ha hace hacer han hasta hay hola la las le les llamar llamarme lo los más me mi mis mucha
    muchas mucho muy nada necesito ni no noches nos nosotros nuestra nuestro o otra otro para pero poco podría
    podrían por porque posible puede pueden puedo pues que qué quedo quería quiero respuesta saludo saludos se sea
    señor señora señores ser si sí sido siempre sin sobre solo sólo son soy su sus también tan tanto tardes te
    tengo tiene tienen todo todos tu un una uno usted ustedes y ya yo

    abbiamo ai al alla alle altro anche ancora anticipo attesa avere bene buona buonasera buongiorno chi ci ciao
    come cordiali cosa così cui dal dalla dei del della delle devo di distinti dopo dove e è egregio essere fare
    fatto favore fino già gentile gli grazie ha hanno ho i il in io la le lei lo loro ma mi mia mie miei mille mio
    molte molto nei nel nella nessun niente noi non nostra nostro ogni ora per perché più poi porgo possibile posso
    potete potrebbe prima può qualche quando quanto quello questa questo qui resto ringrazio risposta salutare
    saluti saluto sarebbe se sempre senza si sia signor signora signore sig solo sono sta stato su sua sul sulla
    suo te tra tutti tutto un una vi voi vorrei vostra vostro

    agradeço aguardo ainda antecipadamente aos até atenciosamente bom boa caro cara com contato cumprimentos dar
    das de desde dia do dos e ela ele eles em era essa esse esta está estou eu fazer foi isso já lhe mais mas me
    melhor melhores mesmo meu meus minha muito não nas no nos nossa nosso num o obrigada obrigado olá os ou para
    pela pelo poderia por possível posso pra prezado prezada que quero resposta retorno são se sem senhor senhora
    ser será seu seus só sua tarde tem tenho ter todos tudo um uma você vocês aan alstublieft alvast als antwoord
    bedankt beste bij dan dank dat deze die dit een en er geachte graag groet groeten haar heb hebben heeft het
    hier hij ik in is jij kan kunnen kunt maar meer met mevrouw mij mijn mogelijk naar niet nog nu of om onze ook
    op over reactie terug tot u uit uw van veel vriendelijke voor wat we wel zijn zo zou zodra bardzo będzie być
    czy dla dobry dzień dziękuję dziękuje i jak jest kontakt lub mam mi na nie od odpowiedź oraz pan pana pani po
    pozdrawiam pozdrowienia proszę przed przez się szanowna szanowni szanowny tak to w wieczór witam z za ze że
    góry без благодарю бы был была было быть в вам вас ваш ваши вашу вы да для добрый доброе день до его если еще
    здравствуйте и из или их к как мне меня могу можно мой моя мы на наш не нет но ну о об ответ ответа от очень по
    пожалуйста при заранее с свами свяжитесь со спасибо так также то только у уважаемые уважаемый уважением уже
    хорошо что чтобы это я ama bana ben bir bu çok da daha eder ederim eğer gibi günler güzel için ile iyi kadar ki
    kolay lütfen merhaba ne olarak sayın saygılar saygılarımla selamlar size sizin şimdiden şu teşekkür teşekkürler
    var ve veya ya yok
    """.split()  # noqa: SIM905
)
"""Words of letters that are in most of them, in the languages of the months in ``dates.py``, Russian and Turkish."""

_STOCK_PHRASES = re.compile(
    "(?:どうぞ|何卒|今後とも)?(?:よろしく|宜しく)お(?:願い|ねがい)(?:いた|致)?し?(?:ます|申し上げます)?|"
    "(?:いつも|大変)?お世話になって(?:おります|います)|(?:どうも)?(?:ありがとう|有難う)ござい(?:ます|ました)|"
    "ご(?:確認|連絡|返信|返事|検討|対応|回答|協力|了承)(?:の程|のほど|を)?|お(?:待ち|まち)して(?:おります|います)|"
    "お(?:手数|忙しい)(?:をおかけ|ところ)?|(?:申し訳|申しわけ)(?:ありません|ございません)|"
    "(?:致|いた)し(?:ます|ました)|ください|下さい|です|ます|でした|ました|"
    "(?:非常|十分|多|提前|先)?(?:感谢|感謝|谢谢|謝謝)(?:您|你)?(?:的)?(?:帮助|幫助|支持|配合)?|(?:您|你)好|"
    "(?:请|請)(?:尽快|盡快)?(?:与|跟|和)?(?:我|我们|我們)?(?:联系|聯繫|聯絡|回复|回覆|回电)?|(?:麻烦|麻煩)(?:您|你)?|"
    "(?:期待|等待)(?:您|你)?的(?:回复|回覆|答复)|此致|敬礼|敬禮|"
    "감사(?:합니다|드립니다)|안녕하(?:세요|십니까)|부탁(?:합니다|드립니다)|"
    "(?:답변|연락)(?:을)? ?(?:기다리겠습니다|주세요)"
)
_WORD = re.compile(r"[^\W_]+")
_KANA = re.compile("[\u3040-\u30ff]")

WORD, LETTER, DIGIT = 6.5, 1.65, 2.4
"""Bits of a telling word at most, so that two of them are as likely as not an accident; of a letter, of a digit."""
STOCK, MOST_OF_STOCK = 0.5, 4.0
"""Bits of another word, and of all of them at most."""
IDEOGRAPH, KANA, MOST = 3.0, 1.0, 60.0


def is_ideographic(text: str) -> bool:
    """Whether a text is written without words that spaces tell apart, or in syllables, each a character."""
    head = text[:24]
    return not head.isascii() and 2 * sum(["\u2e80" <= c <= "\ud7ff" for c in head]) >= len(head)


def telling_bits(run: str) -> float:
    """Bits of a run of a normal text, 0 to 60: of its words and ideographs, but for those in everybody's letters."""
    if not run.isascii() and is_ideographic(run):
        told = "".join(_WORD.findall(_STOCK_PHRASES.sub(" ", run)))
        kana = len(_KANA.findall(told))
        return min(MOST, IDEOGRAPH * (len(told) - kana) + KANA * kana)
    bits = stock = 0.0
    for word in _WORD.findall(run):
        if word in STOCK_WORDS:
            stock += STOCK
        else:
            bits += min(WORD, len(word) * (DIGIT if word.isdigit() else LETTER))
            if bits >= MOST:
                return MOST
    return min(MOST, bits + min(stock, MOST_OF_STOCK))
