/* Post-processors: the special tokens around one text or two, and the segment of each token. */
#ifndef JD_EMBED_TOKENIZER_POST_H
#define JD_EMBED_TOKENIZER_POST_H

#include <glib.h>
#include <jansson.h>

typedef struct jd_post jd_post;

/** From "post_processor" of tokenizer.json (NULL or null: none). */
jd_post *jd_post_new(const json_t *json, GError **error);
void jd_post_free(jd_post *post);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_post, jd_post_free)

/** Number of special tokens around one text, or two. */
gsize jd_post_added(const jd_post *post, gboolean pair);
/** Ids that it names are below this. */
gint32 jd_post_end(const jd_post *post);

/** Appends what the template makes of the ids of one text or two (`second` may be NULL) to `ids`
 * and, where it is not NULL, `types`; with the special tokens or without. */
void jd_post_apply(const jd_post *post, const GArray *first, const GArray *second, gboolean special,
                   GArray *ids[2]);

#endif
