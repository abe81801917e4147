/* jackdaw doctor: the model servers. */
#include "answer/servers.h"
#include "cli/doctor.h"

#include <string.h>

static const char no_models[] = "has no model that takes pictures";

/* The names of the models that can be used with pictures, or of all. */
static char *model_names(const GPtrArray *models, gboolean vision)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < models->len; i++) {
        const jd_server_model *model = models->pdata[i];
        if (model->problem || !model->answers || model->vision != vision)
            continue;
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", model->name);
    }
    return g_string_free(names, FALSE);
}

static char *describe(const jd_server *server)
{
    g_autofree char *vision = model_names(server->models, TRUE);
    g_autofree char *text = model_names(server->models, FALSE);
    return g_strdup_printf("%s%s%s: %s%s%s%s", server->url, server->version ? ", version " : "",
                           server->version ? server->version : "",
                           *vision ? "takes pictures with " : no_models, vision,
                           *text ? "; text only: " : "", text);
}

static void add_server(jd_doctor *doctor, const jd_server *server)
{
    const char *name = g_str_equal(server->backend, "ollama") ? "Ollama" : "OpenAI API";
    if (!server->url && !server->problem) {
        jd_doctor_add(doctor, JD_FINDING_MISSING, name, "no server is named",
                      "set OPENAI_BASE_URL to use one");
        return;
    }
    if (!server->reachable) {
        jd_doctor_add(doctor, JD_FINDING_MISSING, name, server->problem, server->hint);
        return;
    }
    g_autofree char *found = describe(server);
    gboolean vision = strstr(found, no_models) == NULL;
    jd_doctor_add(doctor, vision ? JD_FINDING_GOOD : JD_FINDING_MISSING, name, found,
                  vision ? NULL
                  : g_str_equal(server->backend, "ollama")
                      ? "fetch one: jackdaw ask --pull --model "
                        "gemma3 QUESTION"
                      : "start it with a model that takes "
                        "pictures");
    for (guint i = 0; i < server->models->len; i++) {
        const jd_server_model *model = server->models->pdata[i];
        if (!model->problem)
            continue;
        g_autofree char *problem = g_strdup_printf("%s: %s", model->name, model->problem);
        jd_doctor_add(doctor, JD_FINDING_MISSING, name, problem, NULL);
    }
}

void jd_doctor_servers(jd_doctor *doctor)
{
    doctor->group = "Model servers";
    g_autoptr(GPtrArray) servers = jd_servers_probe(jd_values_flag(doctor->cli->values, "offline"));
    for (guint i = 0; i < servers->len; i++)
        add_server(doctor, servers->pdata[i]);
    jd_doctor_add(doctor, JD_FINDING_GOOD, "extraction",
                  "built in: quotes the best passages where no model answers", NULL);
}
