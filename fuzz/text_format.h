/* What the fuzz targets of the text formats share. */
#ifndef FUZZ_TEXT_FORMAT_H
#define FUZZ_TEXT_FORMAT_H

#include "read/worker/format.h"

#include <stdint.h>
#include <stdlib.h>

static inline void require(gboolean holds)
{
    if (!holds)
        abort();
}

/** Reads the data and checks what every document promises. */
static inline void fuzz_text_format(const jd_format_input *input,
                                    jd_document *(*read)(const jd_format_input *, GError **))
{
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_document) document = read(input, &error);
    require((document == NULL) == (error != NULL));
    if (!document)
        return;
    for (guint i = 0; i < document->blocks->len; i++) {
        const jd_block *block = document->blocks->pdata[i];
        require((block->picture != NULL) == (block->kind == JD_BLOCK_PICTURE));
        require(block->picture || (block->text && g_utf8_validate(block->text, -1, NULL)));
        require(!block->picture || block->picture->source || block->picture->bytes);
        require(block->start <= block->end && block->end <= (gint64)input->size);
        for (char **heading = block->section; *heading; heading++)
            require(g_utf8_validate(*heading, -1, NULL));
    }
}

#endif
