/*
 * From an encoder's cosines to a scale that means the same for every encoder.
 *
 * Where one gives .6 to a passage that answers a question and 0 to any other, the next gives .85
 * and .7. So each encoder embeds the same questions with their answers, all about different things:
 *
 *     middle = N + 0.58 (P - N),   width = 0.13 (P - N)
 *
 * where P is the mean cosine of a question with its own answer and N that with all others. The two
 * factors put all-MiniLM-L6-v2 (P = .579, N = .033) at the middle that was measured for it, .35: of
 * 30 questions that a base answers 29 stayed, of 20 others 19 were refused; on the handbook of
 * samples/ all of 30 and all of 28.
 */
#include "encoder_scale.h"

#include "base/error.h"
#include "embed/models.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *question, *answer;
} pairs[] = {
    {"How does a refrigerator keep food cold?",
     "A refrigerant evaporates inside the cabinet, takes up heat there and gives it "
     "off again behind the appliance, where a compressor makes it liquid."},
    {"When was the first railway opened?",
     "The line between Stockton and Darlington carried passengers behind a steam "
     "engine in September 1825."},
    {"What do bees make honey from?",
     "Bees collect nectar from blossoms, thicken it in the hive and store it in "
     "combs of wax as food for the winter."},
    {"Who may vote in the general assembly?",
     "Every member who has paid the subscription for the current year has one vote "
     "in the general assembly."},
    {"How do I reset the password?",
     "Choose Forgotten password on the login page; a link to set a new one is sent "
     "to your e-mail address."},
    {"Why is the sky blue?",
     "Air scatters short wavelengths of sunlight more strongly than long ones, so "
     "blue light reaches the eye from every direction."},
    {"How long must the dough rest?",
     "Cover the bowl and leave the dough in a warm place for about two hours, until "
     "it has doubled in size."},
    {"What does the warranty cover?",
     "Faults of material and manufacture are repaired free of charge for two years; "
     "wear and misuse are excluded."},
    {"Which muscles does swimming train?",
     "Swimming works the shoulders, the back and the legs at once, and the heart "
     "with them, without strain on the joints."},
    {"How is the interest on the loan calculated?",
     "Interest is charged monthly on the balance that is still owed, at one twelfth "
     "of the yearly rate."},
    {"What caused the fire in the warehouse?",
     "Investigators found that a damaged cable behind the packing machine had set "
     "cardboard alight."},
    {"How deep should tulip bulbs be planted?",
     "Put the bulbs in the ground in autumn, three times as deep as they are high, "
     "with the tip upwards."},
    {"What is the function of the liver?",
     "The liver breaks down poisons, stores sugar and makes the bile that digests "
     "fat."},
    {"How many people live in the city?",
     "At the last census the city had some 412,000 inhabitants, a tenth more than "
     "ten years before."},
    {"Why did the museum close?",
     "The museum shut its doors in May because the roof let in rain and money for "
     "repairs was lacking."},
    {"How do I install the software?",
     "Download the package, run the installer as administrator and restart the "
     "computer when it asks you to."},
};

enum { PAIRS = G_N_ELEMENTS(pairs) };

static double dot(const float *a, const float *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void scale_of(const float *questions, const float *answers, int dimension,
                     jd_cosine_scale *scale)
{
    const double middle = 0.58, width = 0.13, least_width = 0.005;
    double own = 0, other = 0;
    for (int i = 0; i < PAIRS; i++)
        for (int j = 0; j < PAIRS; j++)
            *(i == j ? &own : &other) +=
                dot(questions + i * dimension, answers + j * dimension, dimension);
    own /= PAIRS;
    other /= PAIRS * (PAIRS - 1);
    double spread = MAX(own - other, 0);
    *scale = (jd_cosine_scale){.middle = other + middle * spread,
                               .width = MAX(width * spread, least_width)};
}

static gboolean embed(const jd_encoder *encoder, gboolean questions, float *out, GError **error)
{
    jd_text texts[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        const char *text = questions ? pairs[i].question : pairs[i].answer;
        texts[i] = (jd_text){text, strlen(text)};
    }
    jd_texts batch = {
        .items = texts, .count = PAIRS, .prompt = jd_encoder_prompt(encoder, questions)};
    return jd_model_embed_texts(encoder->model, &batch, out, error);
}

static gboolean measure(jd_encoders *encoders, jd_encoder *encoder, jd_cosine_scale *scale,
                        GError **error)
{
    const jd_model *model = jd_encoder_load(encoders, encoder, error);
    if (!model)
        return FALSE;
    int dimension = jd_model_get_info(model)->dimension;
    g_autofree float *questions = g_new(float, PAIRS *dimension);
    g_autofree float *answers = g_new(float, PAIRS *dimension);
    if (!embed(encoder, TRUE, questions, error) || !embed(encoder, FALSE, answers, error))
        return FALSE;
    scale_of(questions, answers, dimension, scale);
    return TRUE;
}

static gboolean read_kept(const char *path, jd_cosine_scale *scale)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    char *end;
    double middle = g_ascii_strtod(text, &end);
    double width = g_ascii_strtod(end, NULL);
    if (!(fabs(middle) <= 1) || !(width > 0 && width <= 1))
        return FALSE;
    *scale = (jd_cosine_scale){.middle = middle, .width = width};
    return TRUE;
}

gboolean jd_encoder_get_scale(jd_encoders *encoders, jd_encoder *encoder, jd_cosine_scale *scale,
                              GError **error)
{
    const char *revision = jd_encoder_get_revision(encoder, error);
    if (!revision)
        return FALSE;
    g_autofree char *cache = jd_models_cache();
    g_autofree char *file = g_strdup_printf("%.32s.scale", revision);
    g_autofree char *path = g_build_filename(cache, file, NULL);
    if (read_kept(path, scale))
        return TRUE;
    if (!measure(encoders, encoder, scale, error))
        return FALSE;
    /* Where it cannot be kept, the next process measures again. */
    char middle[G_ASCII_DTOSTR_BUF_SIZE], width[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *text =
        g_strdup_printf("%s %s\n", g_ascii_dtostr(middle, sizeof middle, scale->middle),
                        g_ascii_dtostr(width, sizeof width, scale->width));
    g_file_set_contents(path, text, -1, NULL);
    return TRUE;
}
