"""Tokenizers in the forms that model folders have, for the reference library and for Jackdaw alike.

CLIP's has its real vocabulary (../shared/reference/clip-vocab), BERT's its real one where it is given; the others are trained
on generated text, with every setting as in the files of the models they are named after.
"""
import gzip
import io
import json
import random

import texts
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CLIP_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
LLAMA_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SIGLIP_PUNCTUATION = r"""[!"#$%&'()*+,\-.:;<=>?@\[\\\]^_`{|}~]"""

BY_PCRE2 = ["llama-like"]


def corpus(size=4000):
    rng = random.Random(7)
    names = list(texts.LANGUAGES)
    words = {n: [texts.word(rng, *texts.LANGUAGES[n]) for _ in range(300)] for n in names}
    lines = []
    for _ in range(size):
        pick = words[rng.choice(names)]
        # Zipf: few words make most of a text, so that whole words become tokens.
        lines.append(" ".join(pick[min(int(rng.paretovariate(.7)), 299)] for _ in range(12)) + rng.choice([".", "!", "?", "", " 😀", "…"]))
    return lines


def clip_vocabulary(folder):
    """The 49408 tokens and 48894 merges, as OpenAI's program derives them from its one file."""
    with gzip.open(folder / "bpe_simple_vocab_16e6.txt.gz", "rt", encoding="utf-8") as file:
        merges = file.read().split("\n")[1:49152 - 256 - 2 + 1]
    order = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters = [chr(b) for b in order] + [chr(256 + n) for n in range(256 - len(order))]
    vocabulary = letters + [c + "</w>" for c in letters] + ["".join(m.split()) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    return {token: place for place, token in enumerate(vocabulary)}, [tuple(m.split()) for m in merges]


def clip(folder, normalized=True):
    vocabulary, merges = clip_vocabulary(folder)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix="</w>",
                                     fuse_unk=False, unk_token="<|endoftext|>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP_PATTERN), behavior="removed", invert=True),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 49407), ("<|startoftext|>", 49406),
                                                            add_prefix_space=False, trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken("<|startoftext|>", normalized=normalized), AddedToken("<|endoftext|>", normalized=False)])
    return tokenizer


def add_special(tokenizer, names, **flags):
    tokenizer.add_special_tokens([AddedToken(n, normalized=False, **flags) for n in names])


def template(tokenizer, cls, sep, roberta=False):
    pair = f"{cls} $A {sep} {sep} $B {sep}" if roberta else f"{cls} $A {sep} $B:1 {sep}:1"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=pair, special_tokens=[(t, tokenizer.token_to_id(t)) for t in {cls, sep}])


def bert(lines, lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=6000, special_tokens=names, show_progress=False))
    template(tokenizer, "[CLS]", "[SEP]")
    return tokenizer


def mpnet(lines):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    names = ["<s>", "<pad>", "</s>", "[UNK]", "<unk>"]
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=6000, special_tokens=names, show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    template(tokenizer, "<s>", "</s>", roberta=True)
    return tokenizer


def byte_level(lines, names, prefix_space=False, size=6000):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=size, special_tokens=names, show_progress=False,
                                                             initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def roberta(lines):
    tokenizer = byte_level(lines, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


def modernbert(lines):
    tokenizer = byte_level(lines, ["<|padding|>", "<|endoftext|>"])
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens([AddedToken("  "), AddedToken("    "), AddedToken("        ", normalized=True), AddedToken("|||IP_ADDRESS|||")])
    add_special(tokenizer, ["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    template(tokenizer, "[CLS]", "[SEP]")
    return tokenizer


def llama_like(lines):
    """What granite's and other newer tokenizers look like: an expression of their own, whole words without merges."""
    tokenizer = byte_level(lines, ["<|endoftext|>"])
    data = json.loads(tokenizer.to_str())
    data["model"]["ignore_merges"] = True
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA_PATTERN), behavior="isolated"),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    template(tokenizer, "<|endoftext|>", "<|endoftext|>")
    return tokenizer


def protobuf_field(data, wanted):
    """The bytes of a length-delimited field of a protobuf message, by its number."""
    def varint(at):
        value = shift = 0
        while True:
            value |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80:
                return value, at

    at = 0
    while at < len(data):
        key, at = varint(at)
        if key & 7 == 2:
            size, at = varint(at)
            if key >> 3 == wanted:
                return data[at:at + size]
            at += size
        elif key & 7 == 0:
            _, at = varint(at)
        else:
            at += 4 if key & 7 == 5 else 8
    raise KeyError(wanted)


def sentencepiece_model(lines):
    """A trained SentencePiece model: its pieces with scores, and the charsmap of its rule nmt_nfkc."""
    import sentencepiece
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=writer, vocab_size=7000, model_type="unigram",
                                             normalization_rule_name="nmt_nfkc", character_coverage=.9995, minloglevel=2,
                                             hard_vocab_limit=False)
    model = sentencepiece.SentencePieceProcessor(model_proto=writer.getvalue())
    pieces = [(model.id_to_piece(i), model.get_score(i)) for i in range(model.get_piece_size())]
    # ModelProto.normalizer_spec = 3, NormalizerSpec.precompiled_charsmap = 2
    return pieces, protobuf_field(protobuf_field(writer.getvalue(), 3), 2)


def xlm_roberta(pieces, charsmap, trimmed):
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces[3:] + [("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    steps = [normalizers.Precompiled(charsmap)]
    if trimmed:  # newer converters
        steps += [normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    add_special(tokenizer, ["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    template(tokenizer, "<s>", "</s>", roberta=True)
    return tokenizer


def siglip(pieces, charsmap, scheme):
    vocabulary = [("</s>", 0.0), ("<pad>", 0.0), ("<unk>", 0.0)] + pieces[3:]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=2))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(), normalizers.Replace(Regex(SIGLIP_PUNCTUATION), ""), normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(), normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    add_special(tokenizer, ["</s>", "<pad>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 0)])
    return tokenizer


def unigram_bytes(pieces, charsmap):
    """mT5-like with byte fallback; no pre-tokenizer cuts the text."""
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces[3:2000] + [(f"<0x{b:02X}>", -20.0) for b in range(256)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=2, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return tokenizer


def gemma(lines, lowercase, meta_inside=False):
    """SigLIP2's: the whole text is one word for the BPE, bytes for what it does not know."""
    names = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=6000, show_progress=False,
                                                             special_tokens=names + [f"<0x{b:02X}>" for b in range(256)]))
    data = json.loads(tokenizer.to_str())
    if meta_inside:  # tokens over the space between two words
        vocabulary = data["model"]["vocab"]
        for left, right in (("e", "▁"), ("e▁", "a"), ("s", "▁▁")):
            vocabulary.setdefault(right, len(vocabulary))
            vocabulary.setdefault(left + right, len(vocabulary))
            data["model"]["merges"].insert(0, [left, right])
    data["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(data))
    steps = [normalizers.Lowercase()] * lowercase + [normalizers.Replace(" ", "▁")]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    add_special(tokenizer, names)
    tokenizer.add_tokens([AddedToken("<start_of_turn>", normalized=False), AddedToken("\n\n", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A <eos>", pair="<bos> $A <eos> <bos> $B:1 <eos>:1",
                                                             special_tokens=[("<bos>", 2), ("<eos>", 1)])
    return tokenizer


def odd(lines):
    """Everything else that the library has and hardly a model uses."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("contiguous"),
        pre_tokenizers.Split("x", behavior="merged_with_next"), pre_tokenizers.Split(Regex("[aeiou]+"), behavior="merged_with_previous"),
        pre_tokenizers.Split(Regex(r"z+|\d"), behavior="contiguous", invert=True)])
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=3000, special_tokens=["<unk>"], show_progress=False,
                                                             continuing_subword_prefix="##", end_of_word_suffix="</w>",
                                                             limit_alphabet=300))
    tokenizer.add_tokens([AddedToken("the", single_word=True), AddedToken("Straße", normalized=True), AddedToken("e", single_word=True, rstrip=True),
                          AddedToken("é", lstrip=True, rstrip=True, normalized=False)])
    tokenizer.post_processor = processors.BertProcessing(("<unk>", 0), ("the", tokenizer.token_to_id("the")))
    return tokenizer


def plain(lines):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.NFD()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(), pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("removed")])
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=3000, special_tokens=["[UNK]"], show_progress=False))
    return tokenizer


def build(reference=None, bert_json=None):
    """name -> Tokenizer. `reference`: the folder with clip-vocab; `bert_json`: a real tokenizer.json of BERT."""
    lines = corpus()
    pieces, charsmap = sentencepiece_model(lines)
    result = {
        "bert-uncased": bert(lines, True), "bert-cased": bert(lines, False), "mpnet": mpnet(lines), "roberta": roberta(lines),
        "gpt2": byte_level(lines, ["<|endoftext|>"], prefix_space=True), "modernbert": modernbert(lines), "llama-like": llama_like(lines),
        "xlm-roberta": xlm_roberta(pieces, charsmap, False), "xlm-roberta-new": xlm_roberta(pieces, charsmap, True),
        "siglip": siglip(pieces, charsmap, "always"), "siglip-first": siglip(pieces, charsmap, "first"),
        "unigram-bytes": unigram_bytes(pieces, charsmap), "siglip2": gemma(lines, True), "gemma": gemma(lines, False),
        "gemma-across": gemma(lines, False, meta_inside=True), "odd": odd(lines), "plain": plain(lines),
    }
    if reference:
        result["clip"] = clip(reference / "clip-vocab")
        result["clip-plain"] = clip(reference / "clip-vocab", normalized=False)
    if bert_json:
        result["minilm"] = Tokenizer.from_file(str(bert_json))
        result["minilm"].no_truncation()
        result["minilm"].no_padding()
    return result
