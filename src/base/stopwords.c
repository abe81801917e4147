#include "base/stopwords.h"

#include <string.h>

typedef struct word_list {
    const char *code;
    const char *words; /* separated by single spaces */
} word_list;

static const word_list lists[] = {
    {"en",
     "a about above across after afterwards again against ain all almost alone along already also "
     "although always am among amongst an and another any anybody anyhow anyone anything anyway "
     "anywhere are aren around as at away be became because become becomes becoming been before "
     "beforehand behind being below beside besides between beyond both but by came can cannot come "
     "comes could couldn d did didn do does doesn doing don done down during each either else "
     "elsewhere enough especially etc even ever every everybody everyone everything everywhere "
     "except few for from further furthermore gave get gets getting give given gives go goes going "
     "gone got had hadn hardly has hasn have haven having he hence her here hereby herein hers "
     "herself him himself his how however i if in indeed instead into is isn it its itself just "
     "kept know known least less let like likely ll m made mainly make makes making many may maybe "
     "me meanwhile might mightn more moreover most mostly much must mustn my myself namely nearly "
     "need needn neither never nevertheless no nobody none nonetheless nor not nothing now nowhere "
     "o of off often on once one ones only onto or other others otherwise ought our ours ourselves "
     "out over own per perhaps please quite rather re really regarding s said same say says seem "
     "seemed seems several shall shan she should shouldn since so some somebody somehow someone "
     "something sometimes somewhat somewhere soon still such t take taken takes than that the "
     "their theirs them themselves then thence there thereafter thereby therefore therein these "
     "they thing things this those though through throughout thus till to together too took toward "
     "towards under unless until unto up upon us use used uses using usually ve very via was wasn "
     "way we well went were weren what whatever when whenever where whereas whereby wherein "
     "wherever whether which whichever while who whoever whole whom whose why will with within "
     "without would wouldn yes yet you your yours yourself yourselves"},
    {"de",
     "ab aber alle allem allen aller alles als also am an andere anderem anderen anderer anderes "
     "auch auf aus bei beim bereits bin bis bist da dabei dadurch dafür dagegen daher damit danach "
     "dann daran darauf daraus darf darin darüber darum das dass daß dazu dein deine deinem deinen "
     "deiner dem den denen denn der deren des deshalb dessen dich die dies diese diesem diesen "
     "dieser dieses dir doch dort du durch dürfen ein eine einem einen einer eines einige einigem "
     "einigen einiger einiges er es etwa etwas euch euer eure eurem euren eurer für ganz gegen "
     "gibt haben hat hatte hatten hätte hätten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem "
     "ihren ihrer ihres im immer in indem ins ist ja jede jedem jeden jeder jedes jedoch jene "
     "jenem jenen jener jenes jetzt kann kein keine keinem keinen keiner können könnte könnten "
     "machen man manche manchem manchen mancher manches mehr mein meine meinem meinen meiner mich "
     "mir mit muss müssen nach nachdem neben nicht nichts noch nun nur ob obwohl oder ohne schon "
     "sehr sei sein seine seinem seinen seiner seines seit selbst sich sie sind so sogar solche "
     "solchem solchen solcher soll sollen sollte sollten sondern sonst sowie über um und uns unser "
     "unsere unserem unseren unserer unter viel viele vielen vom von vor wann war waren warum was "
     "wegen weil weiter welche welchem welchen welcher welches wem wen wenn wer werde werden wie "
     "wieder wieso wir wird wo wobei wodurch woher wohin wollen worden wurde wurden während würde "
     "würden zu zum zur zwar zwischen"},
    {"es",
     "a al algo alguien algún alguna algunas alguno algunos allí ambos ante antes aquel aquella "
     "aquellas aquellos aquí así aún aunque bajo bien cada casi como cómo con contra cual cuál "
     "cuales cuáles cualquier cuando cuándo cuánto cuántos cuya cuyo de debe deben del demás "
     "dentro "
     "desde después donde dónde dos durante e el él ella ellas ello ellos en entonces entre era "
     "eran es esa esas ese eso esos esta está estaba estaban están estar estas este esto estos "
     "estoy fin fue fueron ha había habían haber hace hacen hacer hacia han has hasta hay he hemos "
     "incluso junto la las le les lo los luego mas más me mediante menos mi mí mientras mis misma "
     "mismas mismo mismos mucha muchas mucho muchos muy nada ni ningún ninguna ninguno no nos "
     "nosotros nuestra nuestras nuestro nuestros nunca o os otra otras otro otros para pero poco "
     "podemos poder podría por porque porqué pues puede pueden que qué quien quién quienes quiénes "
     "se sea sean según ser si sí sido siempre sin sino sobre son soy su sus suya suyo también "
     "tampoco tan tanto te tener tengo tenía ti tiene tienen toda todas todavía todo todos tras tu "
     "tú tus un una unas uno unos usted ustedes va van varias varios vez vosotros y ya yo"},
    {"fr",
     "à afin ai ainsi alors après as assez au aucun aucune aujourd aussi autre autres aux auquel "
     "avait avaient avant avec avez avoir avons ayant beaucoup bien c ça car ce ceci cela celle "
     "celles celui cependant ces cet cette ceux chaque chez ci comme comment d dans de depuis des "
     "dès deux devant doit doivent donc dont du duquel elle elles en encore entre es est et "
     "étaient "
     "était étant été être eu eux fait faire faut font hui ici il ils j jamais je jusqu jusque l "
     "la "
     "laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui là m ma mais "
     "malgré me même mêmes mes mien moi moins mon n ne ni non nos notre nous on ont ou où par "
     "parce "
     "parfois parmi pas pendant peu peut peuvent plus plusieurs plutôt pour pourquoi pouvait "
     "pouvoir près puis puisqu puisque qu quand que quel quelle quelles quelque quelques quels qui "
     "quoi quoique s sa sans sauf se selon sera seront ses si sien soi soient soit son sont sous "
     "suis sur t ta tandis tant te tel telle telles tels tes toi ton toujours tous tout toute "
     "toutes très trop tu un une va vers voici voilà vos votre vous y"},
    {"it",
     "a abbiamo ad adesso agli ai al alcuna alcune alcuni all alla alle allo allora altra altre "
     "altri altro anche ancora avere aveva avevano c che chi ci cioè ciò ciascuno coi col come con "
     "contro cosa così cui da dagli dai dal dall dalla dalle dallo degli dei del dell della delle "
     "dello dentro deve devono di dopo dove dunque durante e è ecco ed era erano essere fa fare "
     "fino "
     "fra fu furono gli già grazie ha hanno ho i il in infatti inoltre intanto invece io l la là "
     "le "
     "lei li lo loro lui ma mai me mentre mi mia mie miei mio molta molte molti molto ne negli nei "
     "nel nell nella nelle nello nessun nessuna nessuno noi non nostra nostre nostri nostro o od "
     "ogni ognuno oltre oppure ora per perché perciò però più poco poi poiché possono prima "
     "proprio "
     "può pure qua qual quale quali qualche qualcosa qualcuno quando quanta quante quanti quanto "
     "quasi quell quella quelle quelli quello quest questa queste questi questo qui quindi s sarà "
     "se sé sebbene secondo sei sempre senza si sia siamo siano siete solo sono sopra sotto sta "
     "stata state stati stato stesso su sua sue sugli sui sul sull sulla sulle sullo suo suoi tale "
     "tali tanto te ti tra troppo tu tua tue tuo tuoi tutta tutte tutti tutto un una uno v verso "
     "vi "
     "voi vostra vostre vostri vostro"},
    {"pt",
     "a à ainda além algo alguém algum alguma algumas alguns ali ambos antes ao aos apenas após "
     "aquela aquelas aquele aqueles aqui aquilo as às assim até bem cada com como contra cuja cujo "
     "da daquela daquele das de dela delas dele deles depois desde dessa desse desta deste deve "
     "devem disso disto do dos durante e é ela elas ele eles em embora enquanto então entre era "
     "eram és essa essas esse esses esta está estamos estão estar estas estava estavam este estes "
     "estou eu faz fazem fazer foi for foram há isso isto já lá lhe lhes logo mais mas me mediante "
     "menos mesma mesmas mesmo mesmos meu meus mim minha minhas muita muitas muito muitos na nada "
     "não nas nela nele nem nenhum nenhuma nessa nesse nesta neste ninguém no nos nós nossa nossas "
     "nosso nossos num numa nunca o onde os ou outra outras outro outros para pela pelas pelo "
     "pelos "
     "pode podem poder pois por porém porque porquê portanto pouco qual quais qualquer quando "
     "quanto quantos que quê quem são se seja sejam sem sempre sendo ser será seu seus si sido só "
     "sob sobre sua suas também tampouco tanto te tem têm temos tendo tenho ter teu teus tinha "
     "tinham toda todas todo todos tu tua tuas tudo um uma umas uns vai várias vários você vocês "
     "vos"},
    {"nl",
     "aan achter al alle alleen alles als altijd andere anders ben bent beter bij binnen boven "
     "daar "
     "daarbij daarmee daarna daarom dan dat de deze die dit doch doen door dus een eens elk elke "
     "en "
     "enkele er erg ervan etc geen geweest had hadden hare heb hebben hebt heeft heel hem hen het "
     "hier hij hoe hoewel hun ieder iedere iemand iets ik in indien is ja je jij jou jouw jullie "
     "kan "
     "kon konden kunnen maar me mee meer meest men met mij mijn misschien moet moeten na naar "
     "nadat "
     "niet niets nog nooit nu of om omdat onder ons onze ook op over reeds samen sinds sommige "
     "steeds te tegen ten terwijl tijdens toch toen tot tussen u uit uw vaak van vanuit veel vele "
     "verder via volgens voor vooral vooralsnog waar waarbij waardoor waarin waarom wanneer want "
     "waren was wat we wel welk welke werd werden wie wij wil willen word worden wordt zal ze zeer "
     "zelf zich zichzelf zij zijn zo zoals zodat zou zouden zowel zulke"},
    {"sv",
     "alla allt alltid andra annan annat att av bara bli blev blir blivit bland både dem den denna "
     "deras dess dessa det detta dig din dina ditt du då där därför efter eftersom ej eller en er "
     "era ert ett finns fick får för från få genom ha hade han hans har hej hela henne hennes hon "
     "honom hos hur här i icke igen in inga ingen inget innan inom inte jag ju kan kunde lite man "
     "med medan mellan men mer mest mig min mina mitt mot mycket måste många ni nu när någon något "
     "några när nästan och också om oss på redan samma samt sedan sig sin sina sitt själv ska "
     "skall "
     "skulle som så sådan sådana till under upp ut utan vad var vara varför varit varje vem vems "
     "vi "
     "vid vilka vilken vilket vill vår våra vårt än även är åt över"},
    {"da",
     "af aldrig alle alt altid anden andet andre at bare begge blandt blev blive bliver både da de "
     "dem den denne der deres derfor det dette dig din dine disse dit dog du efter eftersom ej "
     "eller en end endnu er et fik flere for fordi fra før få får gennem god gør ham han hans har "
     "havde have hende hendes her hos hun hvad hver hvilke hvilken hvilket hvis hvor hvordan "
     "hvorfor "
     "hvornår i igen ikke ind ingen inden intet ja jeg jer jeres kan kom kun kunne lige man mange "
     "med meget mellem men mens mere mest mig min mindre mine mit mod må ned nej noget nogen nogle "
     "nok nu når nær næsten og også om op os over på samme samt selv selvom ses sig sin sine sit "
     "skal skulle som så sådan til ud uden under var ved vi vil ville vor vore være været"},
    {"no",
     "alle allerede alltid alt andre annen annet at av bare begge ble bli blir blitt bort både da "
     "de "
     "deg dei dem den denne der dere deres derfor det dette di din disse ditt du då eller en enda "
     "enn er et ett etter ettersom fikk flere for fordi fra før få får gjennom gjør gjøre ha hadde "
     "han hans har hennes her hos hun hva hver hvem hvilke hvilken hvilket hvis hvor hvordan "
     "hvorfor "
     "i igjen ikke ikkje ingen ingenting inn innen jeg kan kom kun kunne man mange med meg mellom "
     "men mens mer mest min mindre mine mitt mot mye må måtte ned nei noe noen nok nå når nær "
     "nesten "
     "og også om opp oss over på samme samt seg selv selvom sin sine sitt skal skulle slik som så "
     "til ut uten under var ved vi vil ville vår våre være vært"},
    {"fi",
     "aina ainakin alla asti edes ei eivät ehkä eli emme en enemmän ennen entä eri että etten "
     "ettei "
     "haluan he heidän heille heitä hän häneen hänelle hänen hänet häntä ilman itse ja jo johon "
     "joiden joihin joita joka jokin joko joku jolla jolle jolloin jonka jopa jos jossa josta jota "
     "jotka jotta juuri kaikki kaikkien kanssa kautta ken kenen kerran keskellä ketkä koko koska "
     "koskaan kuin kuinka kuitenkin kuka kun kunnes kyllä luona lähes me meidän meille meitä melko "
     "mihin miksi mikä mikään millainen millä milloin minkä minua minulla minulle minun minä missä "
     "mistä mitkä mitä mitään moni monta mukaan mukana muut muita mutta myös mm ne niiden niihin "
     "niin niitä noin nuo nyt näiden näin nämä näitä ole olemme olen olet olette oli olisi olivat "
     "olla olleet ollut on ovat paitsi paljon pitää puolesta sama samoin saa se seuraavat siellä "
     "siihen siinä siis siitä sille sillä silti sinua sinulla sinun sinä sitä sitten sekä tai taas "
     "tahdo te teidän teille teitä tuo tuossa tämä tämän tänne tässä tästä tätä täällä vaan vai "
     "vaikka vain varten vasta vielä viime voi voidaan voivat vuoksi yhä yli"},
    {"hu",
     "a abban ahhoz ahogy ahol aki akik akkor alá alatt által általában amely amelyek amelyet "
     "amelynek ami amíg amikor amit amolyan arra arról át az azok azon azonban azt aztán azután "
     "azzal "
     "bár be belül benne csak de e eddig egész egy egyéb egyes egyetlen egyik egyre ekkor el "
     "elég ellen elő először előtt első én éppen ez ezek ezen ezért és ezt ezzel fel felé ha hanem "
     "hiszen hogy hogyan ide igen ill illetve ilyen ilyenkor is ismét itt jó jól kell kellett "
     "keresztül ki kívül között közül le legalább legyen lehet lenne lesz lett ma maga magát majd "
     "már "
     "más másik meg még mellett melyek melyik mely mert mi mikor miért milyen minden mindenki "
     "mindig mint mintha mit mivel most nagy nagyon ne néha néhány nekem neki nélkül nem nincs ők "
     "ő "
     "olyan ott össze pedig persze rá s saját sem semmi soha sok sokat sokkal számára szemben "
     "szerint szinte talán tehát teljes tovább továbbá több ugyanis úgy után utána utolsó vagy "
     "vagyis vagyok valaki valami valamint való van vannak vele vissza viszont volna volt voltak"},
    {"ro",
     "acea aceasta această aceea aceeași acei aceia acel acela același acele acelea acest acesta "
     "aceste acestea acestei acești acestor acestui acolo acum ai aici aia al ale alt alta altă "
     "altceva alte altfel alți altul am an apoi ar are as asemenea asta astfel asupra așa ași atât "
     "atunci au avea avem avut azi aș ați ba bine ca că căci când cam care cărei căror cărui câte "
     "câți "
     "către ce cea ceea cei cel cele ceva chiar ci cine cineva cu cui cum cât câtă da dacă dar "
     "datorită de deci deja deoarece despre deși din dintre doar două după ea ei el ele era erau "
     "este eu fără fi fie fiecare fiind fost foarte i îi il îl îmi în înainte încă încât îns însă "
     "între întru îți la le li lor lui mai mea mei mele mereu meu mi mult multă mulți mă ne nici "
     "nimic "
     "niște noastră noi nostru nouă nu o ori oricare orice oricum pe pentru peste poate pot prea "
     "prin puțin sa să săi sale sau său se si sînt sunt spre sub sus și ta tale tău te ți tot "
     "toată "
     "toate toți totuși trebuie tu un una unde unei unele unii unor unu unui uneori va vă voastră "
     "voi vom vor vostru vouă"},
    {"tr",
     "acaba ama ancak arada artık aslında ayrıca az bana bazen bazı belki ben beni benim beri bile "
     "bir biraz birçok biri birkaç birlikte birşey biz bize bizi bizim böyle böylece bu buna bunda "
     "bundan bunlar bunları bunların bunu bunun burada bütün çok çoğu çünkü da daha dahi de defa "
     "değil diğer diye dolayı edecek eden ederek edilen ediyor en etti ettiği fakat falan gibi "
     "göre "
     "hangi hatta hem henüz hep hepsi her herhangi herkes hiç hiçbir için ile ilgili ise işte "
     "itibaren "
     "kadar karşın kendi kendine kendini ki kim kime kimi kimse madem mi mı mu mü nasıl ne neden "
     "nedenle nerede nereye niçin niye o olan olarak oldu olduğu olduğunu olması olmayan olsa "
     "olsun olup olur olursa oluyor ona ondan onlar onları onların onu onun oysa öyle pek rağmen "
     "sadece sana sanki sen seni senin siz size sizi sizin sonra şey şimdi şöyle şu şuna şunu "
     "tarafından "
     "tüm üzere var vardı ve veya ya yani yapılan yapmak yerine yine yok yoksa zaten"},
    {"pl",
     "a aby ale albo ani aż bardzo bez bo bowiem by być był była było były będzie będą ci co coś "
     "czy "
     "czyli dla dlaczego dlatego do dwa dzięki gdy gdyby gdzie go i ich ile im innych inne inny iż "
     "ja "
     "ją jak jakie jako jakby jaki jakiś je jednak jednym jedynie jego jej jest jestem jeszcze "
     "jeśli "
     "jeżeli już kiedy kto która które którego której który których którym którzy ku lecz lub ma "
     "mają "
     "mam mi między mimo mnie mogą może można mój my na nad nam nami nas nasz nasze nawet nic nich "
     "nie "
     "niech nigdy nim niż no o obok od około on ona one oni ono oraz po pod podczas ponad ponieważ "
     "poza przed przede przez przy raz również są się skąd sobie sposób swoje ta tak taka taki "
     "takie "
     "także tam te tego tej ten też to tobie tu tutaj twój ty tych tylko tym u w was wam we wiele "
     "wielu więc wszystkich wszystkie wszystko z za zawsze ze że żeby"},
    {"cs",
     "a aby ale anebo ani asi až bez bude budou by byl byla byli bylo být co což další dnes do ho "
     "i já "
     "jak jako jaké je jeho jej její jejich jen ještě jenž jestliže ji jiné již jsem jsme jsou "
     "jste k "
     "kam každý kde kdo kdy když ke kolik která které kterou který kteří ku ma má mají mezi mi mně "
     "mnou "
     "moc mohou moje může my na nad nám námi naše náš ne nebo nebyl něco nějaký není než nic nich "
     "ní "
     "nové o od ode on ona oni ono pak po pod podle pokud potom pouze pro proč proto protože před "
     "přes při s se si sice svůj svá své ta tak také takže tam tato tady tedy ten tento tím této "
     "to "
     "toho tohle tom tomto tomu toto tu tuto ty tyto u už v vám vás ve však více vy z za zda zde "
     "ze že"},
    {"ru",
     "а без более больше будет будто будут бы был была были было быть в вам вами вас ваш ведь весь "
     "во вот впрочем все всегда всего всех всю вы где да даже два для до другой его ее ей если "
     "есть "
     "еще ещё же за здесь и из или им именно иногда их к каждый как какая какие какой как-то когда "
     "конечно которая которого которое которой которые который которых кто куда ли либо лишь лучше "
     "между меня мне много можно может могут мои мой моя мы на над надо наконец нам нас наш не "
     "него "
     "нее ней нельзя нет ни нибудь никогда ним них ничего но ну о об однако он она они оно опять "
     "от "
     "очень перед по под после потом потому почему почти при про раз разве с сам свой свою себе "
     "себя "
     "сейчас сказал со совсем так также такая такие такой там тебя тем теперь то тогда того тоже "
     "той "
     "только том тот тут ты у уж уже хорошо хоть хотя чего чем через что чтобы чтоб чуть эта эти "
     "этих "
     "это этого этой этом этот эту я"},
    {"uk",
     "а або адже але багато без би більше був була були було бути в вам вас ваш вже ви від він "
     "вона "
     "вони воно все всі всіх де для до дуже є його із інші і її їм їх й каже коли краще ми між "
     "мене "
     "мені може можна на навіть над нам нас наш не неї ним них ні ніж ніколи нічого о об однак ось "
     "перед під після по потім при про просто саме свій своє свої себе собі та так такий також там "
     "те тебе теж тепер ти тим тих то того той тому тут у це цей ці цього цьому ця чи через чим "
     "чого "
     "чому що щоб ще щось я як яка яке який які якого якої якщо якій якого"},
};

G_STATIC_ASSERT(G_N_ELEMENTS(lists) <= 8 * sizeof(jd_language_set));

const char *jd_stopword_language(guint i)
{
    return i < G_N_ELEMENTS(lists) ? lists[i].code : NULL;
}

jd_language_set jd_stopword_language_set(const char *code)
{
    for (guint i = 0; code && i < G_N_ELEMENTS(lists); i++)
        if (strcmp(lists[i].code, code) == 0)
            return (jd_language_set)1 << i;
    return 0;
}

static GHashTable *make_table(void)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        char **words = g_strsplit(lists[i].words, " ", -1);
        for (gsize w = 0; words[w]; w++) {
            guint set = GPOINTER_TO_UINT(g_hash_table_lookup(table, words[w]));
            g_hash_table_replace(table, words[w], GUINT_TO_POINTER(set | 1u << i));
        }
        g_free(words); /* the words belong to the table */
    }
    return table;
}

jd_language_set jd_stopword_find(const char *word)
{
    /* Made from the constant lists above on first use and never changed after. */
    static gsize table;
    if (g_once_init_enter(&table))
        g_once_init_leave(&table, (gsize)make_table());
    return GPOINTER_TO_UINT(g_hash_table_lookup((GHashTable *)table, word));
}
