"""Texts and pairs that models are compared on: short and long, of several scripts, and those that get cut."""

LONG = "retrieval of the evidence and fusion of the answer, a photo of a cat; search the text or the vector? " * 8

TEXTS = ["a photo of the cat", "The DOG, and the cat: 12 + 3 = 15!", "", "Fusion", "quick brown fox jumps over the lazy dog",
         "naïve café – 検索 и поиск 🐈", LONG]

PAIRS = [["what is retrieval", "retrieval is the search of evidence"], ["Cat?", "a dog of the model"], ["", ""],
         ["what is fusion", LONG], [LONG, "an answer"], ["поиск", "検索 and picture"]]
