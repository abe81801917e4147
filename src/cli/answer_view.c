#include "cli/answer_view.h"

#include "answer/json.h"
#include "cli/report.h"
#include "cli/results_view.h"
#include "cli/signals.h"
#include "retrieve/json.h"

void jd_answer_view_init(jd_answer_view *view, const jd_cli *cli, jd_cancel *cancel)
{
    *view = (jd_answer_view){
        .cli = cli,
        .cancel = cancel,
        .told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    jd_wrapper_init(&view->wrapper, cli->out.file, cli->out.tty ? cli->out.columns : 0, 0);
}

void jd_answer_view_clear(jd_answer_view *view)
{
    jd_wrapper_clear(&view->wrapper);
    g_clear_pointer(&view->told, g_hash_table_unref);
}

static void on_text(const char *piece, void *user)
{
    jd_answer_view *view = user;
    view->begun = TRUE;
    jd_wrapper_add(&view->wrapper, piece, -1);
    if (fflush(view->cli->out.file) == 0)
        return;
    view->unread = TRUE;
    g_atomic_int_set(view->cancel, 1);
}

static void tell(jd_answer_view *view, const char *note)
{
    if (g_hash_table_add(view->told, g_strdup(note)))
        jd_report_note(view->cli, note);
}

/* Amid the answer's words a note would tear them apart; it is in the answer's notes as well. */
static void on_note(const char *note, void *user)
{
    jd_answer_view *view = user;
    if (!view->begun)
        tell(view, note);
}

static void on_query(const char *query, void *user)
{
    const jd_answer_view *view = user;
    if (g_str_equal(query, view->question))
        return;
    g_autofree char *note = g_strdup_printf("searching for: %s", query);
    jd_report_note(view->cli, note);
}

void jd_answer_view_attach(jd_answer_view *view, const char *question, jd_ask_options *options)
{
    view->question = question;
    view->begun = FALSE;
    options->on_query = on_query;
    options->cancel = view->cancel;
    options->user = view;
    options->on_note = on_note;
    if (!view->cli->json)
        options->on_text = on_text;
}

static gboolean cited(const jd_answer *answer, int n)
{
    for (guint i = 0; i < answer->citations->len; i++)
        if (g_array_index(answer->citations, jd_citation, i).n == n)
            return TRUE;
    return FALSE;
}

void jd_print_sources(const jd_cli *cli, jd_kb *kb, const jd_answer *answer)
{
    const GPtrArray *text = answer->evidence->text, *images = answer->evidence->images;
    gboolean all = answer->citations->len == 0;
    int n = 1;
    for (guint i = 0; i < text->len; i++, n++)
        if (all || cited(answer, n))
            jd_print_source(cli, kb, n, ((const jd_evidence *)text->pdata[i])->item);
    for (guint i = 0; i < images->len; i++, n++)
        jd_print_source(cli, kb, n, ((const jd_evidence *)images->pdata[i])->item);
}

static void tell_left_out(jd_answer_view *view, const GPtrArray *left_out)
{
    for (guint i = 0; i < left_out->len; i++) {
        const jd_left_out *left = left_out->pdata[i];
        g_autofree char *id = jd_item_id(left->kind, left->item);
        g_autofree char *note = g_strdup_printf("left out %s: %s", id, left->reason);
        tell(view, note);
    }
}

void jd_answer_view_end(jd_answer_view *view, jd_kb *kb, const jd_answer *answer)
{
    const jd_cli *cli = view->cli;
    if (cli->json) {
        json_auto_t *json = jd_answer_to_json(answer);
        jd_print_json(&cli->out, json);
        return;
    }
    if (!view->begun)
        on_text(answer->text, view);
    jd_wrapper_clear(&view->wrapper);
    if (view->wrapper.column > 0)
        fputc('\n', cli->out.file);
    if (answer->answered && answer->evidence->text->len + answer->evidence->images->len > 0) {
        fputc('\n', cli->out.file);
        jd_print_sources(cli, kb, answer);
    }
    fflush(cli->out.file);
    /* Why an answer is not complete is said every time. */
    if (!answer->complete)
        g_hash_table_remove_all(view->told);
    tell_left_out(view, answer->left_out);
    for (guint i = 0; i < answer->notes->len; i++)
        tell(view, answer->notes->pdata[i]);
    jd_wrapper_init(&view->wrapper, cli->out.file, cli->out.tty ? cli->out.columns : 0, 0);
}

jd_exit jd_answer_view_status(const jd_answer_view *view, const jd_answer *answer)
{
    if (view->unread)
        return JD_EXIT_DONE;
    if (jd_signals_caught())
        return JD_EXIT_INTERRUPTED;
    if (!answer->complete)
        return JD_EXIT_FAILED;
    return answer->answered ? JD_EXIT_DONE : JD_EXIT_NOTHING;
}
