/* jackdaw doctor: what works here, and what to do about what does not. */
#include "cli/cmd.h"
#include "cli/doctor.h"
#include "cli/report.h"
#include "cli/wrap.h"
#include "retrieve/json.h"

static void finding_free(gpointer data)
{
    jd_finding *finding = data;
    g_free(finding->found);
    g_free(finding->advice);
    g_free(finding);
}

void jd_doctor_add(jd_doctor *doctor, jd_finding_state state, const char *name, const char *found,
                   const char *advice)
{
    jd_finding *finding = g_new0(jd_finding, 1);
    *finding = (jd_finding){
        .group = doctor->group,
        .name = name,
        .state = state,
        .found = g_strdup(found),
        .advice = g_strdup(advice),
    };
    g_ptr_array_add(doctor->findings, finding);
}

static const struct {
    const char *name; /* in JSON */
    const char *mark;
    jd_style style;
} states[] = {
    [JD_FINDING_GOOD] = {"good", "ok", JD_STYLE_GOOD},
    [JD_FINDING_MISSING] = {"missing", "--", JD_STYLE_WARNING},
    [JD_FINDING_BAD] = {"bad", "!!", JD_STYLE_BAD},
};

static void print_finding(const jd_terminal *out, const jd_finding *finding)
{
    enum { NAME = 16, LEFT = 6 + NAME }; /* behind two spaces, a mark of two, two spaces */
    fputs("  ", out->file);
    jd_terminal_put(out, states[finding->state].style, states[finding->state].mark);
    fprintf(out->file, "  %-*s", NAME, finding->name);
    jd_wrapper wrapper;
    jd_wrapper_init(&wrapper, out->file, out->columns, LEFT);
    wrapper.column = LEFT;
    jd_wrapper_add(&wrapper, finding->found, -1);
    if (finding->advice) {
        jd_wrapper_add(&wrapper, "\n", -1);
        jd_wrapper_style(&wrapper, jd_terminal_style(out, JD_STYLE_DIM));
        jd_wrapper_add(&wrapper, finding->advice, -1);
        jd_wrapper_style(&wrapper, jd_terminal_style(out, JD_STYLE_PLAIN));
    }
    jd_wrapper_clear(&wrapper);
    fputc('\n', out->file);
}

static void print_text(const jd_terminal *out, const GPtrArray *findings)
{
    const char *group = NULL;
    for (guint i = 0; i < findings->len; i++) {
        const jd_finding *finding = findings->pdata[i];
        if (group != finding->group)
            jd_terminal_put(out, JD_STYLE_STRONG, finding->group);
        if (group != finding->group)
            fputc('\n', out->file);
        group = finding->group;
        print_finding(out, finding);
    }
}

static void print_json(const jd_terminal *out, const GPtrArray *findings, gboolean healthy)
{
    json_t *checks = json_array();
    for (guint i = 0; i < findings->len; i++) {
        const jd_finding *finding = findings->pdata[i];
        json_array_append_new(checks,
                              json_pack("{s:s, s:s, s:s, s:o, s:o}", "group", finding->group,
                                        "name", finding->name, "state", states[finding->state].name,
                                        "found", jd_json_string(finding->found), "advice",
                                        jd_json_string(finding->advice)));
    }
    json_auto_t *object = json_pack("{s:b, s:o}", "healthy", healthy, "checks", checks);
    jd_print_json(out, object);
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_free);
    jd_doctor doctor = {.cli = cli, .findings = findings};
    jd_doctor_machine(&doctor);
    jd_doctor_reader(&doctor);
    jd_doctor_knowledge_base(&doctor);
    jd_doctor_models(&doctor);
    jd_doctor_servers(&doctor);
    jd_doctor_terminal(&doctor);
    gboolean healthy = TRUE;
    for (guint i = 0; i < findings->len; i++)
        healthy = healthy && ((const jd_finding *)findings->pdata[i])->state != JD_FINDING_BAD;
    if (cli->json)
        print_json(&cli->out, findings, healthy);
    else
        print_text(&cli->out, findings);
    return healthy ? JD_EXIT_DONE : JD_EXIT_FAILED;
}

const jd_command jd_command_doctor = {
    .name = "doctor",
    .summary = "what works here, and what to do about what does not",
    .about = "Looks at everything that Jackdaw uses and says what it found: libraries, processor, "
             "the reader and its sandbox, the knowledge base, encoders, model servers and the "
             "terminal; and what to do about what is not there. Ends with 0 unless something is "
             "broken that Jackdaw cannot work without.",
    .run = run,
};
