/* The normalizers that go through a text character by character. */
#ifndef JD_EMBED_TOKENIZER_REWRITE_H
#define JD_EMBED_TOKENIZER_REWRITE_H

#include "embed/tokenizer_pattern.h"
#include "embed/tokenizer_text.h"

/** Each character's own lower case, whatever stands around it. */
void jd_rewrite_lower(jd_text_buffer *buffer);
/** Drops combining marks. */
void jd_rewrite_drop_marks(jd_text_buffer *buffer);
/** SentencePiece's older "nmt" rules: drops control characters, makes odd spaces plain ones. */
void jd_rewrite_nmt(jd_text_buffer *buffer);
/** Drops white space at either end. */
void jd_rewrite_strip(gboolean left, gboolean right, jd_text_buffer *buffer);
/** Puts `content` in the place of each match. */
void jd_rewrite_replace(const jd_pattern *pattern, const char *content, jd_text_buffer *buffer);

typedef struct jd_bert_options {
    gboolean clean;        /* drop control characters, make white space plain spaces */
    gboolean pad_chinese;  /* a space at either side of a Chinese character */
    gboolean drop_accents; /* decompose and drop nonspacing marks */
    gboolean lower;
} jd_bert_options;
void jd_rewrite_bert(const jd_bert_options *options, jd_text_buffer *buffer);

#endif
