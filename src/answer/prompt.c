#include "answer/prompt.h"

#include "answer/neutral.h"
#include "answer/prompt_parts.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

static void part_free(gpointer data)
{
    jd_part *part = data;
    g_free(part->text);
    g_clear_pointer(&part->picture, g_bytes_unref);
    g_free(part);
}

static void message_free(gpointer data)
{
    jd_message *message = data;
    g_ptr_array_unref(message->parts);
    g_free(message);
}

jd_prompt *jd_prompt_empty(void)
{
    jd_prompt *prompt = g_new0(jd_prompt, 1);
    prompt->messages = g_ptr_array_new_with_free_func(message_free);
    prompt->notes = g_ptr_array_new_with_free_func(g_free);
    return prompt;
}

void jd_prompt_free(jd_prompt *prompt)
{
    if (!prompt)
        return;
    g_ptr_array_unref(prompt->messages);
    g_ptr_array_unref(prompt->notes);
    g_free(prompt);
}

jd_message *jd_prompt_add(jd_prompt *prompt, const char *role)
{
    jd_message *message = g_new0(jd_message, 1);
    message->role = role;
    message->parts = g_ptr_array_new_with_free_func(part_free);
    g_ptr_array_add(prompt->messages, message);
    return message;
}

void jd_message_add_text(jd_message *message, char *text)
{
    jd_part *part = g_new0(jd_part, 1);
    part->text = text;
    g_ptr_array_add(message->parts, part);
}

void jd_message_add_picture(jd_message *message, GBytes *picture, const char *media_type)
{
    jd_part *part = g_new0(jd_part, 1);
    part->picture = g_bytes_ref(picture);
    part->media_type = media_type;
    g_ptr_array_add(message->parts, part);
}

/* ---- the budget ---- */

typedef struct budget {
    const jd_answer_request *request;
    jd_selection *selection;
    const jd_window *window;
    gsize first_turn; /* of the history that is kept */
    gint64 fixed;     /* tokens of what is always sent */
    gint64 allowed;   /* estimated tokens that all of the prompt may have */
} budget;

static gboolean takes_question_picture(const budget *b)
{
    return b->request->question_picture && jd_model_picture_limit(b->window->model) > 0;
}

/* Which pictures are shown, and what each source costs. */
static void weigh_sources(const budget *b)
{
    gboolean article = b->selection->results->profile == JD_PROFILE_ARTICLE;
    int limit = jd_model_picture_limit(b->window->model);
    gboolean sheet = limit == 1; /* all of them cost what one does */
    int n = 1;
    for (guint i = 0; i < b->selection->text->len; i++, n++) {
        jd_source *source = g_ptr_array_index(b->selection->text, i);
        g_autofree char *text = jd_prompt_source_text(source, n);
        source->tokens = jd_text_tokens(text) + (article ? JD_PROMPT_ARTICLE_TOKENS : 0);
    }
    for (guint i = 0; i < b->selection->images->len; i++, n++) {
        jd_source *source = g_ptr_array_index(b->selection->images, i);
        source->shown = limit > 0 && b->request->pictures && source->evidence->item->sha256;
        g_autofree char *text = jd_prompt_source_text(source, n);
        source->tokens = jd_text_tokens(text) + (article ? JD_PROMPT_ARTICLE_TOKENS : 0);
        if (source->shown && !sheet)
            source->tokens += jd_picture_tokens(b->window->model, source->evidence->item) +
                              JD_PROMPT_LABEL_TOKENS;
    }
}

/* Earlier turns may take a quarter of the window: the newest stay. */
static gint64 weigh_history(budget *b)
{
    const jd_ask_options *options = b->request->options;
    gint64 sum = 0;
    gsize i = options->history_size;
    for (; i > 0; i--) {
        const jd_turn *turn = &options->history[i - 1];
        gint64 tokens = jd_text_tokens(turn->question) + jd_text_tokens(turn->answer) +
                        2 * JD_PROMPT_MESSAGE_TOKENS;
        if (sum + tokens > b->allowed / 4)
            break;
        sum += tokens;
    }
    b->first_turn = i;
    return sum;
}

static void weigh_fixed(budget *b)
{
    b->fixed = weigh_history(b) + jd_text_tokens(b->request->question) + JD_PROMPT_FIXED_TOKENS;
    gboolean sheet = jd_model_picture_limit(b->window->model) == 1;
    if (takes_question_picture(b) || sheet)
        b->fixed += jd_picture_tokens(b->window->model, NULL);
}

static gboolean fit(budget *b, GError **error)
{
    int context = b->window->context_tokens;
    b->allowed = (gint64)((context - b->window->answer_tokens) / b->window->scale);
    weigh_fixed(b);
    weigh_sources(b);
    g_autofree char *reason =
        g_strdup_printf("no room in the model's context of %d tokens", context);
    while (b->fixed + jd_selection_tokens(b->selection) > b->allowed) {
        if (jd_selection_size(b->selection) > 1) {
            jd_selection_drop(b->selection, reason);
            continue;
        }
        jd_set_error(
            error, JD_ERROR_LIMIT, "ask a shorter question, or use a model with a larger context",
            "the question and one source take about %d tokens, but the model's context "
            "of %d has room for %d beside the answer",
            (int)(b->fixed + jd_selection_tokens(b->selection)), context, (int)MAX(b->allowed, 0));
        return FALSE;
    }
    return TRUE;
}

static void note_budget(const budget *b, jd_prompt *prompt)
{
    guint left = b->selection->left_out->len;
    if (left > 0)
        g_ptr_array_add(prompt->notes,
                        g_strdup_printf("%u of %u sources did not fit into the model's context of "
                                        "%d tokens and were left out",
                                        left, left + jd_selection_size(b->selection),
                                        b->window->context_tokens));
    if (b->first_turn > 0)
        g_ptr_array_add(prompt->notes,
                        g_strdup_printf("the %" G_GSIZE_FORMAT
                                        " oldest turns of the conversation did not fit and were "
                                        "left out",
                                        b->first_turn));
    gboolean pictures = b->selection->images->len > 0 || b->request->question_picture;
    if (pictures && jd_model_picture_limit(b->window->model) == 0)
        g_ptr_array_add(prompt->notes,
                        g_strdup_printf("%s takes no pictures: it was sent their captions only",
                                        b->window->model->name));
}

/* ---- the messages ---- */

static void add_history(const budget *b, jd_prompt *prompt)
{
    const jd_ask_options *options = b->request->options;
    for (gsize i = b->first_turn; i < options->history_size; i++) {
        jd_message_add_text(jd_prompt_add(prompt, "user"),
                            jd_neutral_text(options->history[i].question));
        jd_message_add_text(jd_prompt_add(prompt, "assistant"),
                            jd_neutral_text(options->history[i].answer));
    }
}

static void build(const budget *b, jd_prompt *prompt)
{
    gboolean article = b->selection->results->profile == JD_PROFILE_ARTICLE;
    if (!article)
        jd_message_add_text(jd_prompt_add(prompt, "system"), jd_prompt_system_text(b->selection));
    add_history(b, prompt);
    jd_message *message = jd_prompt_add(prompt, "user");
    if (article)
        jd_message_add_text(message, jd_prompt_article_text(b->request->question, b->selection));
    jd_picture_plan plan = {.request = b->request,
                            .selection = b->selection,
                            .limit = jd_model_picture_limit(b->window->model),
                            .bare = article};
    jd_prompt_add_pictures(prompt, message, &plan);
    if (article)
        return;
    if (prompt->pictures > 0)
        jd_message_add_text(message, g_strdup("\n"));
    jd_message_add_text(message, jd_neutral_text(b->request->question));
}

jd_prompt *jd_prompt_new(const jd_answer_request *request, jd_selection *selection,
                         const jd_window *window, GError **error)
{
    budget b = {.request = request, .selection = selection, .window = window};
    if (!fit(&b, error))
        return NULL;
    jd_prompt *prompt = jd_prompt_empty();
    prompt->tokens = b.fixed + jd_selection_tokens(selection);
    note_budget(&b, prompt);
    build(&b, prompt);
    return prompt;
}
