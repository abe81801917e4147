"""The second half of the handbook's figures: fusion to privacy. Run make_figures.py."""

import math

from figurekit import (AMBER, AMBER_TINT, BLUE, BLUE_TINT, CARD, CORAL, CORAL_TINT, INK, MUTED, PAPER, RULE, TEAL,
                       TEAL_TINT, VIOLET, VIOLET_TINT, Axes, Figure)


def fusion_bars():
    figure = Figure(900, 470, "What fusion adds", "nDCG@10 on 225 questions over abstracts; differences under .01 mean nothing")
    rows = [("BM25, tuned", 0.441, MUTED), ("sentence vectors, titles in front", 0.434, MUTED),
            ("both by reciprocal rank (RRF, k 60)", 0.471, BLUE), ("both by convex combination", 0.482, TEAL),
            ("learned fusion, 15 features", 0.493, VIOLET)]
    left, right, low, high = 370, 820, 0.40, 0.50
    for tick in (0.40, 0.42, 0.44, 0.46, 0.48, 0.50):
        x = left + (right - left) * (tick - low) / (high - low)
        figure.line([(x, 115), (x, 400)], RULE, 1)
        figure.text(x, 418, f".{round(tick * 100)}", 13, MUTED)
    for row, (words, value, colour) in enumerate(rows):
        y = 145 + row * 57
        end = left + (right - left) * (value - low) / (high - low)
        figure.text(left - 14, y, words, 15, anchor="rm")
        figure.line([(left, y), (end, y)], colour, 4)
        figure.circle(end, y, 10, colour)
        figure.text(end + 18, y, f".{round(value * 1000)}", 16, colour, "bold", anchor="lm")
    figure.text(595, 444, "the axis starts at .40", 13, MUTED)
    return figure


def rerank_funnel():
    figure = Figure(960, 470, "Cheap first, careful last", "Each stage reads fewer items and looks harder at each")
    stages = [("all passages", "100,000", "vectors and\nBM25", "milliseconds", 110, BLUE, BLUE_TINT),
              ("candidates", "100", "fusion of\nthe two lists", "microseconds", 86, TEAL, TEAL_TINT),
              ("reranked", "50", "cross-encoder reads\nquestion and passage", "a model pass each", 66, AMBER, AMBER_TINT),
              ("evidence", "8", "calibrated\ncut", "into the prompt", 48, CORAL, CORAL_TINT)]
    for index, (name, count, how, cost, half, colour, tint) in enumerate(stages):
        x, narrower = 50 + index * 227, stages[min(index + 1, 3)][4]
        end = half - (half - narrower) * 0.6
        figure.polygon([(x, 285 - half), (x + 176, 285 - end), (x + 176, 285 + end), (x, 285 + half)], tint)
        figure.line([(x, 285 - half), (x, 285 + half)], colour, 4)
        figure.text(x + 90, 270, count, 26, colour, "bold")
        figure.text(x + 90, 302, name, 15)
        figure.text(x + 90, 140, how, 14, colour)
        figure.text(x + 90, 432, cost, 13, MUTED)
        if index < 3:
            figure.arrow((x + 182, 285), (x + 221, 285))
    return figure


def softmax_dilution():
    figure = Figure(900, 500, "The same match, a larger collection",
                    "Softmax over the whole collection, temperature and match unchanged")
    axes = Axes(figure, (100, 145, 850, 410), (1e2, 1e7), (0, 1), xlog=True)
    names = ("100", "1,000", "10,000", "100,000", "1 million", "10 million")
    ticks = [(10 ** (n + 2), words) for n, words in enumerate(names)]
    axes.frame(ticks, [(0, "0"), (0.25, ".25"), (0.5, ".5"), (0.75, ".75"), (1, "1")], "items in the collection",
               "score of the best match")
    odds = 0.96 / 0.04 * 999
    axes.curve(lambda n: odds / (odds + n - 1), CORAL)
    axes.curve(lambda n: 0.9, TEAL)
    for count, words, dx, dy in ((1e3, ".96 among 1,000", -50, 30), (1e6, ".02 among 1 million", 40, -28)):
        x, y = axes.at(count, odds / (odds + count - 1))
        figure.circle(x, y, 8, CORAL, PAPER, 2)
        figure.text(x + dx, y + dy, words, 15, CORAL, "bold", anchor="mm")
    x, y = axes.at(2e6, 0.9)
    figure.text(x, y - 18, "calibrated relevance", 15, TEAL, "bold")
    return figure


def calibration_curve():
    figure = Figure(900, 500, "From a cosine to a probability",
                    "A logistic curve for each model and kind of item turns raw scores into one scale (an illustration)")
    axes = Axes(figure, (100, 145, 850, 410), (0, 0.9), (0, 1))
    axes.frame([(n / 10, f".{n}" if n else "0") for n in range(0, 10)],
               [(0, "0"), (0.25, ".25"), (0.5, ".5"), (0.75, ".75"), (1, "1")], "raw cosine", "relevance")
    for middle, slope, colour, words, at, side in ((0.26, 45, CORAL, "picture with text\n(CLIP)", 0.275, "rm"),
                                                   (0.42, 16, BLUE, "text with text\n(sentence encoder)", 0.472, "lm")):
        curve = lambda c, middle=middle, slope=slope: 1 / (1 + math.exp(-slope * (c - middle)))
        axes.curve(curve, colour)
        x, y = axes.at(at, curve(at))
        figure.text(x + (16 if side == "lm" else -20), y, words, 15, colour, "bold", anchor=side)
    left, y = axes.at(0, 0.5)
    figure.line([(left, y), (850, y)], AMBER, 2, (8, 6))
    figure.text(846, y - 15, "one threshold for both", 14, AMBER, "bold", anchor="rm")
    return figure


def diamond(figure, x, y):
    figure.polygon([(x, y - 9), (x + 9, y), (x, y + 9), (x - 9, y)], CORAL)


def int8_bound():
    figure = Figure(900, 500, "A certified int8 scan",
                    "Each approximate score carries a bound on its error; only rows that may still win are read again")
    left, right = 170, 850
    place = lambda score: left + (right - left) * (score - 0.2) / 0.7
    cut = 0.66
    rows = [("row 17", 0.80, 0.021, 0.812), ("row 4", 0.73, 0.026, 0.721), ("row 88", 0.65, 0.019, cut),
            ("row 35", 0.645, 0.024, 0.637), ("row 9", 0.52, 0.022, None), ("row 61", 0.38, 0.028, None)]
    figure.box(place(cut), 118, right + 15, 402, TEAL_TINT, None, radius=0)
    figure.line([(place(cut), 118), (place(cut), 402)], TEAL, 2, (8, 6))
    figure.text(place(cut), 418, "third best true score", 14, TEAL, "bold")
    for index, (name, score, bound, true) in enumerate(rows):
        y = 145 + index * 47
        colour = BLUE if score + bound >= cut else MUTED
        figure.text(left - 16, y, name, 14, anchor="rm")
        figure.line([(place(score - bound), y), (place(score + bound), y)], colour, 4)
        for end in (score - bound, score + bound):
            figure.line([(place(end), y - 8), (place(end), y + 8)], colour, 3)
        figure.circle(place(score), y, 6, CARD, colour, 2.5)
        if true is not None:
            diamond(figure, place(true), y)
    for first, last, words, colour in ((0, 3, "read again\nin full", BLUE), (4, 5, "proven out,\nnot read", MUTED)):
        figure.line([(left, 130 + first * 47), (left, 160 + last * 47)], colour, 3)
        figure.text(left + 16, 145 + (first + last) * 23.5, words, 14, colour, anchor="lm")
    figure.circle(left + 20, 462, 6, CARD, BLUE, 2.5)
    figure.text(left + 36, 462, "int8 score with its bound", 14, MUTED, anchor="lm")
    diamond(figure, 480, 462)
    figure.text(498, 462, "true score in fp32", 14, MUTED, anchor="lm")
    return figure


def scan_cost():
    figure = Figure(900, 440, "Smaller codes, faster scans", "Search of one million vectors of 512 numbers on one processor core")
    rows = [("fp32, exact", "2,048 bytes", 134, CORAL), ("int8 with its bound, exact", "524 bytes", 37, TEAL),
            ("sign bits, 500 rescored, approximate", "64 bytes", 3.8, BLUE)]
    for row, (words, size, ms, colour) in enumerate(rows):
        y = 160 + row * 84
        figure.text(360, y - 11, words, 17, anchor="rm")
        figure.text(360, y + 13, size + " a vector", 14, MUTED, anchor="rm")
        figure.box(378, y - 24, 378 + max(ms * 2.95, 9), y + 24, colour, None, radius=4)
        figure.text(378 + ms * 2.95 + 16, y, f"{ms} ms", 18, colour, "bold", anchor="lm")
    figure.text(40, 405, "A scan is limited by memory: time follows the bytes that are read.", 15, anchor="lm")
    return figure


def evidence_prompt():
    figure = Figure(900, 560, "A prompt with a budget",
                    "Everything is counted before it is sent; what does not fit is left out by rank, and named")
    parts = [("instructions", "answer only from the sources, cite by number", 54, VIOLET, VIOLET_TINT),
             ("[1] text", "title > section, then the passage, fenced", 54, BLUE, BLUE_TINT),
             ("[2] text", "the next passage by relevance", 54, BLUE, BLUE_TINT),
             ("Picture 3:", "caption and source, then the picture itself", 66, TEAL, TEAL_TINT),
             ("question", "as the reader asked it", 54, AMBER, AMBER_TINT),
             ("room for the answer", "reserved, never filled with evidence", 66, MUTED, CARD)]
    y = 112
    for name, what, height, colour, tint in parts:
        figure.box(60, y, 620, y + height, tint, colour)
        figure.text(82, y + height / 2, name, 16, INK, "bold", anchor="lm")
        figure.text(602, y + height / 2, what, 13, MUTED, anchor="rm")
        if name.startswith("Picture"):
            figure.picture_glyph(215, y + height / 2, 40, colour)
        y += height + 10
    figure.line([(640, 112), (652, 112), (652, y - 10), (640, y - 10)], INK, 2)
    figure.text(675, 270, "context\nwindow", 18, INK, "bold", anchor="lm")
    figure.text(675, 318, "num_ctx tokens", 14, MUTED, "mono", anchor="lm")
    figure.label(728, 430, 868, 495, "left out:\n[4], [5]", CORAL_TINT, CORAL, 15)
    return figure


def scene(figure, x, y, kind):
    """One of the little pictures of the contact sheet, 230 x 140, centred at a point."""
    figure.box(x - 115, y - 70, x + 115, y + 70, CARD, RULE)
    if kind == "bars":
        for index, height in enumerate((40, 75, 55, 96, 30)):
            left = x - 88 + index * 37
            figure.box(left, y + 52 - height, left + 26, y + 52, (BLUE, TEAL)[index % 2], None, radius=3)
    elif kind == "curve":
        figure.line([(x - 95, y + 50), (x + 95, y + 50)], MUTED, 2)
        figure.line([(x - 95 + t, y + 45 - 80 / (1 + math.exp(-(t - 95) / 18))) for t in range(0, 190, 3)], CORAL, 4)
    elif kind == "flow":
        for index, colour in enumerate((BLUE, VIOLET, TEAL)):
            left = x - 100 + index * 72
            figure.box(left, y - 22, left + 50, y + 22, colour, None, radius=7)
            if index < 2:
                figure.arrow((left + 53, y), (left + 71, y), MUTED, 2, 8)
    elif kind == "hills":
        figure.box(x - 114, y - 69, x + 114, y + 69, "#cfe3f7", None)
        figure.circle(x + 66, y - 34, 16, "#f5c95c")
        figure.polygon([(x - 114, y + 60), (x - 50, y - 30), (x + 20, y + 60)], "#5f8f7b")
        figure.polygon([(x - 40, y + 60), (x + 40, y - 8), (x + 113, y + 60)], "#2f6b57")
        figure.box(x - 114, y + 44, x + 114, y + 69, "#24523f", None, radius=8)
    elif kind == "matrix":
        for row in range(4):
            for column in range(4):
                left, top = x - 62 + column * 32, y - 62 + row * 32
                figure.box(left, top, left + 27, top + 27, TEAL if row == column else TEAL_TINT, None, radius=4)
    else:
        for row in range(5):
            figure.line([(x - 90, y - 44 + row * 22), (x + (90 if row % 2 else 50), y - 44 + row * 22)], MUTED, 5)


def contact_sheet():
    figure = Figure(900, 520, "Contact sheet", "For models that take one picture: several on one sheet, each with its number")
    for index, (kind, words) in enumerate((("bars", "Picture 1"), ("curve", "Picture 2"), ("flow", "Picture 3"),
                                           ("hills", "Picture 4"), ("matrix", "Picture 5"), ("scan", "Picture 6"))):
        x, y = 165 + (index % 3) * 285, 185 + (index // 3) * 200
        scene(figure, x, y, kind)
        figure.box(x - 115, y + 78, x - 15, y + 104, INK, None, radius=6)
        figure.text(x - 65, y + 91, words, 14, "#ffffff", "bold")
    return figure


def ndcg_discount():
    figure = Figure(900, 490, "Why the first ranks count most", "nDCG divides the gain at rank r by log2(r + 1)")
    for rank in range(1, 11):
        weight = 1 / math.log2(rank + 1)
        x = 110 + (rank - 1) * 76
        colour = TEAL if rank <= 3 else BLUE
        figure.box(x - 24, 400 - 250 * weight, x + 24, 400, colour, None, radius=5)
        figure.text(x, 400 - 250 * weight - 16, f"{weight:.2f}", 15, colour, "bold")
        figure.text(x, 420, str(rank), 15, MUTED)
    figure.line([(70, 400), (850, 400)], MUTED, 1.5)
    figure.text(460, 452, "rank of the relevant item", 14, MUTED)
    return figure


def offline_boundary():
    figure = Figure(960, 470, "What stays on the machine", "Solid: always local. Dashed: only when you ask for it")
    figure.box(40, 105, 640, 435, TEAL_TINT, TEAL, 2.5, 16)
    figure.text(60, 130, "your computer", 16, TEAL, "bold", anchor="lm")
    for x, y, words in ((70, 160, "files"), (250, 160, "sandboxed reader"), (440, 160, "knowledge base"),
                        (70, 310, "questions"), (250, 310, "encoders"), (440, 310, "local vision model")):
        figure.label(x, y, x + (170 if x > 100 else 130), y + 72, words, CARD, TEAL, 15)
    figure.arrow((203, 196), (246, 196))
    figure.arrow((423, 196), (436, 196), MUTED, 2, 8)
    figure.arrow((203, 346), (246, 346))
    figure.arrow((390, 307), (470, 236))
    figure.arrow((540, 235), (540, 306))
    for y, words, colour, tint in ((150, "model download\nby manifest and hash", BLUE, BLUE_TINT),
                                   (250, "remote pictures\nwith --fetch", AMBER, AMBER_TINT),
                                   (350, "hosted model\nby OPENAI_BASE_URL", CORAL, CORAL_TINT)):
        figure.label(740, y, 920, y + 72, words, tint, colour, 14)
        figure.line([(735, y + 36), (645, y + 36)], colour, 2, (7, 5))
    return figure


def retrieval_pipeline():
    figure = Figure(960, 500, "From files to an answer",
                    "Upper row: once, when files are added. Lower row: for each question")
    top = [("files", BLUE, BLUE_TINT), ("read", BLUE, BLUE_TINT), ("chunk", BLUE, BLUE_TINT), ("embed", BLUE, BLUE_TINT)]
    bottom = [("question", AMBER, AMBER_TINT), ("search", AMBER, AMBER_TINT), ("rerank", AMBER, AMBER_TINT),
              ("answer", CORAL, CORAL_TINT)]
    notes = (("HTML, PDF,\npictures", "text, figures,\nsections", "passages and\npictures", "vectors for\nboth"),
             ("words or\na picture", "dense and\nkeyword", "read the best\nagain", "sources and\npictures"))
    for row, stages in enumerate((top, bottom)):
        y = 150 + row * 175
        for index, (words, colour, tint) in enumerate(stages):
            x = 45 + index * 170
            figure.label(x, y, x + 125, y + 58, words, tint, colour, 18, "bold")
            figure.text(x + 62, y + 70, notes[row][index], 13, MUTED, anchor="ma")
            if index < 3:
                figure.arrow((x + 129, y + 29), (x + 166, y + 29))
    figure.box(745, 190, 920, 330, VIOLET_TINT, VIOLET, 2)
    figure.text(832, 232, "knowledge base", 16, VIOLET, "bold")
    figure.text(832, 270, "one file: text,\npictures, vectors", 14, MUTED)
    figure.arrow((684, 179), (741, 215))
    figure.line([(741, 290), (700, 308), (280, 308)], VIOLET, 2)
    figure.arrow((277, 306), (277, 321), VIOLET, 2)
    return figure


def jackdaw():
    figure = Figure(800, 600)
    figure.box(0, 0, 800, 600, "#dfeaf2", None, radius=0)
    figure.circle(620, 140, 62, "#f7e3b0")
    figure.polygon([(0, 470), (190, 380), (420, 450), (800, 360), (800, 600), (0, 600)], "#c5d6c9")
    figure.polygon([(0, 520), (330, 460), (800, 510), (800, 600), (0, 600)], "#a4bfab")
    ellipse = lambda x0, y0, x1, y1, fill: figure.draw.ellipse([v * 3 for v in (x0, y0, x1, y1)], fill)
    figure.polygon([(205, 420), (60, 500), (95, 522), (265, 452)], "#191d24")
    ellipse(180, 250, 470, 470, "#2a303a")
    figure.polygon([(372, 250), (470, 250), (458, 380), (400, 420), (330, 300)], "#2a303a")
    ellipse(352, 150, 490, 290, "#59626e")
    ellipse(376, 146, 496, 262, "#20252d")
    figure.polygon([(486, 190), (556, 212), (486, 230)], "#14171c")
    figure.circle(452, 196, 14, "#dfe8ee")
    figure.circle(455, 197, 6.5, "#101318")
    figure.polygon([(190, 320), (385, 300), (330, 420), (110, 478)], "#161a20")
    for shift in range(3):
        figure.line([(250 + shift * 26, 420 - shift * 22), (150 + shift * 30, 452 - shift * 26)], "#343c48", 3)
    ellipse(170, 518, 540, 640, "#7d8a86")
    ellipse(210, 522, 470, 570, "#93a09b")
    for x in (320, 368):
        figure.line([(x, 455), (x + 4, 520)], "#14171c", 7)
        for toe in (-24, 4, 30):
            figure.line([(x + 4, 518), (x + 4 + toe, 532)], "#14171c", 5)
    crystal = [(600, 430), (640, 400), (676, 436), (660, 510), (612, 512)]
    figure.polygon(crystal, "#c9b8ee")
    figure.polygon([(600, 430), (640, 400), (638, 452)], "#efe8fc")
    figure.polygon([(640, 400), (676, 436), (638, 452)], "#ab94de")
    figure.polygon([(638, 452), (676, 436), (660, 510)], "#8f75cc")
    figure.line([(690, 396), (706, 380)], "#ffffff", 4)
    figure.line([(690, 380), (706, 396)], "#ffffff", 4)
    return figure


MORE = {
    "figures/fusion-bars.png": fusion_bars,
    "figures/rerank-funnel.png": rerank_funnel,
    "figures/softmax-dilution.png": softmax_dilution,
    "figures/calibration-curve.png": calibration_curve,
    "figures/int8-bound.png": int8_bound,
    "figures/scan-cost.png": scan_cost,
    "figures/evidence-prompt.png": evidence_prompt,
    "figures/contact sheet.jpg": contact_sheet,
    "figures/ndcg-discount.png": ndcg_discount,
    "figures/offline-boundary.png": offline_boundary,
    "retrieval pipeline.png": retrieval_pipeline,
    "jackdaw with quartz.jpg": jackdaw,
}
