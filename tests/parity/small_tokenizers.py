"""Tokenizers of a few hundred tokens in the forms that model folders have: tokenizer.json without the tokenizers library."""

WORDS = ["the", "a", "of", "and", "cat", "dog", "photo", "query", "passage", "retrieval", "embedding", "search", "text",
         "picture", "model", "vector", "fusion", "answer", "question", "evidence"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIGNS = "0123456789.,:;!?()'\"-_/%&+="


def numbered(tokens):
    """Ids in the order of first mention."""
    return {token: place for place, token in enumerate(dict.fromkeys(tokens))}


def added(tokens):
    return [{"id": place, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": True} for token, place in tokens.items()]


def template(single, pair, ids):
    def item(piece):
        name, _, kind = piece.partition(":")
        kind = int(kind or 0)
        return {"Sequence": {"id": name, "type_id": kind}} if name in "AB" else {"SpecialToken": {"id": name, "type_id": kind}}
    return {"type": "TemplateProcessing", "single": [item(p) for p in single.split()], "pair": [item(p) for p in pair.split()],
            "special_tokens": {token: {"id": token, "ids": [place], "tokens": [token]} for token, place in ids.items()}}


def whole(model, specials, **parts):
    empty = {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "pre_tokenizer": None,
             "post_processor": None, "decoder": None}
    return {**empty, **parts, "added_tokens": added(specials), "model": model}


def wordpiece():
    """BERT's."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *("##" + c for c in LETTERS), *SIGNS, *WORDS]
    vocabulary = numbered(tokens)
    ids = {token: vocabulary[token] for token in ("[CLS]", "[SEP]")}
    return whole({"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary},
                 {token: vocabulary[token] for token in tokens[:5]},
                 normalizer={"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                             "lowercase": True},
                 pre_tokenizer={"type": "BertPreTokenizer"},
                 post_processor=template("[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1", ids))


def byte_letters():
    """GPT-2's letters that stand for the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return {**{b: chr(b) for b in plain}, **{b: chr(256 + n) for n, b in enumerate(rest)}}


def merges_for(words, space, end):
    """Merges that build each word from its letters, from the left."""
    merges = []
    for word in words:
        letters = [*(space + word if space else word)]
        letters[-1] += end
        while len(letters) > 1:
            pair = (letters[0], letters[1])
            if pair not in merges:
                merges.append(pair)
            letters[:2] = ["".join(pair)]
    return merges


def byte_level(specials, post, clip=False):
    """RoBERTa's and ModernBERT's; CLIP's with `clip`."""
    letters = list(byte_letters().values())
    end = "</w>" if clip else ""
    merges = merges_for(WORDS, "" if clip else "\u0120", end)
    tokens = letters + ([c + "</w>" for c in letters] if clip else []) + ["".join(pair) for pair in merges]
    if clip:  # at the end, as there: the end of text is the highest id
        tokens += specials
    else:
        tokens = specials + tokens
    vocabulary = numbered(tokens)
    ids = {token: vocabulary[token] for token in specials}
    model = {"type": "BPE", "dropout": None, "unk_token": specials[-1] if clip else None, "continuing_subword_prefix": "" if clip else None,
             "end_of_word_suffix": end or None, "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary,
             "merges": [" ".join(pair) for pair in merges]}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": not clip}
    if not clip:
        return whole(model, ids, pre_tokenizer=level, post_processor=template(*post, ids))
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True}
    spaces = {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}
    return whole(model, ids, pre_tokenizer={"type": "Sequence", "pretokenizers": [split, level]},
                 normalizer={"type": "Sequence", "normalizers": [{"type": "NFC"}, spaces, {"type": "Lowercase"}]},
                 post_processor=template(*post, ids))


def clip():
    return byte_level(["<|startoftext|>", "<|endoftext|>"],
                      ("<|startoftext|> A <|endoftext|>", "<|startoftext|> A <|endoftext|> <|startoftext|> B <|endoftext|>"), clip=True)


def roberta():
    return byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], ("<s> A </s>", "<s> A </s> </s> B </s>"))


def modernbert():
    return byte_level(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], ("[CLS] A [SEP]", "[CLS] A [SEP] B [SEP]"))


def unigram(specials, unknown, post, **parts):
    """XLM-R's and SigLIP's: pieces with scores."""
    pieces = [(token, 0.0) for token in specials]
    pieces += [("\u2581" + word, -4.0 - n / 8) for n, word in enumerate(WORDS)]
    pieces += [(c, -9.0 - n / 16) for n, c in enumerate("\u2581" + LETTERS + SIGNS)]
    ids = {token: place for place, token in enumerate(specials)}
    space = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    return whole({"type": "Unigram", "unk_id": specials.index(unknown), "vocab": pieces, "byte_fallback": False}, ids,
                 pre_tokenizer=space, post_processor=template(*post, ids), **parts)


def xlm_roberta():
    return unigram(["<s>", "<pad>", "</s>", "<unk>"], "<unk>", ("<s> A </s>", "<s> A </s> </s> B </s>"))


def siglip():
    return unigram(["<unk>", "</s>"], "<unk>", ("A </s>", "A </s> B </s>"),
                   normalizer={"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}]})


def gemma():
    """Gemma's in small: BPE over characters with bytes to fall back on, and no lower case of its own."""
    specials = ["<pad>", "<eos>", "<bos>", "<unk>"]
    merges = merges_for(WORDS, "\u2581", "")
    tokens = specials + [f"<0x{b:02X}>" for b in range(256)] + ["\u2581", *LETTERS, *SIGNS] + ["".join(pair) for pair in merges]
    vocabulary = numbered(tokens)
    ids = {token: vocabulary[token] for token in specials}
    model = {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
             "fuse_unk": True, "byte_fallback": True, "vocab": vocabulary, "merges": [" ".join(pair) for pair in merges]}
    return whole(model, ids, normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
                 pre_tokenizer={"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
                 post_processor=template("A <eos>", "A <eos> B <eos>", ids))


def size(tokenizer):
    vocabulary = tokenizer["model"]["vocab"]
    return len(vocabulary)
