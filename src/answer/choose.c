/* The table of backends, and choosing among them. */
#include "answer/backend.h"
#include "answer/probe.h"
#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

static const jd_backend *const backends[] = {&jd_backend_ollama, &jd_backend_openai,
                                             &jd_backend_extract};

const jd_backend *jd_backend_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(backends); i++) {
        if (!strcmp(backends[i]->name, name))
            return backends[i];
    }
    return NULL;
}

void jd_session_note(jd_session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *note = g_strdup_vprintf(format, args);
    va_end(args);
    if (g_ptr_array_find_with_equal_func(session->answer->notes, note, g_str_equal, NULL)) {
        g_free(note);
        return;
    }
    g_ptr_array_add(session->answer->notes, note);
    if (session->options->on_note)
        session->options->on_note(note, session->options->user);
}

void jd_session_set_model(jd_session *session, const jd_server_model *model)
{
    jd_server_model *copy = jd_server_model_copy(model);
    jd_server_model_free(session->model);
    session->model = copy;
    int asked = session->options->context_tokens;
    int wanted = asked > 0 ? asked : JD_ASK_CONTEXT_TOKENS;
    int most = copy->context_tokens;
    session->context_tokens = most > 0 ? MIN(wanted, most) : wanted;
    if (asked > session->context_tokens)
        jd_session_note(session, "%s has a context of %d tokens, not %d", copy->name, most, asked);
}

int jd_session_answer_tokens(const jd_session *session)
{
    int most = session->most_tokens > 0 ? session->most_tokens : JD_ASK_ANSWER_TOKENS;
    return MIN(most, session->context_tokens / 4);
}

static void note_choice(jd_session *session, const char *why)
{
    g_autofree char *shown = session->base ? jd_url_for_display(session->base) : NULL;
    if (session->model)
        jd_session_note(session, "answering with %s (%s at %s): %s", session->model->name,
                        session->backend->name, shown, why);
    else
        jd_session_note(session, "answering with quoted passages, no language model does: %s", why);
}

/* One step of choosing by itself. */
typedef struct step {
    const jd_backend *backend;
    gboolean text_only; /* a model that takes no pictures will do */
    const char *why;
} step;

/* Whether the server that the options name is Ollama: it tells its version. */
static gboolean named_server_is_ollama(const jd_session *session)
{
    g_autofree char *base = jd_ollama_base(session->options->server, NULL);
    if (!base)
        return FALSE;
    g_auto(jd_probe) probe = {
        .base = base, .offline = session->options->offline, .cancel = session->options->cancel};
    g_autofree char *version = jd_ollama_version(&probe);
    return version != NULL;
}

static gsize list_steps(const jd_session *session, step steps[3])
{
    const jd_ask_options *options = session->options;
    const char *openai = g_getenv("OPENAI_BASE_URL");
    if (options->server) {
        gboolean ollama = named_server_is_ollama(session);
        steps[0] = (step){ollama ? &jd_backend_ollama : &jd_backend_openai, TRUE,
                          "the server that was named"};
        return 1;
    }
    gsize n = 0;
    steps[n++] = (step){&jd_backend_ollama, options->model != NULL,
                        options->model ? "the model that was named"
                                       : "a model of Ollama's that takes pictures"};
    if (openai && *openai)
        steps[n++] = (step){&jd_backend_openai, TRUE, "the server that OPENAI_BASE_URL names"};
    if (!options->model)
        steps[n++] = (step){&jd_backend_ollama, TRUE, "no model that takes pictures was found"};
    return n;
}

static gboolean choose_auto(jd_session *session, GError **error)
{
    step steps[3];
    gsize n = list_steps(session, steps);
    g_autoptr(GError) first = NULL;
    for (gsize i = 0; i < n; i++) {
        /* The last step asks Ollama again, for any model: only where it answered the first time. */
        if (i > 0 && steps[i].backend == &jd_backend_ollama && first->code != JD_ERROR_NOT_FOUND)
            continue;
        session->backend = steps[i].backend;
        session->take_text_only = steps[i].text_only;
        g_autoptr(GError) problem = NULL;
        if (steps[i].backend->choose(session, &problem)) {
            note_choice(session, steps[i].why);
            return TRUE;
        }
        if (!first || problem->code == JD_ERROR_CANCELLED) {
            g_clear_error(&first);
            first = g_steal_pointer(&problem);
        }
        if (first->code == JD_ERROR_CANCELLED)
            break;
    }
    if (first->code == JD_ERROR_CANCELLED || session->options->model || session->options->server) {
        g_propagate_error(error, g_steal_pointer(&first));
        return FALSE;
    }
    jd_session_use_extract(session, first->message);
    return TRUE;
}

void jd_session_use_extract(jd_session *session, const char *why)
{
    session->backend = &jd_backend_extract;
    g_clear_pointer(&session->model, jd_server_model_free);
    g_clear_pointer(&session->base, g_free);
    note_choice(session, why);
}

gboolean jd_session_choose(jd_session *session, GError **error)
{
    const char *name = session->options->backend;
    if (!name || !strcmp(name, "auto"))
        return choose_auto(session, error);
    session->backend = jd_backend_find(name);
    session->take_text_only = TRUE;
    if (session->backend)
        return session->backend->choose(session, error);
    jd_set_error(error, JD_ERROR_USAGE, NULL,
                 "\"%s\" is no backend: auto, ollama, openai or extract was expected", name);
    return FALSE;
}

/* ---- keeping the choice ---- */

struct jd_choice {
    const jd_backend *backend;
    char *base, *key;
    jd_server_model *model; /* NULL: passages are quoted */
    GPtrArray *notes;       /* char * */
};

void jd_choice_free(jd_choice *choice)
{
    if (!choice)
        return;
    g_free(choice->base);
    g_free(choice->key);
    jd_server_model_free(choice->model);
    g_ptr_array_unref(choice->notes);
    g_free(choice);
}

static void *copy_note(const void *note, void *unused)
{
    return g_strdup(note);
}

jd_choice *jd_session_choice(const jd_session *session)
{
    jd_choice *choice = g_new0(jd_choice, 1);
    choice->backend = session->backend;
    choice->base = g_strdup(session->base);
    choice->key = g_strdup(session->key);
    choice->model = session->model ? jd_server_model_copy(session->model) : NULL;
    choice->notes = g_ptr_array_copy(session->answer->notes, copy_note, NULL);
    return choice;
}

void jd_session_adopt(jd_session *session, const jd_choice *choice)
{
    session->backend = choice->backend;
    session->base = g_strdup(choice->base);
    session->key = g_strdup(choice->key);
    if (choice->model)
        jd_session_set_model(session, choice->model);
    for (guint i = 0; i < choice->notes->len; i++)
        jd_session_note(session, "%s", (const char *)choice->notes->pdata[i]);
}

gboolean jd_session_assume(jd_session *session, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (jd_session_choose(session, &problem))
        return TRUE;
    if (session->backend && session->backend->assume && problem->code != JD_ERROR_CANCELLED)
        return session->backend->assume(session, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}
