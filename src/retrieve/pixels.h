/*
 * Pictures by what they show: the question's vector against the pictures' in the space of CLIP or
 * its like.
 *
 * Texts and pictures stand apart in such a space: any text is nearer to any other text than to the
 * picture that it describes. So each side's mean is taken away first,
 *
 *     c = cosine(q - mean of texts, x - mean of pictures)
 *
 * over up to 4096 stored vectors of each side, which raised
 * hit@3 from .28 to .53 on a small collection of pictures. Raw cosines of the two kinds are never
 * compared, and never merged with those of a sentence encoder. What c says becomes a chance
 *
 *     p = 0.9 / (1 + exp(-(c - 0.25) / 0.05)),   relevance = 1 - (1 - relevance) (1 - p)
 *
 * so that it can only add to what a picture's words say. 0.25 and 0.05 are our choice, not fitted
 * to any collection. With fewer than 3 pictures there is no mean to speak of: pixels say nothing.
 */
#ifndef JD_RETRIEVE_PIXELS_H
#define JD_RETRIEVE_PIXELS_H

#include "retrieve/search.h"

/** Adds the best pictures to `images` (candidate.h) and lifts those that are among them; nothing
 * where the search has no vector for pixels. */
gboolean jd_pixels_lift(jd_search *search, GPtrArray *images, GError **error);

#endif
