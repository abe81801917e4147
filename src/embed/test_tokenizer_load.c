/* Model folders: which files are read, and the cache. */
#include "base/error.h"
#include "embed/tokenizer.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct fixture {
    char *folder, *cache;
} fixture;

static void set_up(fixture *f, gconstpointer data)
{
    f->folder = g_dir_make_tmp("jackdaw-tokenizer-XXXXXX", NULL);
    f->cache = g_build_filename(f->folder, "cache", NULL);
}

static void remove_all(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            remove_all(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}

static void tear_down(fixture *f, gconstpointer data)
{
    remove_all(f->folder);
    g_free(f->folder);
    g_free(f->cache);
}

/* Quotes are single in the JSON here. */
static void write_file(const fixture *f, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);
    g_autofree char *quoted = g_strdup(text);
    if (g_str_has_suffix(name, ".json"))
        g_strdelimit(quoted, "'", '"');
    g_assert_true(g_file_set_contents(path, quoted, -1, NULL));
}

static char *encode(const jd_tokenizer *tokenizer, const char *text)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    const jd_encode_request request = {.text = text, .length = strlen(text), .special = TRUE};
    jd_tokenizer_encode(tokenizer, &request, ids, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(out, i > 0 ? " %d" : "%d", g_array_index(ids, gint32, i));
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void assert_encodes(const fixture *f, const jd_tokenizer_options *options, const char *text,
                           const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_tokenizer) tokenizer = jd_tokenizer_load(f->folder, options, &error);
    g_assert_no_error(error);
    g_autofree char *ids = encode(tokenizer, text);
    g_assert_cmpstr(ids, ==, expected);
}

static void assert_refused(const fixture *f, jd_error_code code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_tokenizer_load(f->folder, NULL, &error));
    g_assert_error(error, JD_ERROR, (gint)code);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
}

#define UNIGRAM(ids)                                                                               \
    "{'normalizer':{'type':'Precompiled','precompiled_charsmap':'BAAAAAAAAAA='},'model':{'type':"  \
    "'Unigram','unk_id':0,'vocab':[['<unk>',0.0]," ids "]}}"

static void test_cache(fixture *f, gconstpointer data)
{
    const jd_tokenizer_options options = {.cache = f->cache};
    write_file(f, "tokenizer.json", UNIGRAM("['a',-1.0],['b',-2.0]"));
    assert_encodes(f, &options, "ab", "1 2");
    g_autoptr(GDir) dir = g_dir_open(f->cache, 0, NULL);
    g_assert_nonnull(dir);
    const char *name = g_dir_read_name(dir);
    g_assert_nonnull(name);
    g_autofree char *path = g_build_filename(f->cache, name, NULL);
    assert_encodes(f, &options, "ab", "1 2");

    /* Another file of the same length: its times or its inode give it away. */
    write_file(f, "tokenizer.json", UNIGRAM("['b',-1.0],['a',-2.0]"));
    assert_encodes(f, &options, "ab", "2 1");
    assert_encodes(f, &options, "ab", "2 1");

    /* Damage anywhere only means that the files are read again. */
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    for (gsize at = 0; at < length; at += 37) {
        bytes[at] = (char)(bytes[at] ^ 0x55);
        g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
        assert_encodes(f, &options, "ab", "2 1");
        bytes[at] = (char)(bytes[at] ^ 0x55);
    }
    g_assert_true(g_file_set_contents(path, bytes, (gssize)length / 2, NULL));
    assert_encodes(f, &options, "ab", "2 1");
}

static void test_cache_impossible(fixture *f, gconstpointer data)
{
    write_file(f, "tokenizer.json", UNIGRAM("['a',-1.0]"));
    g_autofree char *inside = g_build_filename(f->folder, "tokenizer.json", "cache", NULL);
    const jd_tokenizer_options options = {.cache = inside};
    assert_encodes(f, &options, "a", "1");
}

/* What is wrong is told, and nothing of it is kept. */
static void test_cache_of_nonsense(fixture *f, gconstpointer data)
{
    const jd_tokenizer_options options = {.cache = f->cache};
    write_file(f, "tokenizer.json", "{'model':{'type':'Unigram','vocab':[['a',0]]}}");
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_tokenizer_load(f->folder, &options, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, f->folder));
    g_assert_false(g_file_test(f->cache, G_FILE_TEST_EXISTS));
}

static void test_pad(fixture *f, gconstpointer data)
{
    static const struct {
        const char *name, *text;
        gint32 pad;
    } cases[] = {
        {"nothing.json", "{}", -1},
        {"special_tokens_map.json", "{'pad_token':'a'}", 1},
        /* The number is what transformers writes for "no limit". */
        {"tokenizer_config.json",
         "{'pad_token':{'content':'b'},'model_max_length':1000000000000000019884624838656}", 2},
        {"tokenizer_config.json", "{'pad_token':null}", 1},
    };
    write_file(f, "tokenizer.json", UNIGRAM("['a',-1.0],['b',-2.0]"));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_file(f, cases[i].name, cases[i].text);
        g_autoptr(jd_tokenizer) tokenizer = jd_tokenizer_load(f->folder, NULL, NULL);
        g_assert_nonnull(tokenizer);
        g_assert_cmpint(jd_tokenizer_pad_id(tokenizer), ==, cases[i].pad);
    }
}

static void test_clip_files(fixture *f, gconstpointer data)
{
    write_file(
        f, "vocab.json",
        "{'a':0,'b':1,'a</w>':2,'b</w>':3,'ab</w>':4,'<|startoftext|>':5,'<|endoftext|>':6}");
    write_file(f, "merges.txt", "#version: 0.2\na b</w>\n");
    assert_encodes(f, NULL, "AB  a  b", "5 4 2 3 6");
    assert_encodes(f, NULL, "?", "5 6 6");
    write_file(f, "tokenizer_config.json", "{'eos_token':'b'}");
    assert_encodes(f, NULL, "a", "5 2 1");
    write_file(f, "tokenizer_config.json", "{'eos_token':'nothing'}");
    assert_refused(f, JD_ERROR_INVALID, "\"nothing\"");
}

static void test_roberta_files(fixture *f, gconstpointer data)
{
    write_file(f, "vocab.json",
               "{'<s>':0,'<pad>':1,'</s>':2,'<unk>':3,'a':4,'\u0120':5,'\u0120a':6,'<mask>':7}");
    write_file(f, "merges.txt", "#version: 0.2\r\n\u0120 a\r\n");
    assert_encodes(f, NULL, "a a <mask>", "0 4 6 7 2");
    write_file(f, "merges.txt", "a\n");
    assert_refused(f, JD_ERROR_INVALID, "merge 0");
}

static void test_bert_files(fixture *f, gconstpointer data)
{
    write_file(f, "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\nHello\n");
    assert_encodes(f, NULL, "Hellos [MASK] x", "2 5 6 4 1 3");
    write_file(f, "tokenizer_config.json", "{'do_lower_case':false}");
    assert_encodes(f, NULL, "Hello", "2 7 3");
    write_file(f, "vocab.txt", "[PAD]\n[UNK]\n");
    assert_refused(f, JD_ERROR_INVALID, "\"[CLS]\"");
    write_file(f, "vocab.txt", "[PAD]\n\xFF\n");
    assert_refused(f, JD_ERROR_INVALID, "UTF-8");
}

static void test_mpnet_files(fixture *f, gconstpointer data)
{
    write_file(f, "vocab.txt", "<s>\n<pad>\n</s>\n[UNK]\nhello\n<mask>\n");
    assert_encodes(f, NULL, "hello <mask>", "0 4 5 2");
}

static void test_refused(fixture *f, gconstpointer data)
{
    assert_refused(f, JD_ERROR_NOT_FOUND, "no tokenizer");
    write_file(f, "tokenizer.json", "{'model':");
    assert_refused(f, JD_ERROR_INVALID, "line 1");
    write_file(f, "tokenizer.json", "");
    assert_refused(f, JD_ERROR_INVALID, "no JSON");
    write_file(f, "tokenizer_config.json", "[");
    assert_refused(f, JD_ERROR_INVALID, "tokenizer_config.json");
    g_autofree char *path = g_build_filename(f->folder, "tokenizer.json", NULL);
    g_unlink(path);
    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    write_file(f, "tokenizer_config.json", "{}");
    assert_refused(f, JD_ERROR_LIMIT, "no file");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(fixture *f, gconstpointer data);
    } tests[] = {
        {"/tokenizer/load/cache", test_cache},
        {"/tokenizer/load/cache/impossible", test_cache_impossible},
        {"/tokenizer/load/cache/nonsense", test_cache_of_nonsense},
        {"/tokenizer/load/pad", test_pad},
        {"/tokenizer/load/clip", test_clip_files},
        {"/tokenizer/load/roberta", test_roberta_files},
        {"/tokenizer/load/bert", test_bert_files},
        {"/tokenizer/load/mpnet", test_mpnet_files},
        {"/tokenizer/load/refused", test_refused},
    };
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, fixture, NULL, set_up, tests[i].run, tear_down);
    return g_test_run();
}
