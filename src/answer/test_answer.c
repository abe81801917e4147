/* Answers where no server is asked: extraction, nothing found, showing a prompt. */
#include "answer/answer.h"
#include "answer/json.h"
#include "answer/prompt.h"
#include "answer/test_fixture.h"

typedef struct scene {
    jd_results *results;
    jd_ask_options options;
    jd_answer_request request;
    GString *said;
} scene;

static void on_text(const char *piece, void *user)
{
    g_string_append(((scene *)user)->said, piece);
}

static void scene_init(scene *s, const char *question)
{
    *s = (scene){.options = JD_ASK_OPTIONS_INIT, .said = g_string_new(NULL)};
    s->results = jd_results_new(question, JD_PROFILE_DEFAULT);
    s->options.backend = "extract";
    s->options.on_text = on_text;
    s->options.user = s;
    s->request =
        (jd_answer_request){.question = question, .results = s->results, .options = &s->options};
}

static void scene_clear(scene *s)
{
    jd_results_free(s->results);
    g_string_free(s->said, TRUE);
}

static jd_answer *scene_answer(scene *s)
{
    g_autoptr(GError) error = NULL;
    jd_answer *answer = jd_answer_question(&s->request, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(s->said->str, ==, answer->text);
    g_assert_cmpstr(answer->question, ==, s->request.question);
    return answer;
}

static const char filler[] =
    "The weather was mild that week. Nothing of interest happened on Monday or on Tuesday. The "
    "office stayed closed. People walked in the park and fed the ducks. ";

static void test_quotes(void)
{
    scene s;
    scene_init(&s, "Which invoices were paid?");
    g_autofree char *text = g_strconcat(filler, filler, filler, "Two invoices were paid in May. ",
                                        filler, filler, filler, NULL);
    fixture_add(s.results, fixture_text(1, "Diary", "May", text), 0.9);
    fixture_add(s.results, fixture_text(2, "Diary", "June", filler), 0.3);
    fixture_add(s.results, fixture_image(3, "Diary", "May", "A paid\ninvoice"), 0.5);
    g_autoptr(jd_answer) answer = scene_answer(&s);
    g_assert_true(answer->answered);
    g_assert_true(answer->complete);
    g_assert_cmpstr(answer->backend, ==, "extract");
    g_assert_null(answer->model);
    g_assert_true(g_str_has_prefix(answer->text, "“"));
    g_assert_nonnull(strstr(answer->text, "Two invoices were paid in May."));
    g_assert_nonnull(strstr(answer->text, "” [1]"));
    g_assert_true(g_str_has_suffix(answer->text, "\n\nPicture [3]: A paid invoice"));
    g_assert_cmpuint(answer->citations->len, >=, 2);
    for (guint i = 0; i < answer->citations->len; i++) {
        jd_citation c = g_array_index(answer->citations, jd_citation, i);
        g_autofree char *mark = g_strdup_printf("[%d]", c.n);
        g_autofree char *part = g_strndup(answer->text + c.start, c.end - c.start);
        g_assert_nonnull(strstr(part, mark));
        g_assert_null(strstr(part, "\n\n"));
        g_assert_cmpuint(g_utf8_strlen(part, -1), <, 460);
        g_assert_true(g_utf8_validate(part, -1, NULL));
    }
    g_assert_cmpuint(answer->evidence->text->len, ==, 2);
    scene_clear(&s);
}

/* An item of a list goes with its lead-in, a lead-in with its list. */
static void test_lists(void)
{
    static const char list[] = "Bring the following papers:\n- the signed invoice\n- a passport\n"
                               "- the key";
    g_autofree char *text =
        g_strconcat(filler, filler, filler, "\n", list, "\n", filler, filler, filler, NULL);
    static const char *const questions[] = {"Is a passport needed?", "Which papers are needed?"};
    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
        scene s;
        scene_init(&s, questions[i]);
        fixture_add(s.results, fixture_text(1, "Handbook", "Office", text), 0.9);
        g_autoptr(jd_answer) answer = scene_answer(&s);
        g_assert_nonnull(strstr(answer->text, list));
        scene_clear(&s);
    }
}

static void test_nothing(void)
{
    scene s;
    scene_init(&s, "Which elephants?");
    s.options.backend = "auto";
    g_autoptr(jd_answer) answer = scene_answer(&s);
    g_assert_false(answer->answered);
    g_assert_true(answer->complete);
    g_assert_cmpstr(answer->text, ==, JD_PROMPT_NO_ANSWER);
    g_assert_cmpuint(answer->citations->len, ==, 0);
    scene_clear(&s);
}

static void test_json(void)
{
    scene s;
    scene_init(&s, "Which invoices were paid?");
    fixture_add(s.results, fixture_text(12, "Diary", "May", "Two invoices were paid."), 0.9);
    g_autoptr(jd_answer) answer = scene_answer(&s);
    json_t *object = jd_answer_to_json(answer);
    json_t *citation = json_array_get(json_object_get(object, "citations"), 0);
    g_assert_cmpint(json_integer_value(json_object_get(citation, "n")), ==, 1);
    g_assert_cmpstr(json_string_value(json_object_get(citation, "id")), ==, "t12");
    g_assert_cmpint(json_integer_value(json_object_get(citation, "start")), ==, 0);
    g_assert_cmpint(json_integer_value(json_object_get(citation, "end")), ==, strlen(answer->text));
    g_assert_true(json_is_true(json_object_get(object, "answered")));
    g_assert_true(json_is_null(json_object_get(object, "model")));
    json_t *evidence = json_object_get(object, "evidence");
    g_assert_cmpuint(json_array_size(json_object_get(evidence, "text")), ==, 1);
    g_assert_cmpuint(json_array_size(json_object_get(evidence, "images")), ==, 0);
    static const char *const keys[] = {"question", "answer",     "backend",
                                       "left_out", "timings_ms", "notes"};
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        g_assert_nonnull(json_object_get(object, keys[i]));
    json_decref(object);
    scene_clear(&s);
}

static json_t *show(scene *s)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = jd_answer_show_prompt(&s->request, &error);
    g_assert_no_error(error);
    json_t *object = json_loads(text, 0, NULL);
    g_assert_nonnull(object);
    return object;
}

/* Without any server the prompt can be shown all the same. */
static void test_show(void)
{
    g_setenv("OLLAMA_HOST", "127.0.0.1:9", TRUE);
    scene s;
    scene_init(&s, "Which invoices were paid?");
    fixture_add(s.results, fixture_text(12, "Diary", "May", "Two invoices were paid."), 0.9);
    json_t *object = show(&s);
    json_t *passage = json_array_get(json_object_get(object, "passages"), 0);
    g_assert_cmpstr(json_string_value(json_object_get(passage, "id")), ==, "t12");
    json_decref(object);
    s.options.backend = "ollama";
    object = show(&s);
    json_t *body = json_object_get(object, "body");
    g_assert_cmpstr(json_string_value(json_object_get(object, "url")), ==,
                    "http://127.0.0.1:9/api/chat");
    g_assert_cmpstr(json_string_value(json_object_get(body, "model")), ==, "llama3.2-vision");
    g_assert_true(json_is_false(json_object_get(body, "truncate")));
    g_assert_true(json_is_false(json_object_get(body, "shift")));
    json_t *options = json_object_get(body, "options");
    g_assert_cmpint(json_integer_value(json_object_get(options, "num_ctx")), ==, 8192);
    json_decref(object);
    s.options.backend = "telepathy";
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_answer_show_prompt(&s.request, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
    scene_clear(&s);
}

/* Nothing would be sent, so nothing is shown. */
static void test_show_nothing(void)
{
    scene s;
    scene_init(&s, "Which elephants?");
    s.options.backend = "ollama";
    json_t *object = show(&s);
    g_assert_cmpstr(json_string_value(json_object_get(object, "backend")), ==, "extract");
    g_assert_cmpuint(json_array_size(json_object_get(object, "passages")), ==, 0);
    json_decref(object);
    scene_clear(&s);
}

/* auto falls back to passages, a named backend does not. */
static void test_absent(void)
{
    g_setenv("OLLAMA_HOST", "127.0.0.1:9", TRUE);
    g_unsetenv("OPENAI_BASE_URL");
    scene s;
    scene_init(&s, "Which invoices were paid?");
    fixture_add(s.results, fixture_text(12, "Diary", "May", "Two invoices were paid."), 0.9);
    s.options.backend = "auto";
    g_autoptr(jd_answer) answer = scene_answer(&s);
    g_assert_cmpstr(answer->backend, ==, "extract");
    g_assert_cmpuint(answer->notes->len, ==, 1);
    static const char *const named[] = {"ollama", "openai"};
    for (gsize i = 0; i < G_N_ELEMENTS(named); i++) {
        g_autoptr(GError) error = NULL;
        s.options.backend = named[i];
        g_assert_null(jd_answer_question(&s.request, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_UNAVAILABLE);
        g_assert_nonnull(jd_error_hint(error));
    }
    s.options.backend = "auto";
    s.options.model = "gemma3";
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_answer_question(&s.request, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNAVAILABLE);
    scene_clear(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer/quotes", test_quotes);
    g_test_add_func("/answer/lists", test_lists);
    g_test_add_func("/answer/nothing", test_nothing);
    g_test_add_func("/answer/json", test_json);
    g_test_add_func("/answer/show", test_show);
    g_test_add_func("/answer/show-nothing", test_show_nothing);
    g_test_add_func("/answer/absent", test_absent);
    return g_test_run();
}
