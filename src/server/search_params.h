/* What is to be found, as requests say it: the parameters that /search and /ask have in common. */
#ifndef JD_SERVER_SEARCH_PARAMS_H
#define JD_SERVER_SEARCH_PARAMS_H

#include "server/params.h"
#include "store/records.h"

/** A search, with the memory behind its options. Starts as {0}. */
typedef struct jd_search_request {
    jd_search_options search;
    float *embedding;
    GBytes *picture; /* what came as "image"; search.image is the caller's to set */
} jd_search_request;

/**
 * Reads profile, text, images, k, k_text, k_images, threshold, threshold_text, threshold_images,
 * temperature, like, embedding, image (base64 in JSON, else a file), and the filter's collection,
 * title, section, type, since, document. Strings stay the parameters' and the call's, which may be
 * NULL: then there is no file.
 */
gboolean jd_search_request_read(jd_search_request *request, jd_params *params, jd_call *call,
                                GError **error);
void jd_search_request_clear(jd_search_request *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_search_request, jd_search_request_clear)

/** Only the filter. */
gboolean jd_filter_read(jd_filter *filter, jd_params *params, GError **error);

/** limit and offset of a list. */
gboolean jd_page_read(jd_page *page, jd_params *params, GError **error);

#endif
