#include "read/worker/html_tree.h"

#include <string.h>

gboolean jd_html_is_element(const GumboNode *node)
{
    return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

GumboTag jd_html_tag(const GumboNode *node)
{
    if (!jd_html_is_element(node) || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
        return GUMBO_TAG_UNKNOWN;
    return node->v.element.tag;
}

const GumboVector *jd_html_children(const GumboNode *node)
{
    static const GumboVector none = {0};
    if (jd_html_is_element(node))
        return &node->v.element.children;
    return node->type == GUMBO_NODE_DOCUMENT ? &node->v.document.children : &none;
}

const char *jd_html_attribute(const GumboNode *node, const char *name)
{
    if (!jd_html_is_element(node))
        return NULL;
    const GumboAttribute *found = gumbo_get_attribute(&node->v.element.attributes, name);
    return found ? found->value : NULL;
}

const char *jd_html_value(const GumboNode *node, const char *name)
{
    const char *value = jd_html_attribute(node, name);
    return value && *value ? value : NULL;
}

gboolean jd_html_has_word(const char *list, const char *const *words, gsize count)
{
    static const char blank[] = " \t\r\n\f";
    for (const char *p = list + strspn(list, blank); *p; p += strspn(p, blank)) {
        gsize length = strcspn(p, blank);
        for (gsize i = 0; i < count; i++)
            if (strlen(words[i]) == length && memcmp(words[i], p, length) == 0)
                return TRUE;
        p += length;
    }
    return FALSE;
}

const GumboNode *jd_html_next(const GumboNode *node, const GumboNode *top, gboolean into)
{
    const GumboVector *children = jd_html_children(node);
    if (into && children->length > 0)
        return children->data[0];
    while (node != top) {
        const GumboVector *siblings = jd_html_children(node->parent);
        if (node->index_within_parent + 1 < siblings->length)
            return siblings->data[node->index_within_parent + 1];
        node = node->parent;
    }
    return NULL;
}

const char *jd_html_text(const GumboNode *node)
{
    switch (node->type) {
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_CDATA:
    case GUMBO_NODE_WHITESPACE:
        return node->v.text.text;
    default:
        return NULL;
    }
}
