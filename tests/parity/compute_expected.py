#!/usr/bin/env python3
"""Computes with the reference libraries what `jackdaw encode` is to give on the models of make_checkpoints.py.

    compute_expected.py MODELS OUT [NAME...]     one OUT/NAME.json each; without names also some numbers of all-MiniLM-L6-v2

Needs torch, transformers, sentence-transformers, tokenizers and pillow.
"""
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from sentence_transformers import CrossEncoder, SentenceTransformer
from tokenizers import Tokenizer
from transformers import AutoModel

import make_checkpoints
import minilm
import samples

torch.manual_seed(0)
torch.set_grad_enabled(False)
F32 = {"model_kwargs": {"dtype": torch.float32}}


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def rounded(values):
    """Nine digits hold an f32."""
    return [[float(f"{x:.9g}") for x in row] for row in np.atleast_2d(np.asarray(values, dtype=np.float32))]


def pooled(output):
    return getattr(output, "pooler_output", output)


def text_ids(folder, config, texts):
    """CLIP's and SigLIP's ids, padded to one length."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = config["text_config"]
    length = text.get("max_position_embeddings", 64)
    tokenizer.enable_truncation(length)
    pad = read_json(folder / "tokenizer_config.json")["pad_token"]
    siglip = config["model_type"] == "siglip"
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad), pad_token=pad, length=length if siglip else None)
    if read_json(folder / "tokenizer_config.json")["tokenizer_class"].startswith("Gemma"):
        from tokenizers import normalizers
        tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), tokenizer.normalizer])
    return torch.tensor([e.ids for e in tokenizer.encode_batch(texts)])


def resize(picture, size, filter):
    """Rows first, as Pillow did until 12 and mostly does still."""
    return picture.resize((size[0], picture.height), filter).resize(size, filter)


def prepare(picture, spec):
    """What CLIPImageProcessor and SiglipImageProcessor do on Pillow."""
    filter = Image.Resampling(spec["resample"])
    size = spec["size"]
    if "shortest_edge" in size:
        edge, (width, height) = size["shortest_edge"], picture.size
        short, long = sorted((width, height))
        other = int(edge * long / short)
        picture = resize(picture, (edge, other) if width <= height else (other, edge), filter)
        side = spec["crop_size"]["height"]
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    else:
        picture = resize(picture, (size["width"], size["height"]), filter)
    values = (np.asarray(picture).astype(np.float64) * (1 / 255)).astype(np.float32)
    mean, std = np.asarray(spec["image_mean"], np.float32), np.asarray(spec["image_std"], np.float32)
    return ((values - mean) / std).transpose(2, 0, 1)


def two_towers(folder, config):
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    spec = read_json(folder / "preprocessor_config.json")
    pictures = [Image.fromarray(np.load(path)) for path in make_checkpoints.make_pictures(folder.parent / "pictures")]
    pixels = torch.tensor(np.stack([prepare(picture, spec) for picture in pictures]))
    # One by one: a batch is padded, and CLIP's padding is a token like others to those that come after it.
    texts = [pooled(model.get_text_features(input_ids=text_ids(folder, config, [text])))[0] for text in samples.TEXTS]
    return {"texts": rounded(torch.stack(texts)), "pictures": rounded(pooled(model.get_image_features(pixel_values=pixels)))}


def sentences(folder):
    model = SentenceTransformer(str(folder), device="cpu", **F32)
    # One by one, so that no padding changes the last digits.
    result = {"texts": rounded([model.encode(text) for text in samples.TEXTS])}
    for name in model.prompts:
        if model.prompts[name]:
            result["prompt:" + name] = rounded([model.encode(text, prompt_name=name) for text in samples.TEXTS[:3]])
    return result


def pairs(folder):
    model = CrossEncoder(str(folder), device="cpu", **F32)
    return {"scores": rounded([[model.predict(pair)] for pair in samples.PAIRS])}


def compute(folder):
    config = read_json(folder / "config.json")
    if config["model_type"] in ("clip", "siglip"):
        return two_towers(folder, config)
    return pairs(folder) if folder.name.startswith(("cross", "real-cross")) else sentences(folder)


def write(path, result):
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")
    print(path.stem, {kind: len(rows) for kind, rows in result.items()}, flush=True)


def main():
    models, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[3:] or make_checkpoints.SMALL:
        write(out / f"{name}.json", compute(make_checkpoints.make(name, models)))
    if not sys.argv[3:] and minilm.folder():
        vectors = sentences(minilm.folder())["texts"]
        write(out / minilm.EXPECTED.name, {"texts": [row[minilm.KEPT] for row in vectors]})


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main()
