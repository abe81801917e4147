#include "base/language.h"

#include <string.h>

static void test_sentences(void)
{
    const struct {
        const char *text, *language;
    } cases[] = {
        {"The model learns to match pictures with their captions, and the loss is computed over "
         "all pairs in the batch.",
         "en"},
        {"Das ist ein Satz über die Katze und den Hund.", "de"},
        {"El gato está en la mesa y no quiere comer.", "es"},
        {"Le chat est sur la table et il ne veut pas manger.", "fr"},
        {"Il gatto è sul tavolo e non vuole mangiare.", "it"},
        {"O gato está na mesa e não quer comer.", "pt"},
        {"De kat zit op de tafel en wil niet eten.", "nl"},
        {"Katten sitter på bordet och vill inte äta.", "sv"},
        {"Katten sidder på bordet og vil ikke spise, før den har fået noget at drikke.", "da"},
        {"Katten sitter på bordet og vil ikke spise etter at den har fått noe å drikke.", "no"},
        {"Kissa istuu pöydällä, mutta se ei halua syödä.", "fi"},
        {"A macska az asztalon ül és nem akar enni.", "hu"},
        {"Pisica este pe masă și nu vrea să mănânce.", "ro"},
        {"Kedi masada ve yemek istemiyor çünkü çok yorgun.", "tr"},
        {"Kot siedzi na stole i nie chce jeść.", "pl"},
        {"Kočka sedí na stole a nechce jíst, protože je.", "cs"},
        {"Кошка сидит на столе и не хочет есть, потому что она сыта.", "ru"},
        {"Кіт сидить на столі і не хоче їсти.", "uk"},
        {"Котката е на масата, защото е в ъгъла.", "bg"},
        {"Мачка љуби ђака.", "sr"},
        {"日本語の文章です。", "ja"},
        {"カタカナ", "ja"},
        {"这是一个中文句子。", "zh"},
        {"한국어 문장입니다.", "ko"},
        {"هذا نص عربي", "ar"},
        {"این یک متن فارسی است که پدر نوشت", "fa"},
        {"یہ اردو میں ہے", "ur"},
        {"Η γάτα είναι στο τραπέζι.", "el"},
        {"החתול על השולחן", "he"},
        {"ภาษาไทย", "th"},
        {"यह हिन्दी है", "hi"},
        /* A word of another language does not change it. */
        {"Der Begriff machine learning ist in der Praxis sehr verbreitet, und das nicht nur hier.",
         "de"},
        /* Undecided: too short, or nothing that tells. */
        {"", NULL},
        {"x", NULL},
        {"12345 67.8", NULL},
        {"CLIP ViT-B/16", NULL},
        {"Hello world", NULL},
        {"\xFF\xFE\x80", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(jd_language_guess(cases[i].text, strlen(cases[i].text)), ==,
                        cases[i].language);
}

static void test_only_so_much_is_looked_at(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 4000)
        g_string_append(text, "the cat is on the table and it does not want to eat. ");
    while (text->len < 100000)
        g_string_append(text, "die Katze ist auf dem Tisch und sie will nicht fressen. ");
    g_assert_cmpstr(jd_language_guess(text->str, text->len), ==, "en");
    g_assert_cmpstr(jd_language_guess(text->str + 50000, 40000), ==, "de");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/language/sentences", test_sentences);
    g_test_add_func("/base/language/sample", test_only_so_much_is_looked_at);
    return g_test_run();
}
