/* What a client of OpenAI's interface has said: messages of both forms, with pictures. */
#include "server/openai/messages.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json)
        return 0;
    g_autoptr(GError) error = NULL;
    g_auto(jd_openai_talk) talk = {0};
    gboolean read = jd_openai_talk_read(&talk, json, &error);
    g_assert(read == (error == NULL));
    for (gsize i = 0; read && i < talk.history.size; i++)
        g_assert(strlen(talk.history.turns[i].question) > 0 && talk.history.turns[i].answer);
    g_assert(!read || strlen(talk.question) > 0);
    return 0;
}
