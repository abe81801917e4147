"""Texts from a seed, to try tokenizers on: words of 20 languages, and everything that Unicode and bytes have to offer."""
import random

# Letters of each language's script, and how long its words are; words are made of them, so no list is copied from anywhere.
LANGUAGES = {
    "english": ("etaoinshrdlucmfwypvbgkjqxz", 1, 11), "german": ("enisratdhulcgmobwfkzpvßjyxqäöü", 2, 18),
    "french": ("esaitnrulodcmpévqfbghjàxèyêzçôùâûîœ", 1, 12), "spanish": ("eaosrnidlctumpbgyívqóhfzjéáñxúü", 1, 12),
    "polish": ("iaeoznrwsctkydpmujlłbgęhąóżśćfńź", 1, 13), "turkish": ("aeinrlıdkmuyotsbüşzgçhğvcöpfj", 2, 16),
    "vietnamese": ("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệ", 1, 6), "finnish": ("aintesloäukmvrjhpydögbfcwåšž", 3, 20),
    "russian": ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", 1, 14), "ukrainian": ("оаинвіертсклупдмьяйзгбчхїжєцюшфщґ", 1, 14),
    "greek": ("αοιετσνηυρπκμλωδγχθφβξζψάέήίόύώς", 1, 13), "hebrew": ("אבגדהוזחטיכלמנסעפצקרשתםןףץך", 1, 8),
    "arabic": ("ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىة", 1, 9), "persian": ("ابپتجچدرزژسشکگلمنوهیآ", 1, 9),
    "hindi": ("कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसहािीुूेैोौं्ँ़", 1, 9), "bengali": ("অআইউএকখগঘচছজটডতদনপবভমরলশষসহািীুেো্", 1, 9),
    "tamil": ("அஆஇஈஉகஙசஞடணதநபமயரலவழளறனாிீுூெேைொ்", 1, 10), "thai": ("กขคงจชซญดตถทนบปผพมยรลวสหอะาิีุูเแโใไ่้๊๋์", 2, 25),
    "chinese": ("的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里", 1, 12),
    "japanese": ("のにはをたがでてとしれさあるいもこアイウエオカキクケコンー日本語文字画像検索東京大学人生", 1, 14),
    "korean": ("이다는에의을가한고하지를로은사도기어나대리자인서시해들그수아", 1, 6),
}
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇩🇪🇫🇷🇯", "❤️", "☺", "👨🏿‍🚀", "1️⃣", "🫠", "🩷", "🫪", "⚕", "🧑‍⚕️", "©️", "™", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
SPECIAL = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>", "<unk>", "<pad>", "<mask>", "<|startoftext|>",
           "<|endoftext|>", "<|STARTOFTEXT|>", "<bos>", "<eos>", "<0x41>", "▁", "Ġ", "##", "</w>", "[mask]", " <mask> ",
           "|||IP_ADDRESS|||", "<start_of_turn>", "<|padding|>"]
CONTROL = [chr(c) for c in list(range(0x20)) + [0x7F, 0x80, 0x85, 0x8F, 0x9F, 0xAD, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F,
                                               0x2028, 0x2029, 0x202E, 0x2060, 0xFEFF, 0xFFF9, 0xFFFD, 0xFFFE, 0xE0001, 0x10FFFF]]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u1680", "\u2003", "\u202f", "\u205f", "\u3000", "      "]
MARKS = [chr(c) for c in list(range(0x300, 0x340)) + [0x345, 0x34F, 0x483, 0x591, 0x64B, 0x651, 0x93C, 0x94D, 0x9BE, 0x20D0, 0x20E3,
                                                      0x302A, 0x3099, 0x309A, 0xFE0F, 0x1AB0, 0x8CA, 0x1ABF, 0x1E8D0]]
PUNCTUATION = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["…", "—", "–", "«", "»", "“", "”", "‘", "’", "¿", "¡", "、", "。", "「", "」",
                                                              "·", "‰", "§", "€", "£", "¥", "°", "±", "×", "÷", "⁂", "⸮", "꘏", "፠", "𐕯"]
CONTRACTIONS = ["it's", "don't", "we're", "I've", "I'm", "you'll", "he'd", "'s", "'S", "'''s", "rock'n'roll", "l'été", "''re", "'lll"]
BLOCKS = [(0x00, 0xFF), (0x100, 0x24F), (0x250, 0x36F), (0x370, 0x52F), (0x530, 0x5FF), (0x600, 0x7FF), (0x800, 0x8FF), (0x900, 0xDFF),
          (0xE00, 0xFFF), (0x1000, 0x11FF), (0x1200, 0x17FF), (0x1800, 0x1CFF), (0x1D00, 0x1FFF), (0x2000, 0x27FF), (0x2800, 0x2FFF),
          (0x3000, 0x33FF), (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x11FFF),
          (0x12000, 0x16FFF), (0x1B000, 0x1D7FF), (0x1E000, 0x1FAFF), (0x20000, 0x323AF), (0xE0000, 0xE01EF), (0x0, 0x10FFFF)]


def word(rng, letters, shortest, longest):
    text = "".join(rng.choices(letters, k=rng.randint(shortest, longest)))
    return rng.choice((text, text, text, text.capitalize(), text.upper()))


def sentence(rng, language):
    letters, shortest, longest = LANGUAGES[language]
    glue = "" if language in ("chinese", "japanese", "thai") and rng.random() < .7 else " "
    # A frequent word is worth more than a rare one, as in real texts.
    weights = [1 / (1 + place) for place in range(len(letters))]
    words = []
    for _ in range(rng.randint(1, 14)):
        if rng.random() < .5:
            words.append("".join(rng.choices(letters, weights, k=rng.randint(shortest, min(longest, shortest + 4)))))
        else:
            words.append(word(rng, letters, shortest, longest))
        if rng.random() < .1:
            words[-1] += rng.choice(PUNCTUATION)
        if rng.random() < .05:
            words.append(str(rng.randint(0, 10 ** rng.randint(1, 12))))
    return glue.join(words)


def character(rng):
    while True:
        code = rng.randint(*rng.choice(BLOCKS))
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def soup(rng):
    """Anything after anything."""
    parts = []
    for _ in range(rng.randint(1, 12)):
        kind = rng.randrange(11)
        if kind == 0:
            parts.append(rng.choice(EMOJI))
        elif kind == 1:
            parts.append(rng.choice(SPECIAL))
        elif kind == 2:
            parts.append(rng.choice(CONTROL))
        elif kind == 3:
            parts.append(rng.choice(SPACES))
        elif kind == 4:
            parts.append(character(rng) + "".join(rng.choices(MARKS, k=rng.randint(1, 5))))
        elif kind == 5:
            parts.append("".join(rng.choices(PUNCTUATION, k=rng.randint(1, 4))))
        elif kind == 6:
            parts.append(rng.choice(CONTRACTIONS))
        elif kind == 7:
            parts.append("".join(character(rng) for _ in range(rng.randint(1, 6))))
        else:
            parts.append(sentence(rng, rng.choice(list(LANGUAGES))))
        if rng.random() < .4:
            parts.append(" ")
    return "".join(parts)


def block(rng):
    """Characters of one block, in any order."""
    low, high = rng.choice(BLOCKS)
    codes = [rng.randint(low, high) for _ in range(rng.randint(1, 20))]
    return "".join(chr(c) for c in codes if not 0xD800 <= c < 0xE000)


def long_word(rng):
    letters = rng.choice(list(LANGUAGES.values()))[0] if rng.random() < .7 else rng.choice(("ab", "a", "0123456789", "é", "!?", "\u0301", "한"))
    return "".join(rng.choices(letters, k=rng.choice((60, 99, 100, 101, 250, 1000))))


def damaged(rng):
    """Bytes that are no UTF-8 somewhere."""
    data = bytearray(soup(rng).encode())
    for _ in range(rng.randint(1, 6)):
        place = rng.randint(0, len(data))
        kind = rng.randrange(4)
        if kind == 0 and data:
            del data[min(place, len(data) - 1)]
        elif kind == 1:
            data[place:place] = rng.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80", b"\xe0\x9f\xbf"))
        elif data:
            data[min(place, len(data) - 1)] = rng.randrange(256)
    return bytes(data)


FIXED = ["", " ", "  ", "\n", "a", "A", "'", "\u0301", "é", "e\u0301", "İ", "ſ", "ẞ", "ﬁ", "①", "㍿", "ｶﾞ", "가", "각", "\u1100\u1161\u11a8", "\r\n",
         "\ufffd", "a\u0301\u0323", "\u0958\u0301", "क\u094d\u0958\u0301", "©\u0301", "a" * 101, "<s>", "<s><s>", " <mask>", "<mask> ", "x<mask>y",
         "▁▁a", " ▁ a", "!hello", "¨", "\u00a8a", "\ufdfa", "ΑΣ ΑΣ", "ǅ", "Ⅷ", "½", "१२३", "🇩🇪🇩", "\u200d", "👩\u200d", "a\u200db", "\u2028", "\x00", "a\x00b"]


def texts(seed, count):
    """`count` texts (str, or bytes where they are damaged); the same for the same seed."""
    rng = random.Random(seed)
    makers = [(lambda r: sentence(r, r.choice(list(LANGUAGES))), 50), (soup, 30), (block, 12), (long_word, 1), (damaged, 7)]
    functions, weights = [m for m, _ in makers], [w for _, w in makers]
    result = list(FIXED[:count])
    while len(result) < count:
        result.append(rng.choices(functions, weights)[0](rng))
    return result


def as_text(text):
    """What the reference library is given: it takes no bytes."""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
