/* Small things about gumbo's trees. Nothing here recurses: a tree may be as deep as it likes. */
#ifndef JD_READ_WORKER_HTML_TREE_H
#define JD_READ_WORKER_HTML_TREE_H

#include <glib.h>
#include <gumbo.h>

/** The tag of an HTML element, GUMBO_TAG_UNKNOWN for every other node. */
GumboTag jd_html_tag(const GumboNode *node);
gboolean jd_html_is_element(const GumboNode *node);
/** Number of children and the children of an element or a document, none for other nodes. */
const GumboVector *jd_html_children(const GumboNode *node);

/** The value of an attribute, entities decoded; NULL where it has none of the name. */
const char *jd_html_attribute(const GumboNode *node, const char *name);
/** As above, but NULL for an empty value too. */
const char *jd_html_value(const GumboNode *node, const char *name);
/** Whether `list` ("a b c") holds one of the space-separated words of `words`; case counts. */
gboolean jd_html_has_word(const char *list, const char *const *words, gsize count);

/** The node after `node` in document order below `top`, or NULL. `into`: its children come first.
 */
const GumboNode *jd_html_next(const GumboNode *node, const GumboNode *top, gboolean into);

/** The text of a text node, or NULL. */
const char *jd_html_text(const GumboNode *node);

#endif
