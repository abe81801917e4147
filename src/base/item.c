/* The types that every stage passes on: documents and items (declared in jackdaw.h). */
#include <jackdaw.h>

const char *jd_version(void)
{
    return JD_VERSION;
}

jd_document_info *jd_document_info_new(void)
{
    return g_atomic_rc_box_new0(jd_document_info);
}

jd_document_info *jd_document_info_ref(jd_document_info *info)
{
    return g_atomic_rc_box_acquire(info);
}

static void document_info_clear(gpointer data)
{
    jd_document_info *info = data;
    g_free(info->collection);
    g_free(info->uri);
    g_free(info->title);
    g_free(info->media_type);
    g_free(info->sha256);
    g_free(info->language);
    g_free(info->published);
    g_free(info->authors);
}

void jd_document_info_unref(jd_document_info *info)
{
    if (info)
        g_atomic_rc_box_release_full(info, document_info_clear);
}

jd_item *jd_item_new(jd_item_kind kind)
{
    jd_item *item = g_new0(jd_item, 1);
    item->kind = kind;
    item->section = g_new0(char *, 1);
    item->start = item->end = -1;
    return item;
}

void jd_item_free(jd_item *item)
{
    if (!item)
        return;
    jd_document_info_unref(item->document);
    g_strfreev(item->section);
    g_free(item->language);
    g_free(item->text);
    g_free(item->caption);
    g_free(item->alt);
    g_free(item->ocr);
    g_free(item->nearby);
    g_free(item->source);
    g_free(item->sha256);
    g_free(item->media_type);
    g_clear_pointer(&item->bytes, g_bytes_unref);
    g_free(item);
}
