/* Any bytes as a text, for one tokenizer of each kind with steps that rewrite and cut it in every
 * way: ids stay in range, and cutting to a length only shortens. */
#include "embed/tokenizer_compile.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ADDED                                                                                      \
    "'added_tokens':[{'content':'<s>','special':true,'lstrip':true},{'content':'a "                \
    "b','rstrip':true},"                                                                           \
    "{'content':'Ab','normalized':true,'single_word':true}],"

/* Quotes are single here. */
static const char *const TOKENIZERS[] = {
    "{" ADDED "'normalizer':{'type':'BertNormalizer'},'pre_tokenizer':{'type':'BertPreTokenizer'},"
    "'post_processor':{'type':'BertProcessing','cls':['a',1],'sep':['b',2]},'model':{'type':"
    "'WordPiece','unk_token':'[UNK]','vocab':{'[UNK]':0,'a':1,'b':2,'##a':3,'##b':4,'\u4e16':5}}}",
    "{" ADDED "'normalizer':{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'Replace',"
    "'pattern':{'Regex':'\\\\s+'},'content':' '},{'type':'Lowercase'}]},'pre_tokenizer':{'type':"
    "'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':'[ab]+|\\\\p{N}{1,3}|\\\\s'},"
    "'behavior':'MergedWithNext'},{'type':'ByteLevel'}]},'model':{'type':'BPE','unk_token':'a',"
    "'end_of_word_suffix':'</w>','vocab':{'a':0,'b':1,'ab':2,'a</w>':3,'ba</w>':4},"
    "'merges':['a b','b a</w>']}}",
    "{" ADDED "'normalizer':{'type':'Sequence','normalizers':[{'type':'NFKD'},{'type':'Nmt'},"
    "{'type':'StripAccents'},{'type':'Strip'}]},'pre_tokenizer':{'type':'Sequence','pretokenizers':"
    "["
    "{'type':'Digits'},{'type':'Punctuation','behavior':'Contiguous'},{'type':'Metaspace',"
    "'replacement':'\u2581','prepend_scheme':'first'}]},'model':{'type':'Unigram','unk_id':0,"
    "'byte_fallback':true,'vocab':[['<unk>',0],['a',-1],['b',-2],['ab',-2.5],['\u2581',-2],"
    "['\u2581a',-2]]}}",
    "{" ADDED
    "'normalizer':{'type':'Replace','pattern':{'String':' '},'content':'\u2581'},'model':{"
    "'type':'BPE','unk_token':'<unk>','fuse_unk':true,'byte_fallback':true,'vocab':{'<unk>':0,"
    "'\u2581':1,'a':2,'\u2581a':3,'<0xC3>':4,'<0xA9>':5,'aa':6},'merges':['\u2581 a','a a']}}",
};

static jd_tokenizer *tokenizer_at(gsize i)
{
    static jd_tokenizer *made[G_N_ELEMENTS(TOKENIZERS)];
    if (!made[i]) {
        g_autoptr(GError) error = NULL;
        g_autofree char *json = g_strdelimit(g_strdup(TOKENIZERS[i]), "'", '"');
        made[i] = jd_tokenizer_parse(json, strlen(json), &error);
        g_assert_no_error(error);
    }
    return made[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) cut = g_array_new(FALSE, FALSE, sizeof(gint32));
    for (gsize i = 0; i < G_N_ELEMENTS(TOKENIZERS); i++) {
        const jd_tokenizer *tokenizer = tokenizer_at(i);
        jd_encode_request request = {.text = (const char *)data, .length = size};
        g_array_set_size(ids, 0);
        g_array_set_size(cut, 0);
        jd_tokenizer_encode(tokenizer, &request, ids, NULL);
        for (guint j = 0; j < ids->len; j++)
            g_assert_cmpuint(g_array_index(ids, guint32, j), <, jd_tokenizer_size(tokenizer));
        request.max_tokens = 5;
        jd_tokenizer_encode(tokenizer, &request, cut, NULL);
        g_assert_cmpuint(cut->len, ==, MIN(ids->len, 5));
        for (guint j = 0; j < cut->len; j++)
            g_assert_cmpint(g_array_index(cut, gint32, j), ==, g_array_index(ids, gint32, j));
    }
    return 0;
}
