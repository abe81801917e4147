/*
 * Maps of vectors that were made before: projecting 2,000 vectors of 768 numbers takes up to two
 * seconds, finding out that they are the same vectors an eightieth of that. The JD_MAP_CACHED
 * latest are kept, in memory, under the hash of the vectors themselves, so that no change of the
 * base is missed. May be used from any thread.
 */
#ifndef JD_SERVER_PROJECTIONS_H
#define JD_SERVER_PROJECTIONS_H

#include "retrieve/project.h"

typedef struct jd_projections jd_projections;

jd_projections *jd_projections_new(void);
void jd_projections_free(jd_projections *projections);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_projections, jd_projections_free)

typedef struct jd_rows {
    const float *values; /* n x dimension */
    gsize n, dimension;
} jd_rows;

/** What jd_project() makes of the rows. */
gboolean jd_projections_get(jd_projections *projections, const jd_rows *rows,
                            jd_projection *projection, GError **error);

#endif
