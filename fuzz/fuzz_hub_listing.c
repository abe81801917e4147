/* What a hub says of a repository's files. */
#include "hub/listing.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(jd_hub_listing) listing = jd_hub_listing_parse((const char *)data, size, NULL);
    g_autofree char *root = listing ? jd_model_files_root(listing->files, NULL) : NULL;
    g_autoptr(GPtrArray) chosen = root ? jd_model_files_choose(listing->files, root, NULL) : NULL;
    return 0;
}
