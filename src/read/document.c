#include "read/document.h"

jd_picture *jd_picture_new(void)
{
    return g_new0(jd_picture, 1);
}

void jd_picture_free(jd_picture *picture)
{
    if (!picture)
        return;
    g_free(picture->source);
    g_free(picture->caption);
    g_free(picture->alt);
    g_free(picture->media_type);
    g_clear_pointer(&picture->bytes, g_bytes_unref);
    g_free(picture);
}

static void block_free(gpointer data)
{
    jd_block *block = data;
    g_strfreev(block->section);
    g_free(block->text);
    jd_picture_free(block->picture);
    g_free(block);
}

jd_document *jd_document_new(void)
{
    jd_document *document = g_new0(jd_document, 1);
    document->blocks = g_ptr_array_new_with_free_func(block_free);
    document->warnings = g_ptr_array_new_with_free_func(g_free);
    return document;
}

void jd_document_free(jd_document *document)
{
    if (!document)
        return;
    g_free(document->title);
    g_free(document->media_type);
    g_free(document->language);
    g_free(document->published);
    g_free(document->authors);
    g_free(document->base);
    g_ptr_array_unref(document->blocks);
    g_ptr_array_unref(document->warnings);
    g_free(document);
}

jd_block *jd_document_add(jd_document *document, jd_block_kind kind, char *const *section)
{
    jd_block *block = g_new0(jd_block, 1);
    block->kind = kind;
    block->section = section ? g_strdupv((char **)section) : g_new0(char *, 1);
    block->start = block->end = -1;
    g_ptr_array_add(document->blocks, block);
    return block;
}
