"""Countries: people, where they live and are called, and what they write. All of it is made up."""

from __future__ import annotations

from typing import NamedTuple


class Locale(NamedTuple):
    """What the people of one country have in common."""

    country: str
    country_name: str
    calling_code: str
    trunk_prefix: str
    family_first: bool
    mail_domains: list[str]
    companies: list[str]
    notes: tuple[str, str]
    people: str
    """A line for each: given name|family name|mail name|street|postal code|city|national number."""


LOCALES = {
    "de": Locale(
        "DE",
        "Deutschland",
        "49",
        "0",
        False,
        ["web.de", "gmx.net", "schaefer-kg.example", "t-online.de"],
        ["Bäckerei Öttinger GmbH", "Weißbräu & Söhne KG", "Kühne Logistik AG"],
        (
            "Bitte stellen Sie das Paket beim Nachbarn im dritten Stock ab, falls niemand öffnet, und rufen Sie "
            "vorher kurz an, weil die Klingel seit dem Umbau leider nicht mehr richtig funktioniert und der Hund "
            "sonst sehr laut bellt.",
            "Die gelieferte Lampe flackert nach wenigen Minuten und wird so heiß, dass ich sie nicht mehr im "
            "Kinderzimmer benutzen möchte; daher hätte ich gern mein Geld zurück oder wenigstens einen "
            "funktionierenden Ersatz.",
        ),
        """
        Jürgen|Müller-Lüdenscheidt|juergen.mueller-luedenscheidt|Königsallee 27a|40212|Düsseldorf|15123456789
        Käthe|Groß|kaethe.gross|Straße des 17. Juni 135|10623|Berlin|17698765432
        Sören|Weiß|soeren.weiss|Große Bleichen 12|20354|Hamburg|3022718264
        Annegret|von der Heide|annegret.vonderheide|Am Hühnerposten 1b|55116|Mainz|8912377451
        Heinz-Peter|Schäfer|heinz-peter.schaefer|Schlüterstr. 44|80331|München|16047119922
        Ulrike|Köhler|ulrike.koehler|Landwehrkanalufer 9|04109|Leipzig|22193845511
        """,
    ),
    "fr": Locale(
        "FR",
        "France",
        "33",
        "0",
        False,
        ["orange.fr", "laposte.net", "free.fr", "sfr.fr"],
        ["Boulangerie de l'Opéra SARL", "Société Générale d'Étude", "Éditions du Chêne"],
        (
            "Merci de laisser le colis chez la gardienne de l'immeuble si je suis absent, car mon voisin du dessous "
            "a déjà perdu deux livraisons cette année et je préfère éviter un nouveau malentendu avec le service "
            "client.",
            "La lampe livrée hier clignote au bout de quelques minutes et chauffe tellement que je n'ose plus "
            "l'allumer dans la chambre des enfants, je souhaite donc un remboursement complet ou au moins un échange "
            "rapide.",
        ),
        """
        Zoé|d'Arc-Lefèvre|zoe.darc-lefevre|12 bis, rue de l'Église|75004|Paris|612345678
        François|L'Hôpital|francois.lhopital|5 quai d'Orléans|69003|Lyon|798765432
        Anaïs|Gauthier|anais.gauthier|118 avenue du Général-Leclerc|31000|Toulouse|145678912
        Jean-Noël|Bélanger|jean-noel.belanger|3 allée des Châtaigniers|29200|Brest|663318821
        Maëlle|Le Goff|maelle.legoff|77 boulevard Saint-Michel|06000|Nice|755220917
        Gaël|Désiré|gael.desire|9 impasse des Œillets|13001|Marseille|384216670
        """,
    ),
    "pl": Locale(
        "PL",
        "Polska",
        "48",
        "",
        False,
        ["wp.pl", "onet.pl", "o2.pl", "interia.pl"],
        ["Zakład Usługowy Łabędź", "Piekarnia Świeży Chleb s.c.", "Hurtownia Żubr"],
        (
            "Proszę zostawić paczkę u sąsiadki spod piątki, gdyby nikogo nie było w domu, ponieważ dzwonek przy "
            "furtce od tygodnia nie działa, a kurier ostatnim razem odjechał bez słowa i musiałam jechać do magazynu.",
            "Dostarczona lampa zaczyna migać po kilku minutach i tak się nagrzewa, że boję się używać jej w pokoju "
            "dzieci, dlatego chciałabym dostać zwrot pieniędzy albo przynajmniej sprawny egzemplarz na wymianę.",
        ),
        """
        Łukasz|Wiśniewski|lukasz.wisniewski|ul. Świętokrzyska 31/33a m. 5|00-049|Warszawa|512345678
        Małgorzata|Źdźbło|malgorzata.zdzblo|al. Jerozolimskie 142B|02-305|Kraków|601987654
        Żaneta|Kowalczyk-Nowak|zaneta.kowalczyk-nowak|ul. Łąkowa 7|90-562|Łódź|223456712
        Stanisław|Grzęda|stanislaw.grzeda|os. Złotej Jesieni 15|31-827|Poznań|698112233
        Zofia|Jabłońska|zofia.jablonska|ul. Żwirki i Wigury 1|50-071|Wrocław|533901876
        Mścisław|Wróbel|mscislaw.wrobel|pl. Wolności 8/2|80-309|Gdańsk|780450321
        """,
    ),
    "ja": Locale(
        "JP",
        "日本",
        "81",
        "0",
        True,
        ["docomo.ne.jp", "ezweb.ne.jp", "softbank.jp", "nifty.com"],
        ["株式会社山田製作所", "有限会社さくら商店", "合同会社未来工房"],
        (
            "不在の場合は宅配ボックスに入れてください。前回の配達では箱が濡れてしまい、中の絵本が傷んでいたので、今回"
            "は雨に当たらない場所へ置いていただけると助かります。よろしくお願いいたします。",
            "届いたランプは数分で点滅し始め、とても熱くなるので子供部屋では使えません。返金または正常な商品との交換を"
            "希望しますので、手続きの方法を教えてください。",
        ),
        """
        太郎|山田|taro.yamada|東京都千代田区丸の内1-9-1|100-0005|千代田区|9012345678
        花子|佐々木|hanako.sasaki|大阪市北区梅田3丁目1番3号|530-0001|大阪市|8098765432
        健太郎|小野寺|kentaro.onodera|横浜市西区みなとみらい2-2-1|220-0012|横浜市|7033124498
        美咲|長谷川|misaki.hasegawa|名古屋市中村区名駅1-1-4|450-0002|名古屋市|352413411
        翔太|五十嵐|shota.igarashi|札幌市中央区北5条西2丁目|060-0005|札幌市|9077120034
        さくら|渡邉|sakura.watanabe|福岡市博多区博多駅中央街1-1|812-0012|福岡市|665551234
        """,
    ),
    "zh": Locale(
        "CN",
        "中国",
        "86",
        "",
        True,
        ["qq.com", "163.com", "126.com", "sina.cn"],
        ["北京华宇科技有限公司", "上海明珠贸易公司", "广州白云电子厂"],
        (
            "如果家里没有人,请把包裹放在小区门口的快递柜里,上次快递员把东西直接放在走廊,结果被邻居家的小狗咬坏了,所以"
            "这次希望可以提前打电话联系我,谢谢。",
            "收到的台灯打开几分钟以后就开始闪烁,而且温度非常高,我不敢放在孩子的房间里继续使用,所以想申请退款或者更换"
            "一个正常的产品。",
        ),
        """
        伟明|欧阳|weiming.ouyang|北京市朝阳区建国路88号|100022|北京|13812345678
        晓红|李|xiaohong.li|上海市浦东新区世纪大道100号|200120|上海|15998765432
        建国|王|jianguo.wang|广州市天河区体育西路191号|510620|广州|18610293847
        丽娟|张|lijuan.zhang|深圳市南山区科技园南路15号|518057|深圳|17733445566
        志强|司马|zhiqiang.sima|成都市武侯区人民南路四段27号|610041|成都|13501928374
        雨桐|赵|yutong.zhao|杭州市西湖区文三路478号|310012|杭州|18877665544
        """,
    ),
    "ar": Locale(
        "SA",
        "السعودية",
        "966",
        "0",
        False,
        ["hotmail.com", "outlook.sa", "yahoo.com", "mobily.com.sa"],
        ["شركة النخيل للتجارة", "مؤسسة الأمل", "مصنع الخليج"],
        (
            "يرجى ترك الطرد عند حارس العمارة إذا لم يكن أحد في المنزل، لأن الجرس لا يعمل منذ الأسبوع الماضي، وقد "
            "ضاعت الشحنة السابقة عندما تركها السائق أمام الباب دون أن يتصل بنا أولا.",
            "المصباح الذي وصلني يومض بعد دقائق قليلة ويسخن كثيرا حتى أنني لا أجرؤ على استعماله في غرفة الأطفال، لذلك "
            "أرغب في استرداد كامل المبلغ أو استبداله بآخر سليم.",
        ),
        """
        محمد|العبدالله|mohammed.alabdullah|شارع الملك فهد 245|11564|الرياض|501234567
        فاطمة|الزهراني|fatima.alzahrani|طريق الأمير سلطان 17|21442|جدة|559876543
        يوسف|بن خالد|yousef.binkhalid|حي النزهة 33|31411|الدمام|112345678
        نورة|القحطاني|noura.alqahtani|شارع التحلية 8|24231|مكة|533812290
        عمر|الحسيني|omar.alhusseini|شارع العليا 91|42311|المدينة|546677881
        ليلى|منصور|layla.mansour|طريق المدينة 120|31952|الخبر|590012345
        """,
    ),
    "es": Locale(
        "ES",
        "España",
        "34",
        "",
        False,
        ["telefonica.net", "hotmail.es", "ono.com", "terra.es"],
        ["Panadería Ñandú S.L.", "Construcciones Peñón S.A.", "Librería Cervantes"],
        (
            "Por favor dejen el paquete con la portera si no estoy en casa, porque el timbre lleva dos semanas "
            "estropeado y la última vez el repartidor se marchó sin avisar y tuve que recogerlo en un polígono muy "
            "lejano.",
            "La lámpara que recibí parpadea a los pocos minutos y se calienta tanto que no me atrevo a usarla en el "
            "cuarto de los niños, así que quisiera una devolución completa o al menos un cambio por otra que "
            "funcione.",
        ),
        """
        María José|Núñez Ibáñez|mariajose.nunezibanez|C/ Alcalá, 45, 3º B|28014|Madrid|612345678
        Íñigo|Peña Zárate|inigo.penazarate|Avda. de la Constitución s/n|41001|Sevilla|699887766
        Begoña|Agüero|begona.agueero|Paseo de Gràcia 92|08008|Barcelona|914567832
        Ángel|Muñoz|angel.munoz|Plaza de España 14|50009|Zaragoza|655120398
        Ramón|Echeverría|ramon.echeverria|Calle Núñez de Balboa 120|46001|Valencia|722334455
        Inés|Cañizares|ines.canizares|Rúa do Vilar 61|15705|Santiago|936781204
        """,
    ),
    "br": Locale(
        "BR",
        "Brasil",
        "55",
        "0",
        False,
        ["uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br"],
        ["Padaria Pão Quente Ltda", "Açougue São Jorge ME", "Móveis Guarujá"],
        (
            "Por favor deixem a encomenda com o porteiro caso eu não esteja em casa, pois o interfone está quebrado "
            "desde o mês passado e na última entrega o rapaz foi embora sem telefonar para ninguém do apartamento.",
            "A luminária que recebi pisca depois de alguns minutos e esquenta tanto que não tenho coragem de usar no "
            "quarto das crianças, portanto gostaria do reembolso integral ou pelo menos da troca por outra que "
            "funcione.",
        ),
        """
        João|da Conceição|joao.daconceicao|Rua São João, 1200 - Apto 31|01035-000|São Paulo|11912345678
        Thaís|Guimarães|thais.guimaraes|Av. Paulista, 1578|20040-020|Rio de Janeiro|21998765432
        Antônio|Sant'Anna|antonio.santanna|Travessa do Açaí, 9|66010-000|Belém|9132245566
        Luísa|Brandão|luisa.brandao|Alameda Lorena, 233|80010-130|Curitiba|41988123476
        Vinícius|Magalhães|vinicius.magalhaes|Rua Conceição, 404|70040-010|Brasília|61996210045
        Débora|Simões|debora.simoes|Rua Augusta, 2690|90010-280|Porto Alegre|5133445566
        """,
    ),
    "us": Locale(
        "US",
        "United States",
        "1",
        "",
        False,
        ["gmail.com", "yahoo.com", "icloud.com", "proton.me"],
        ["O'Reilly & Sons, Inc.", "Blue Bottle Roasters LLC", "Acme Rocket Skates"],
        (
            "Please leave the parcel with the lady at the front desk if nobody answers the door, since the buzzer "
            "has been broken for weeks and the last courier drove away with my grandmother's birthday present "
            "without even calling.",
            "The lamp you shipped starts flickering after a few minutes and gets so hot that I would never put it in "
            "the nursery again, therefore I want a full refund or at the very least a replacement that actually "
            "works.",
        ),
        """
        Siobhán|O'Brien-Kowalski|siobhan.obrien-kowalski|1600 Amphitheatre Pkwy, Apt #4B|94043|Mountain View|4155550132
        D'Angelo|Washington|dangelo.washington|221B Baker Street|60614|Chicago|2125550187
        Jennifer|McAllister|jennifer.mcallister|350 Fifth Ave Fl 21|10118|New York|3125550149
        Renée|St. Claire|renee.stclaire|4 Privet Drive|73301|Austin|5125550171
        Mary-Lou|Hutchinson|mary-lou.hutchinson|742 Evergreen Terrace|97201|Portland|5035550166
        Terrence|Oyelaran|terrence.oyelaran|12 Grimmauld Place|02139|Cambridge|6175550118
        """,
    ),
}
