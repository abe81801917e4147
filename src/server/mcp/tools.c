#include "server/mcp/tools.h"

#include "retrieve/json.h"
#include "server/page.h"

#include <string.h>

static const struct {
    const char *name;
    jd_tool_fn run;
} tools[] = {
    {"search", jd_tool_search},
    {"ask", jd_tool_ask},
    {"get_document", jd_tool_get_document},
    {"get_image", jd_tool_get_image},
    {"list_collections", jd_tool_list_collections},
};

json_t *jd_mcp_list_tools(const jd_mcp_call *call, GError **error)
{
    const jd_page_file *file = jd_page_find("/mcp/tools.json");
    return json_loadb((const char *)file->data, file->size, 0, NULL);
}

/* ---- texts ---- */

void jd_tool_say(jd_tool_call *call, const char *text)
{
    json_array_append_new(call->content,
                          json_pack("{s:s, s:o}", "type", "text", "text", jd_json_string(text)));
}

static void describe_picture(GString *text, const jd_item *item)
{
    if (item->width > 0)
        g_string_append_printf(text, "Picture, %d x %d\n", item->width, item->height);
    if (item->caption)
        g_string_append_printf(text, "Caption: %s\n", item->caption);
    if (item->alt)
        g_string_append_printf(text, "Alternative text: %s\n", item->alt);
    if (item->ocr)
        g_string_append_printf(text, "Text in it: %s\n", item->ocr);
}

void jd_tool_describe(GString *text, const jd_item *item, int number)
{
    g_autofree char *id = jd_item_id(item->kind, item->id);
    if (number > 0)
        g_string_append_printf(text, "[%d] ", number);
    g_string_append(text, id);
    if (item->document)
        g_string_append_printf(text, " in d%" G_GINT64_FORMAT " \"%s\"", item->document->id,
                               item->document->title);
    for (char **heading = item->section; heading && *heading; heading++)
        g_string_append_printf(text, "%s%s", heading == item->section ? ": " : " > ", *heading);
    if (item->page > 0)
        g_string_append_printf(text, ", page %d", item->page);
    g_string_append_c(text, '\n');
    if (item->kind == JD_ITEM_IMAGE)
        describe_picture(text, item);
    else
        g_string_append_printf(text, "%s\n", item->text);
    g_string_append_c(text, '\n');
}

/* ---- calling one ---- */

static jd_tool_fn find_tool(const char *name)
{
    for (gsize i = 0; name && i < G_N_ELEMENTS(tools); i++)
        if (g_str_equal(tools[i].name, name))
            return tools[i].run;
    return NULL;
}

/* The model sees it and may try again with other arguments. */
static json_t *failure(const GError *error)
{
    g_auto(jd_problem) problem;
    jd_problem_init(&problem, error);
    g_autofree char *text = problem.hint ? g_strdup_printf("%s (%s)", problem.message, problem.hint)
                                         : g_strdup(problem.message);
    return json_pack("{s:[{s:s, s:o}], s:b}", "content", "type", "text", "text",
                     jd_json_string(text), "isError", TRUE);
}

static json_t *run_tool(const jd_mcp_call *mcp, jd_tool_fn run, json_t *arguments, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(mcp->host->bases, error);
    if (!base.kb)
        return NULL;
    jd_tool_call call = {.mcp = mcp, .kb = base.kb, .content = json_array()};
    jd_params_init_json(&call.params, arguments);
    json_t *structured = run(&call, error);
    jd_params_clear(&call.params);
    if (!structured) {
        json_decref(call.content);
        return NULL;
    }
    return json_pack("{s:o, s:o, s:b}", "content", call.content, "structuredContent", structured,
                     "isError", FALSE);
}

json_t *jd_mcp_call_tool(const jd_mcp_call *call, GError **error)
{
    json_t *params = call->message->params;
    const char *name = json_string_value(json_object_get(params, "name"));
    json_t *given = json_object_get(params, "arguments");
    jd_tool_fn run = find_tool(name);
    if (!run || (given && !json_is_object(given) && !json_is_null(given))) {
        g_set_error(error, JD_MCP_ERROR, JD_RPC_INVALID_PARAMS, "%s",
                    run ? "arguments is to be an object" : "there is no such tool");
        return NULL;
    }
    g_autoptr(GError) problem = NULL;
    json_auto_t *arguments = json_is_object(given) ? json_incref(given) : json_object();
    json_t *result = run_tool(call, run, arguments, &problem);
    return result ? result : failure(problem);
}
