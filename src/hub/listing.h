/*
 * What a hub has of a repository: its files with sizes and hashes, at one revision.
 *
 * From the hub's list (BASE/api/models/REPOSITORY/revision/REVISION?blobs=true). A server without
 * one, as a plain file server, is asked for the names of files that models usually have.
 */
#ifndef JD_HUB_LISTING_H
#define JD_HUB_LISTING_H

#include "hub/files.h"
#include "hub/hub.h"

typedef struct jd_hub_listing {
    char *repository;
    char *revision;   /* the commit where the hub names it, else as asked for */
    char *licence;    /* or NULL */
    GPtrArray *files; /* jd_model_file *: all that the hub has, with the hashes that it gave */
} jd_hub_listing;

void jd_hub_listing_free(jd_hub_listing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_hub_listing, jd_hub_listing_free)

/** JD_ERROR_NOT_FOUND where there is no such repository or revision; JD_ERROR_REMOTE where it is
 * refused. */
jd_hub_listing *jd_hub_list(jd_hub *hub, const char *repository, const char *revision,
                            GError **error);

/** The same from the hub's JSON. JD_ERROR_INVALID. */
jd_hub_listing *jd_hub_listing_parse(const char *text, gsize length, GError **error);

/**
 * Asks for one file's size and hash: of linked files the SHA-256 in X-Linked-ETag, of others git's
 * hash in ETag. TRUE with *there FALSE where there is no such file. Hashes that `file` has already
 * must agree (JD_ERROR_INVALID). An ETag that is no hash is kept as such, and the listing's
 * revision becomes the commit where the hub names it.
 */
gboolean jd_hub_look(jd_hub *hub, jd_hub_listing *listing, jd_model_file *file, gboolean *there,
                     GError **error);

/** Takes the hashes that an answer about the file gives; those that it has must agree. */
gboolean jd_hub_take_hashes(jd_model_file *file, const jd_hub_reply *reply, GError **error);

#endif
