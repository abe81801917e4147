"""The model families: each function returns one that writes a folder with config, tokenizer and random weights."""
import json
from collections import namedtuple

import safetensors_file
import small_tokenizers
from safetensors_file import Weights

Sizes = namedtuple("Sizes", "hidden heads layers intermediate")


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")


def write_tokenizer(folder, tokenizer, maximum, **names):
    write_json(folder / "tokenizer.json", tokenizer)
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": maximum, **names})


SEGMENTS = dict(model_input_names=["input_ids", "token_type_ids", "attention_mask"])
BERT_NAMES = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
ROBERTA_NAMES = dict(pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>", bos_token="<s>", eos_token="</s>")


# ---- what stands behind a sentence encoder ----

def write_modules(folder, hidden, options):
    """modules.json and its folders, as sentence-transformers writes them."""
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling")]
    pooling = options.get("pooling", "mean")
    write_json(folder / "1_Pooling" / "config.json", {
        "word_embedding_dimension": hidden, "pooling_mode_cls_token": pooling == "cls", "pooling_mode_mean_tokens": pooling == "mean",
        "pooling_mode_max_tokens": pooling == "max", "pooling_mode_mean_sqrt_len_tokens": False})
    weights = Weights(1000 + hidden)
    layers = []
    if options.get("dense"):
        layers = [("Dense", options["dense"], "torch.nn.modules.activation.Tanh", True, None)]
    if options.get("scorer"):  # ettin-reranker's form
        layers = [("Dense", hidden, "torch.nn.modules.activation.GELU", False, None), ("LayerNorm", hidden, None, True, None),
                  ("Dense", 1, "torch.nn.modules.linear.Identity", True, "scores")]
    size = hidden
    for number, (kind, out, activation, bias, output) in enumerate(layers, 2):
        path = folder / f"{number}_{kind}"
        kinds.append((path.name, kind))
        write_module(path, weights, (kind, size, out, activation, bias, output))
        size = out
    if options.get("normalise"):
        kinds.append((f"{len(kinds)}_Normalize", "Normalize"))
        (folder / kinds[-1][0]).mkdir(exist_ok=True)
    write_json(folder / "modules.json", [{"idx": n, "name": str(n), "path": path, "type": "sentence_transformers.models." + kind}
                                         for n, (path, kind) in enumerate(kinds)])


def write_module(path, weights, layer):
    kind, size, out, activation, bias, output = layer
    path.mkdir(parents=True, exist_ok=True)
    own = Weights(0)
    own.random = weights.random
    if kind == "LayerNorm":
        own.norm("norm", size)
        write_json(path / "config.json", {"dimension": size})
    else:
        own.linear("linear", out, size, bias)
        config = {"in_features": size, "out_features": out, "bias": bias, "activation_function": activation}
        write_json(path / "config.json", {**config, **({"module_output_name": output} if output else {})})
    safetensors_file.write(path / "model.safetensors", own)


def write_sentence(folder, hidden, options):
    extra = {}
    if options.get("prompts"):
        extra["prompts"] = options["prompts"]
    if options.get("scorer"):
        extra.update(model_type="CrossEncoder", activation_fn="torch.nn.modules.linear.Identity")
    if extra:
        write_json(folder / "config_sentence_transformers.json", extra)
    if options.get("max_length"):
        write_json(folder / "sentence_bert_config.json", {"max_seq_length": options["max_length"], "do_lower_case": False})
    if not options.get("classifier"):
        write_modules(folder, hidden, options)


def classifier_config(kind, options):
    if not options.get("classifier"):
        return {"architectures": [kind + "Model"]}
    config = {"architectures": [kind + "ForSequenceClassification"], "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    if options.get("activation_fn"):
        config["sentence_transformers"] = {"activation_fn": options["activation_fn"]}
    return config


# ---- BERT and its kin ----

def bert_layers(w, prefix, sizes, names):
    """`names`: of query, key, value, out and the norm behind them."""
    query, key, value, out, norm = names
    for n in range(sizes.layers):
        layer = f"{prefix}encoder.layer.{n}."
        for name in (query, key, value, out):
            w.linear(layer + "attention." + name, sizes.hidden, sizes.hidden)
        w.norm(layer + "attention." + norm, sizes.hidden)
        w.linear(layer + "intermediate.dense", sizes.intermediate, sizes.hidden)
        w.linear(layer + "output.dense", sizes.hidden, sizes.intermediate)
        w.norm(layer + "output.LayerNorm", sizes.hidden)


BERT_PARTS = ("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
MPNET_PARTS = ("attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm")


def bert_config(kind, sizes, vocabulary, positions, pad):
    return {"model_type": kind, "vocab_size": vocabulary, "hidden_size": sizes.hidden, "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads, "intermediate_size": sizes.intermediate, "hidden_act": "gelu",
            "max_position_embeddings": positions, "type_vocab_size": 2 if kind == "bert" else 1,
            "layer_norm_eps": 1e-12 if kind in ("bert", "mpnet") else 1e-5, "pad_token_id": pad}


def old_name(name):
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


def bert_like(kind, architecture, tokenizer, token_names, parts):
    """A function that makes makers of one kind."""
    def maker(seed, sizes, **options):
        def write(folder):
            w = Weights(seed)
            pad = 0 if kind == "bert" else 1
            first = 0 if kind == "bert" else pad + 1
            positions = options.get("positions", max(64, options.get("max_length", 0)) + first)
            tokens = tokenizer()
            vocabulary = small_tokenizers.size(tokens) + 3
            base = {"bert": "bert.", "mpnet": "mpnet."}.get(kind, "roberta.")
            prefix = base if options.get("classifier") else ""
            w.table(prefix + "embeddings.word_embeddings.weight", vocabulary, sizes.hidden)
            w.table(prefix + "embeddings.position_embeddings.weight", positions, sizes.hidden, .5)
            if kind != "mpnet":
                w.table(prefix + "embeddings.token_type_embeddings.weight", 2 if kind == "bert" else 1, sizes.hidden, .5)
            w.norm(prefix + "embeddings.LayerNorm", sizes.hidden)
            bert_layers(w, prefix, sizes, parts)
            if kind == "mpnet":
                w.table(prefix + "encoder.relative_attention_bias.weight", 32, sizes.heads)
            if options.get("classifier"):
                dense, last = ("bert.pooler.dense", "classifier") if kind == "bert" else ("classifier.dense", "classifier.out_proj")
                w.linear(dense, sizes.hidden, sizes.hidden)
                w.linear(last, 1, sizes.hidden)
            if options.get("old_names"):
                w = {old_name(name): values for name, values in w.items()}
            config = {**bert_config(kind, sizes, vocabulary, positions, pad), **classifier_config(architecture, options)}
            write_tokenizer(folder, tokens, positions - first, **token_names)
            write_sentence(folder, sizes.hidden, options)
            safetensors_file.write_model(folder, w, options.get("dtype", "F32"), options.get("shards", 1))
            write_json(folder / "config.json", config)
        return write
    return maker


bert = bert_like("bert", "Bert", small_tokenizers.wordpiece, {**BERT_NAMES, **SEGMENTS}, BERT_PARTS)
roberta = bert_like("roberta", "Roberta", small_tokenizers.roberta, ROBERTA_NAMES, BERT_PARTS)
xlm_roberta = bert_like("xlm-roberta", "XLMRoberta", small_tokenizers.xlm_roberta, ROBERTA_NAMES, BERT_PARTS)
mpnet = bert_like("mpnet", "MPNet", small_tokenizers.roberta, ROBERTA_NAMES, MPNET_PARTS)


def distilbert(seed, sizes, **options):
    def write(folder):
        w = Weights(seed)
        tokens = small_tokenizers.wordpiece()
        vocabulary, positions = small_tokenizers.size(tokens), 64
        prefix = "distilbert." if options.get("classifier") else ""
        w.table(prefix + "embeddings.word_embeddings.weight", vocabulary, sizes.hidden)
        w.table(prefix + "embeddings.position_embeddings.weight", positions, sizes.hidden, .5)
        w.norm(prefix + "embeddings.LayerNorm", sizes.hidden)
        for n in range(sizes.layers):
            layer = f"{prefix}transformer.layer.{n}."
            for name in ("q_lin", "k_lin", "v_lin", "out_lin"):
                w.linear(layer + "attention." + name, sizes.hidden, sizes.hidden)
            w.norm(layer + "sa_layer_norm", sizes.hidden)
            w.linear(layer + "ffn.lin1", sizes.intermediate, sizes.hidden)
            w.linear(layer + "ffn.lin2", sizes.hidden, sizes.intermediate)
            w.norm(layer + "output_layer_norm", sizes.hidden)
        if options.get("classifier"):
            w.linear("pre_classifier", sizes.hidden, sizes.hidden)
            w.linear("classifier", 1, sizes.hidden)
        write_tokenizer(folder, tokens, positions, **BERT_NAMES)
        write_sentence(folder, sizes.hidden, options)
        safetensors_file.write_model(folder, w)
        write_json(folder / "config.json", {
            "model_type": "distilbert", "vocab_size": vocabulary, "dim": sizes.hidden, "n_layers": sizes.layers, "n_heads": sizes.heads,
            "hidden_dim": sizes.intermediate, "activation": "gelu", "max_position_embeddings": positions, "pad_token_id": 0,
            **classifier_config("DistilBert", options)})
    return write


# ---- ModernBERT ----

def modernbert_config(sizes, vocabulary, options):
    every, bias = options.get("every", 3), options.get("bias", False)
    config = {"model_type": "modernbert", "vocab_size": vocabulary, "hidden_size": sizes.hidden, "num_hidden_layers": sizes.layers,
              "num_attention_heads": sizes.heads, "intermediate_size": sizes.intermediate, "hidden_activation": "gelu",
              "max_position_embeddings": options.get("positions", 128), "norm_eps": 1e-5, "norm_bias": bias, "attention_bias": bias,
              "mlp_bias": bias, "local_attention": options["local"], "pad_token_id": 3, "cls_token_id": 1, "sep_token_id": 2,
              "bos_token_id": 1, "eos_token_id": 2, "classifier_pooling": options.get("classifier") or "cls", "classifier_bias": bias,
              "classifier_activation": "gelu", **classifier_config("ModernBert", options)}
    if options.get("old_layout"):
        config.update(global_attn_every_n_layers=every, global_rope_theta=160000.0, local_rope_theta=10000.0)
    else:
        config["layer_types"] = ["sliding_attention" if n % every else "full_attention" for n in range(sizes.layers)]
        config["rope_parameters"] = {"full_attention": {"rope_type": "default", "rope_theta": 80000.0},
                                     "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0}}
    return config


def modernbert(seed, sizes, **options):
    def write(folder):
        w = Weights(seed)
        bias = options.get("bias", False)
        tokens = small_tokenizers.modernbert()
        vocabulary = small_tokenizers.size(tokens)
        prefix = "model." if options.get("classifier") else ""
        w.table(prefix + "embeddings.tok_embeddings.weight", vocabulary, sizes.hidden)
        w.norm(prefix + "embeddings.norm", sizes.hidden, bias)
        for n in range(sizes.layers):
            layer = f"{prefix}layers.{n}."
            if n:
                w.norm(layer + "attn_norm", sizes.hidden, bias)
            w.linear(layer + "attn.Wqkv", 3 * sizes.hidden, sizes.hidden, bias)
            w.linear(layer + "attn.Wo", sizes.hidden, sizes.hidden, bias)
            w.norm(layer + "mlp_norm", sizes.hidden, bias)
            w.linear(layer + "mlp.Wi", 2 * sizes.intermediate, sizes.hidden, bias)
            w.linear(layer + "mlp.Wo", sizes.hidden, sizes.intermediate, bias)
        w.norm(prefix + "final_norm", sizes.hidden, bias)
        if options.get("classifier"):
            w.linear("head.dense", sizes.hidden, sizes.hidden, bias)
            w.norm("head.norm", sizes.hidden, bias)
            w.linear("classifier", 1, sizes.hidden)
        write_tokenizer(folder, tokens, options.get("positions", 128), **BERT_NAMES)
        write_sentence(folder, sizes.hidden, options)
        safetensors_file.write_model(folder, w)
        write_json(folder / "config.json", modernbert_config(sizes, vocabulary, options))
    return write


# ---- CLIP and SigLIP ----

def tower(w, prefix, sizes):
    for n in range(sizes.layers):
        layer = f"{prefix}encoder.layers.{n}."
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            w.linear(layer + "self_attn." + name, sizes.hidden, sizes.hidden)
        w.norm(layer + "layer_norm1", sizes.hidden)
        w.norm(layer + "layer_norm2", sizes.hidden)
        w.linear(layer + "mlp.fc1", sizes.intermediate, sizes.hidden)
        w.linear(layer + "mlp.fc2", sizes.hidden, sizes.intermediate)


def tower_config(sizes, activation, epsilon):
    return {"hidden_size": sizes.hidden, "num_attention_heads": sizes.heads, "num_hidden_layers": sizes.layers,
            "intermediate_size": sizes.intermediate, "hidden_act": activation, "layer_norm_eps": epsilon}


def patch_weights(w, hidden, patch):
    w["vision_model.embeddings.patch_embedding.weight"] = w.draw((hidden, 3, patch, patch), 1.2 / (3 * patch * patch) ** .5)


def clip(seed, text, vision, **options):
    def write(folder):
        w = Weights(seed)
        tokens = small_tokenizers.clip()
        vocabulary, positions = small_tokenizers.size(tokens), options["positions"]
        patch, image, activation = options["patch"], options["image"], options.get("activation", "quick_gelu")
        eos = options["eos"] or tokens["model"]["vocab"]["<|endoftext|>"]
        w.table("text_model.embeddings.token_embedding.weight", vocabulary, text.hidden)
        w.table("text_model.embeddings.position_embedding.weight", positions, text.hidden, .5)
        tower(w, "text_model.", text)
        w.norm("text_model.final_layer_norm", text.hidden)
        w["vision_model.embeddings.class_embedding"] = w.draw((vision.hidden,), 1)
        patch_weights(w, vision.hidden, patch)
        w.table("vision_model.embeddings.position_embedding.weight", (image // patch) ** 2 + 1, vision.hidden, .5)
        w.norm("vision_model.pre_layrnorm", vision.hidden)
        tower(w, "vision_model.", vision)
        w.norm("vision_model.post_layernorm", vision.hidden)
        w.linear("text_projection", options["dimension"], text.hidden, False)
        w.linear("visual_projection", options["dimension"], vision.hidden, False)
        w["logit_scale"] = w.draw((), 1)
        write_tokenizer(folder, tokens, positions, bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>",
                        pad_token="<|endoftext|>")
        write_json(folder / "preprocessor_config.json", {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": image}, "resample": 3,
            "do_center_crop": True, "crop_size": {"height": image, "width": image}, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "do_convert_rgb": True, "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711]})
        safetensors_file.write_model(folder, w, options.get("dtype", "F32"))
        write_json(folder / "config.json", {
            "model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": options["dimension"],
            "text_config": {**tower_config(text, activation, 1e-5), "vocab_size": vocabulary, "max_position_embeddings": positions,
                            "eos_token_id": eos, "bos_token_id": 0, "pad_token_id": 1, "model_type": "clip_text_model"},
            "vision_config": {**tower_config(vision, activation, 1e-5), "patch_size": patch, "image_size": image,
                              "model_type": "clip_vision_model"}})
    return write


def siglip(seed, text, vision, patch, image, gemma=False):
    def write(folder):
        w = Weights(seed)
        tokens = small_tokenizers.gemma() if gemma else small_tokenizers.siglip()
        vocabulary, positions, hidden = small_tokenizers.size(tokens), 64, vision.hidden
        w.table("text_model.embeddings.token_embedding.weight", vocabulary, text.hidden)
        w.table("text_model.embeddings.position_embedding.weight", positions, text.hidden, .5)
        tower(w, "text_model.", text)
        w.norm("text_model.final_layer_norm", text.hidden)
        w.linear("text_model.head", text.hidden, text.hidden)
        patch_weights(w, hidden, patch)
        w["vision_model.embeddings.patch_embedding.bias"] = w.draw((hidden,), .1)
        w.table("vision_model.embeddings.position_embedding.weight", (image // patch) ** 2, hidden, .5)
        tower(w, "vision_model.", vision)
        w.norm("vision_model.post_layernorm", hidden)
        w["vision_model.head.probe"] = w.draw((1, 1, hidden), 1)
        w["vision_model.head.attention.in_proj_weight"] = w.draw((3 * hidden, hidden), 1.2 / hidden ** .5)
        w["vision_model.head.attention.in_proj_bias"] = w.draw((3 * hidden,), .1)
        w.linear("vision_model.head.attention.out_proj", hidden, hidden)
        w.norm("vision_model.head.layernorm", hidden)
        w.linear("vision_model.head.mlp.fc1", vision.intermediate, hidden)
        w.linear("vision_model.head.mlp.fc2", hidden, vision.intermediate)
        w["logit_scale"], w["logit_bias"] = w.draw((1,), 1), w.draw((1,), 1)
        names = dict(pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>") if gemma else \
            dict(pad_token="</s>", eos_token="</s>", unk_token="<unk>")
        write_tokenizer(folder, tokens, positions, **names)
        if gemma:
            write_json(folder / "tokenizer_config.json", {"tokenizer_class": "GemmaTokenizer", "model_max_length": positions, **names})
        write_json(folder / "preprocessor_config.json", {
            "image_processor_type": "SiglipImageProcessor", "do_resize": True, "size": {"height": image, "width": image},
            "resample": 2 if gemma else 3, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "do_convert_rgb": None,
            "image_mean": [.5, .5, .5], "image_std": [.5, .5, .5]})
        safetensors_file.write_model(folder, w)
        # As short as the files on the hub: what is not said is the library's default.
        write_json(folder / "config.json", {
            "model_type": "siglip", "architectures": ["SiglipModel"],
            "text_config": {**tower_config(text, "gelu_pytorch_tanh", 1e-6), "vocab_size": vocabulary, "model_type": "siglip_text_model",
                            "projection_size": text.hidden},
            "vision_config": {**tower_config(vision, "gelu_pytorch_tanh", 1e-6), "patch_size": patch, "image_size": image,
                              "model_type": "siglip_vision_model"}})
    return write
