/* Small tokenizers, whole: the expected ids are the reference library's. Quotes are single in the
 * JSON here. */
#include "base/error.h"
#include "embed/tokenizer.h"
#include "embed/tokenizer_compile.h"

#include <string.h>

#define BPE_VOCAB                                                                                  \
    "'vocab':{'<unk>':0,'a':1,'b':2,'c':3,'ab':4,'abc':5,'bc':6,'aa':7,'aaaa':8,'x':9},"
#define BPE_MERGES "'merges':['a b','b c','ab c','a a','aa aa']"
#define BPE "'model':{'type':'BPE'," BPE_VOCAB BPE_MERGES "}"
#define BYTES_BPE(fuse)                                                                            \
    "'model':{'type':'BPE','unk_token':'<unk>','fuse_unk':" fuse                                   \
    ",'byte_fallback':true,'vocab':{'<unk>':0,'\u2581':1,'a':2,'\u2581a':3,'<0xC3>':4,'<0xA9>':5," \
    "'a\u2581':6},'merges':['\u2581 a']}"
#define WORDPIECE                                                                                  \
    "'model':{'type':'WordPiece','unk_token':'[UNK]','max_input_chars_per_word':8,"                \
    "'vocab':{'[UNK]':0,'un':1,'##aff':2,'##able':3,'##a':4,'u':5,'!':6,'[CLS]':7,'[SEP]':8}}"
#define UNIGRAM(more)                                                                              \
    "'model':{'type':'Unigram','unk_id':0," more                                                   \
    "'vocab':[['<unk>',0.0],['a',-1.0],['b',-1.0],['ab',-2.0],['abc',-1.5],['c',-3],['xy',-9.0],"  \
    "['<0x7A>',-5.0],['\u2581',-2.0]]}"
#define TEMPLATE                                                                                   \
    "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'[CLS]',"       \
    "'type_id':0}},{'Sequence':{'id':'A','type_id':0}},{'SpecialToken':{'id':'[SEP]','type_id':0}" \
    "}"                                                                                            \
    "],'pair':[{'SpecialToken':{'id':'[CLS]','type_id':0}},{'Sequence':{'id':'A','type_id':0}},"   \
    "{'SpecialToken':{'id':'[SEP]','type_id':0}},{'Sequence':{'id':'B','type_id':1}},"             \
    "{'SpecialToken':{'id':'[SEP]','type_id':1}}],'special_tokens':{'[CLS]':{'id':'[CLS]',"        \
    "'ids':[7],'tokens':['[CLS]']},'[SEP]':{'id':'[SEP]','ids':[8],'tokens':['[SEP]']}}},"

static jd_tokenizer *parse(const char *json, GError **error)
{
    g_autofree char *quoted = g_strdelimit(g_strdup(json), "'", '"');
    return jd_tokenizer_parse(quoted, strlen(quoted), error);
}

static char *join(const GArray *ids)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(out, i > 0 ? " %d" : "%d", g_array_index(ids, gint32, i));
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *encode(const jd_tokenizer *tokenizer, const jd_encode_request *request, char **types)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) segments = g_array_new(FALSE, FALSE, sizeof(gint32));
    jd_tokenizer_encode(tokenizer, request, ids, types ? segments : NULL);
    if (types)
        *types = join(segments);
    return join(ids);
}

static char *encode_plain(const jd_tokenizer *tokenizer, const char *text)
{
    return encode(tokenizer, &(jd_encode_request){.text = text, .length = strlen(text)}, NULL);
}

static void test_models(void)
{
    static const struct {
        const char *json, *text, *expected;
    } cases[] = {
        {"{" BPE "}", "abc", "5"},
        {"{" BPE "}", "bcabc", "6 5"},
        {"{" BPE "}", "aaaaa", "8 1"},
        {"{" BPE "}", "aaab", "7 4"}, /* a b comes first */
        {"{" BPE "}", "a?b", "4"},    /* without unk_token an unknown character is nothing */
        {"{" BYTES_BPE("true") "}", "\u2581a", "3"},
        {"{" BYTES_BPE("true") "}", "é", "4 5"},
        {"{" BYTES_BPE("true") "}", "zza", "0 2"},
        {"{" BYTES_BPE("false") "}", "zza", "0 0 2"},
        {"{" BYTES_BPE("false") "}", "zéa", "4 5 0 2"}, /* bytes overtake the unknown one */
        {"{" WORDPIECE "}", "unaffable", "0"},          /* too long */
        {"{" WORDPIECE "}", "unaffaa", "1 2 4 4"},
        {"{" WORDPIECE "}", "unz", "0"},
        {"{" WORDPIECE "}", "u", "5"},
        {"{" UNIGRAM("") "}", "abc", "4"},
        {"{" UNIGRAM("") "}", "ab", "3"}, /* a tie: the first way found stays */
        {"{" UNIGRAM("") "}", "x", "0"},
        {"{" UNIGRAM("") "}", "qwa", "0 1"}, /* unknown neighbours are one */
        {"{" UNIGRAM("'byte_fallback':true,") "}", "azz", "1 7 7"},
        {"{" UNIGRAM("'byte_fallback':true,") "}", "aé", "1 0"},
        {"{" UNIGRAM("") "}", "<unk>", "0"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_tokenizer) tokenizer = parse(cases[i].json, &error);
        g_assert_no_error(error);
        g_autofree char *ids = encode_plain(tokenizer, cases[i].text);
        g_assert_cmpstr(ids, ==, cases[i].expected);
        /* What the first call learned changes nothing. */
        g_autofree char *again = encode_plain(tokenizer, cases[i].text);
        g_assert_cmpstr(again, ==, cases[i].expected);
    }
}

static void test_metaspace(void)
{
#define METASPACE(rest)                                                                            \
    "{'pre_tokenizer':{'type':'Metaspace','replacement':'\u2581'" rest "}," UNIGRAM("") "}"
    static const struct {
        const char *json, *text, *expected;
    } cases[] = {
        {METASPACE(""), "a b", "8 1 8 2"},
        {METASPACE(""), " a", "8 1"},
        {METASPACE(",'prepend_scheme':'never'"), "a b", "1 8 2"},
        {METASPACE(",'prepend_scheme':'first','split':false"), "a  b", "8 1 8 8 2"},
        {METASPACE(",'add_prefix_space':false,'prepend_scheme':'never'"), "a", "1"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(jd_tokenizer) tokenizer = parse(cases[i].json, NULL);
        g_assert_nonnull(tokenizer);
        g_autofree char *ids = encode_plain(tokenizer, cases[i].text);
        g_assert_cmpstr(ids, ==, cases[i].expected);
    }
}

static void test_added_tokens(void)
{
#define ADDED(flags)                                                                               \
    "{'normalizer':{'type':'Lowercase'},'added_tokens':[{'id':77,'content':'<X>'" flags "}]," BPE  \
    "}"
    static const struct {
        const char *json, *text, *expected;
    } cases[] = {
        {ADDED(",'normalized':false"), "a<X>b<x>", "1 10 2 9"},
        {ADDED(",'normalized':true"), "a<X>b<x>", "1 10 2 10"},
        {ADDED(",'special':true"), "a <X>", "1 10"},
        {ADDED(",'normalized':false,'single_word':true"), "a<X> <X> <X>b", "1 9 10 9 2"},
        {ADDED(",'normalized':false,'lstrip':true,'rstrip':true"), "a  <X>  b", "1 10 2"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_tokenizer) tokenizer = parse(cases[i].json, &error);
        g_assert_no_error(error);
        g_autofree char *ids = encode_plain(tokenizer, cases[i].text);
        g_assert_cmpstr(ids, ==, cases[i].expected);
        g_assert_cmpint(jd_tokenizer_id(tokenizer, "<X>"), ==, 10);
        g_assert_cmpint(jd_tokenizer_id(tokenizer, "ab"), ==, 4);
        g_assert_cmpint(jd_tokenizer_id(tokenizer, "nothing"), ==, -1);
        g_assert_cmpuint(jd_tokenizer_size(tokenizer), ==, 11);
    }
}

/* Prefixes of each other, and the longest wins. */
static void test_added_longest(void)
{
    g_autoptr(jd_tokenizer) tokenizer =
        parse("{'added_tokens':[{'content':'<a','special':true},{'content':'<a>>','special':true},"
              "{'content':'','special':true},{'content':'<a','special':true}]," BPE "}",
              NULL);
    g_assert_nonnull(tokenizer);
    g_autofree char *ids = encode_plain(tokenizer, "<a><a>><a");
    g_assert_cmpstr(ids, ==, "10 11 10");
}

static void test_pairs(void)
{
    static const struct {
        const char *text, *pair;
        gboolean special;
        gsize max;
        const char *ids, *types;
    } cases[] = {
        {"u", NULL, TRUE, 0, "7 5 8", "0 0 0"},
        {"u", NULL, FALSE, 0, "5", "0"},
        {"", NULL, TRUE, 0, "7 8", "0 0"},
        {"u", "un", TRUE, 0, "7 5 8 1 8", "0 0 0 1 1"},
        {"u", "un", FALSE, 0, "5 1", "0 1"},
        {"u", "", TRUE, 0, "7 5 8 8", "0 0 0 1"},
        {"unaffa", NULL, TRUE, 4, "7 1 2 8", "0 0 0 0"},
        {"unaffa", NULL, TRUE, 2, "7 8", "0 0"},
        {"unaffa", NULL, TRUE, 1, "7 8", "0 0"},
        {"unaffa", NULL, FALSE, 2, "1 2", "0 0"},
        {"u", "unaffaa", TRUE, 6, "7 5 8 1 2 8", "0 0 0 1 1 1"},
        {"unaffaa", "u", TRUE, 6, "7 1 2 8 5 8", "0 0 0 0 1 1"},
        {"unaffa", "unaffaa", TRUE, 6, "7 1 8 1 2 8", "0 0 0 1 1 1"},
        {"unaffaa", "unaffa", TRUE, 6, "7 1 2 8 1 8", "0 0 0 0 1 1"},
    };
    g_autoptr(jd_tokenizer) tokenizer = parse("{" TEMPLATE WORDPIECE "}", NULL);
    g_assert_nonnull(tokenizer);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const jd_encode_request request = {
            .text = cases[i].text,
            .length = strlen(cases[i].text),
            .pair = cases[i].pair,
            .pair_length = cases[i].pair ? strlen(cases[i].pair) : 0,
            .special = cases[i].special,
            .max_tokens = cases[i].max,
        };
        g_autofree char *types = NULL;
        g_autofree char *ids = encode(tokenizer, &request, &types);
        g_assert_cmpstr(ids, ==, cases[i].ids);
        g_assert_cmpstr(types, ==, cases[i].types);
    }
}

static void test_roberta(void)
{
    g_autoptr(jd_tokenizer) tokenizer =
        parse("{'post_processor':{'type':'Sequence','processors':[{'type':'ByteLevel'},"
              "{'type':'RobertaProcessing','sep':['[SEP]',8],'cls':['[CLS]',7]}]}," WORDPIECE "}",
              NULL);
    g_assert_nonnull(tokenizer);
    const jd_encode_request request = {
        .text = "u", .length = 1, .pair = "un", .pair_length = 2, .special = TRUE};
    g_autofree char *types = NULL;
    g_autofree char *ids = encode(tokenizer, &request, &types);
    g_assert_cmpstr(ids, ==, "7 5 8 8 1 8");
    g_assert_cmpstr(types, ==, "0 0 0 0 0 0");
}

/* A word of many symbols goes through the heap, with the same result as piece by piece. */
static void test_long_words(void)
{
    enum { COUNT = 300000 };
    g_autoptr(jd_tokenizer) tokenizer = parse("{" BPE "}", NULL);
    g_autofree char *word = g_strnfill(COUNT, 'a');
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    jd_tokenizer_encode(tokenizer, &(jd_encode_request){.text = word, .length = COUNT}, ids, NULL);
    g_assert_cmpuint(ids->len, ==, COUNT / 4);
    for (guint i = 0; i < ids->len; i++)
        g_assert_cmpint(g_array_index(ids, gint32, i), ==, 8);

    g_autoptr(GString) mixed = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(mixed, "abcbc");
    g_array_set_size(ids, 0);
    jd_tokenizer_encode(tokenizer, &(jd_encode_request){.text = mixed->str, .length = mixed->len},
                        ids, NULL);
    g_assert_cmpuint(ids->len, ==, 2000);
    for (guint i = 0; i < ids->len; i++)
        g_assert_cmpint(g_array_index(ids, gint32, i), ==, i % 2 ? 6 : 5);
}

static gpointer encode_often(gpointer tokenizer)
{
    for (int i = 0; i < 2000; i++) {
        g_autofree char *ids = encode_plain(tokenizer, i % 2 ? "abcaab" : "aaaa");
        g_assert_cmpstr(ids, ==, i % 2 ? "5 1 4" : "8");
    }
    return NULL;
}

static void test_threads(void)
{
    g_autoptr(jd_tokenizer) tokenizer = parse("{" BPE "}", NULL);
    GThread *threads[4];
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("encode", encode_often, tokenizer);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

static const struct {
    const char *json;
    jd_error_code code;
    const char *says;
} REFUSED[] = {
    {"[]", JD_ERROR_INVALID, "no JSON object"},
    {"{", JD_ERROR_INVALID, "line 1"},
    {"{}", JD_ERROR_INVALID, "model"},
    {"{'version':'2.0'," BPE "}", JD_ERROR_UNSUPPORTED, "2.0"},
    {"{'model':{'type':'WordLevel','vocab':{'a':0}}}", JD_ERROR_UNSUPPORTED, "WordLevel"},
    {"{'model':{'type':'BPE','vocab':{},'merges':[]}}", JD_ERROR_INVALID, "empty"},
    {"{'model':{'type':'BPE','vocab':{'a':0,'b':0},'merges':[]}}", JD_ERROR_INVALID, "one id"},
    {"{'model':{'type':'BPE','vocab':{'a':-1},'merges':[]}}", JD_ERROR_INVALID, "-1"},
    {"{'model':{'type':'BPE','vocab':{'a':99999999999},'merges':[]}}", JD_ERROR_INVALID, "\"a\""},
    {"{'model':{'type':'BPE','vocab':{'a':'0'},'merges':[]}}", JD_ERROR_INVALID, "no integer"},
    {"{'model':{'type':'BPE'," BPE_VOCAB "'merges':['a q']}}", JD_ERROR_INVALID, "\"q\""},
    {"{'model':{'type':'BPE'," BPE_VOCAB "'merges':['b a']}}", JD_ERROR_INVALID, "\"ba\""},
    {"{'model':{'type':'BPE'," BPE_VOCAB "'merges':['a']}}", JD_ERROR_INVALID, "merge 0"},
    {"{'model':{'type':'BPE'," BPE_VOCAB "'merges':['a b c']}}", JD_ERROR_INVALID, "merge 0"},
    {"{'model':{'type':'BPE'," BPE_VOCAB "'merges':[['a']]}}", JD_ERROR_INVALID, "merge 0"},
    {"{'model':{'type':'BPE'," BPE_VOCAB "'merges':7}}", JD_ERROR_INVALID, "merges"},
    {"{'model':{'type':'BPE','continuing_subword_prefix':'b'," BPE_VOCAB "'merges':['a b']}}",
     JD_ERROR_INVALID, "adds nothing"},
    {"{'model':{'type':'BPE','unk_token':'?'," BPE_VOCAB BPE_MERGES "}}", JD_ERROR_INVALID,
     "\"?\""},
    {"{'model':{'type':'WordPiece','vocab':{'a':0},'unk_token':'?'}}", JD_ERROR_INVALID, "\"?\""},
    {"{'model':{'type':'Unigram','vocab':[['a',0.0]]}}", JD_ERROR_INVALID, "unk_id"},
    {"{'model':{'type':'Unigram','unk_id':1,'vocab':[['a',0.0]]}}", JD_ERROR_INVALID, "unk_id"},
    {"{'model':{'type':'Unigram','unk_id':0,'vocab':[['a']]}}", JD_ERROR_INVALID, "token 0"},
    {"{'normalizer':{'type':'Magic'}," BPE "}", JD_ERROR_UNSUPPORTED, "Magic"},
    {"{'normalizer':{}," BPE "}", JD_ERROR_INVALID, "type"},
    {"{'normalizer':{'type':'Replace','content':''}," BPE "}", JD_ERROR_INVALID, "pattern"},
    {"{'normalizer':{'type':'Precompiled','precompiled_charsmap':'/w=='}," BPE "}",
     JD_ERROR_INVALID, "charsmap"},
    {"{'normalizer':{'type':'Precompiled','precompiled_charsmap':'/////w=='}," BPE "}",
     JD_ERROR_INVALID, "charsmap"},
    {"{'pre_tokenizer':{'type':'UnicodeScripts'}," BPE "}", JD_ERROR_UNSUPPORTED, "UnicodeScripts"},
    {"{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'('},'behavior':'Removed'}," BPE "}",
     JD_ERROR_UNSUPPORTED, "the pattern ("},
    {"{'pre_tokenizer':{'type':'Split','pattern':{'String':'a'},'behavior':'Odd'}," BPE "}",
     JD_ERROR_UNSUPPORTED, "Odd"},
    {"{'pre_tokenizer':{'type':'Metaspace','replacement':'ab'}," BPE "}", JD_ERROR_INVALID,
     "\"ab\""},
    {"{'post_processor':{'type':'BertProcessing','sep':['a',1],'cls':['b',5000]}," BPE "}",
     JD_ERROR_INVALID, "5000"},
    {"{'post_processor':{'type':'BertProcessing','sep':['a',1]}," BPE "}", JD_ERROR_INVALID, "cls"},
    {"{'post_processor':{'type':'TemplateProcessing','single':[],'pair':[]}," BPE "}",
     JD_ERROR_INVALID, "single"},
    {"{'post_processor':{'type':'Odd'}," BPE "}", JD_ERROR_UNSUPPORTED, "Odd"},
    {"{'added_tokens':[{'id':3}]," BPE "}", JD_ERROR_INVALID, "added token"},
};

static void test_refused(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(parse(REFUSED[i].json, &error));
        g_assert_error(error, JD_ERROR, (gint)REFUSED[i].code);
        if (!strstr(error->message, REFUSED[i].says))
            g_error("\"%s\" does not say \"%s\"", error->message, REFUSED[i].says);
    }
}

static void test_deep_nesting(void)
{
    g_autoptr(GString) json = g_string_new("{'normalizer':");
    for (int i = 0; i < 100; i++)
        g_string_append(json, "{'type':'Sequence','normalizers':[");
    for (int i = 0; i < 100; i++)
        g_string_append(json, "]}");
    g_string_append(json, "," BPE "}");
    g_autoptr(GError) error = NULL;
    g_assert_null(parse(json->str, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_LIMIT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tokenizer/models", test_models);
    g_test_add_func("/tokenizer/metaspace", test_metaspace);
    g_test_add_func("/tokenizer/added", test_added_tokens);
    g_test_add_func("/tokenizer/added/longest", test_added_longest);
    g_test_add_func("/tokenizer/pairs", test_pairs);
    g_test_add_func("/tokenizer/roberta", test_roberta);
    g_test_add_func("/tokenizer/long-words", test_long_words);
    g_test_add_func("/tokenizer/threads", test_threads);
    g_test_add_func("/tokenizer/refused", test_refused);
    g_test_add_func("/tokenizer/deep-nesting", test_deep_nesting);
    return g_test_run();
}
