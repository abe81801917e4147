#include "cli/query.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/since.h"
#include "nn/tensor.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

const jd_option jd_query_options[] = {
    {"profile", 0, JD_OPTION_CHOICE, "default|article",
     "how evidence is found: 'default' by words, merged with meaning where an encoder is "
     "installed; 'article' by the article's softmax over vectors (default: default)"},
    {"text", 0, JD_OPTION_FLAG, NULL, "only passages of text"},
    {"images", 0, JD_OPTION_FLAG, NULL, "only pictures"},
    {"k", 'k', JD_OPTION_INTEGER, "N",
     "at most N passages and at most N pictures (default: 10 and 5; article: 15 and 5)", .min = 1,
     .max = JD_LIMIT_K},
    {"threshold", 0, JD_OPTION_NUMBER, "X",
     "leave out what scores less than X (article's default: 0.01 for text, 0.25 for pictures)",
     .min = 0, .max = 1},
    {"temperature", 0, JD_OPTION_NUMBER, "X",
     "temperature of the article profile's softmax (default: 0.25 for text, 0.5 for pictures)",
     .min = 1e-6, .max = 1e6},
    {"image", 0, JD_OPTION_FILE, "FILE", "a picture as the question, or as a part of it"},
    {"like", 0, JD_OPTION_TEXT, "ID", "look for what is like the passage t12 or the picture i3"},
    {"query-embedding", 0, JD_OPTION_FILE, "FILE",
     "a vector as the question, used as it is: .npy, .pt or .json"},
    JD_OPTION_END,
};

const jd_option jd_filter_options[] = {
    {"title", 0, JD_OPTION_TEXT, "TEXT", "only from documents with TEXT in their title"},
    {"section", 0, JD_OPTION_TEXT, "TEXT", "only from sections with TEXT in one of their headings"},
    {"type", 0, JD_OPTION_TEXT, "TYPE",
     "only from documents of a media type: text/html, image/, or html, markdown, text, png, ..."},
    {"since", 0, JD_OPTION_TEXT, "TIME",
     "only from documents changed since a date (2026-01-31) or a time ago (7d, 2w, '3 months')"},
    JD_OPTION_END,
};

gboolean jd_query_filter_read(jd_filter *filter, const jd_cli *cli, GError **error)
{
    const char *since = jd_values_text(cli->values, "since");
    if (since) {
        g_autoptr(GDateTime) now = g_date_time_new_now_local();
        if (!jd_since_parse(since, now, jd_values_origin(cli->values, "since"), &filter->since,
                            error))
            return FALSE;
    }
    filter->collection = jd_values_text(cli->values, "collection");
    filter->title = jd_values_text(cli->values, "title");
    filter->section = jd_values_text(cli->values, "section");
    filter->type = jd_values_text(cli->values, "type");
    return TRUE;
}

/* The one vector of a file: [d] or [1, d]. */
static gboolean read_embedding(jd_query_args *args, const char *path, GError **error)
{
    g_autoptr(jd_tensor) tensor = jd_tensor_load(path, error);
    if (!tensor)
        return FALSE;
    gint64 dimension = tensor->ndim > 0 ? tensor->shape[tensor->ndim - 1] : 0;
    if (dimension < 1 || (gsize)dimension != tensor->count || dimension > JD_LIMIT_DIMENSION) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "%s: expected one vector of at most %d numbers, found %" G_GSIZE_FORMAT
                     " numbers in rows of %" G_GINT64_FORMAT,
                     path, JD_LIMIT_DIMENSION, tensor->count, dimension);
        return FALSE;
    }
    args->embedding = jd_tensor_to_f32(tensor, error);
    if (!args->embedding) {
        jd_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    args->search.embedding = args->embedding;
    args->search.embedding_size = (gsize)dimension;
    return TRUE;
}

static gboolean check_combination(const jd_values *values, GError **error)
{
    if (!jd_values_has(values, "like") || !jd_values_has(values, "query-embedding"))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, "give one of them",
                 "--like and --query-embedding both name the query's vector");
    return FALSE;
}

gboolean jd_query_args_read(jd_query_args *args, const jd_cli *cli, GError **error)
{
    const jd_values *values = cli->values;
    *args = (jd_query_args){.search = JD_SEARCH_OPTIONS_INIT};
    jd_search_options *search = &args->search;
    if (g_strcmp0(jd_values_text(values, "profile"), "article") == 0)
        search->profile = JD_PROFILE_ARTICLE;
    gboolean text = jd_values_flag(values, "text"), images = jd_values_flag(values, "images");
    search->text = text || !images;
    search->images = images || !text;
    search->k_text = search->k_images = jd_values_integer(values, "k", -1);
    search->threshold_text = search->threshold_images = jd_values_number(values, "threshold", NAN);
    search->temperature = jd_values_number(values, "temperature", NAN);
    search->like = jd_values_text(values, "like");
    search->image_path = jd_values_text(values, "image");
    if (!check_combination(values, error) || !jd_query_filter_read(&search->filter, cli, error))
        return FALSE;
    const char *path = jd_values_text(values, "query-embedding");
    return !path || read_embedding(args, path, error);
}

void jd_query_args_clear(jd_query_args *args)
{
    g_clear_pointer(&args->embedding, g_free);
}

static char *read_standard_input(GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char block[4096];
    for (;;) {
        gssize n = read(STDIN_FILENO, block, sizeof block);
        if (n < 0) {
            jd_set_error_errno(error, errno, "cannot read standard input");
            return NULL;
        }
        if (n == 0)
            return g_string_free(g_steal_pointer(&text), FALSE);
        if (memchr(block, '\0', (gsize)n)) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "standard input: expected text, found a "
                         "zero byte");
            return NULL;
        }
        g_string_append_len(text, block, n);
        if (text->len > JD_LIMIT_QUERY_BYTES) {
            jd_set_error(error, JD_ERROR_LIMIT, "ask with fewer words",
                         "standard input: a question has at most %lld bytes", JD_LIMIT_QUERY_BYTES);
            return NULL;
        }
    }
}

char *jd_query_text(const jd_cli *cli, GError **error)
{
    gboolean standard_input =
        cli->words[0] && g_str_equal(cli->words[0], "-") && cli->words[1] == NULL;
    g_autofree char *text =
        standard_input ? read_standard_input(error) : g_strjoinv(" ", (char **)cli->words);
    if (!text)
        return NULL;
    if (!g_utf8_validate(text, -1, NULL)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "%s: expected UTF-8",
                     standard_input ? "standard input" : "the question");
        return NULL;
    }
    return g_strdup(g_strstrip(text));
}

jd_kb_options jd_cli_kb_options(const jd_cli *cli)
{
    return (jd_kb_options){
        .collection = jd_values_text(cli->values, "collection"),
        .reader = jd_values_text(cli->values, "reader"),
        .text_model = jd_values_text(cli->values, "text-model"),
        .image_model = jd_values_text(cli->values, "image-model"),
        .threads = jd_values_integer(cli->values, "threads", 0),
    };
}

jd_kb *jd_cli_open(const jd_cli *cli, jd_kb_mode mode, GError **error)
{
    jd_kb_options options = jd_cli_kb_options(cli);
    return jd_kb_open(jd_values_text(cli->values, "kb"), mode, &options, error);
}

jd_kb *jd_cli_open_existing(const jd_cli *cli, GError **error)
{
    /* Opening for writing would make one; opening for reading says that there is none. */
    g_autoptr(jd_kb) existing = jd_cli_open(cli, JD_KB_READ, error);
    return existing ? jd_cli_open(cli, JD_KB_WRITE, error) : NULL;
}
