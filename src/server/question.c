#include "server/question.h"

jd_ask_options jd_question_options(const jd_service *service)
{
    return service->options->ask;
}

jd_answer *jd_question_ask(jd_service *service, const char *question, jd_ask_options *options,
                           const jd_question_listener *listener, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    if (!base.kb)
        return NULL;
    if (listener) {
        options->on_note = listener->on_note;
        options->on_query = listener->on_query;
        options->on_results = listener->on_results;
        options->on_text = listener->on_text;
        options->user = listener->user;
    }
    return jd_kb_ask(base.kb, question, options, error);
}
