/*
 * The tables of a knowledge base and how older ones become newer ones.
 *
 * The file says what it is in its header: application_id JD_SCHEMA_APPLICATION and user_version,
 * the number of the last migration it went through.
 */
#ifndef JD_STORE_SQLITE_SCHEMA_H
#define JD_STORE_SQLITE_SCHEMA_H

#include "store/sqlite/db.h"

#define JD_SCHEMA_APPLICATION 0x4A4B4457 /* "JKDW" */

/** Separates a language tag from the text after it, and the headings of a section path. */
#define JD_SCHEMA_SEPARATOR "\x1f"

/** A random number from 1 to 2^63 - 1, as SQL. */
#define JD_SCHEMA_RANDOM_ID "max(1, random() & 0x7FFFFFFFFFFFFFFF)"

/** One step from version - 1 to `version`. */
typedef struct jd_migration {
    int version;
    const char *sql;
} jd_migration;

/** All steps from an empty file on, in order; *n gets their number. */
const jd_migration *jd_schema_migrations(gsize *n);
/** The version that this Jackdaw reads and writes. */
int jd_schema_version(void);

/** Carries out the steps that the file lacks, all or none, and marks the file. */
gboolean jd_schema_migrate(jd_sqlite *store, const jd_migration *steps, gsize n, GError **error);

/** The file's version: 0 for an empty one, else from 1. JD_ERROR_CORRUPT where the file is not a
 * knowledge base. Reads only. */
gboolean jd_schema_read_version(jd_sqlite *store, int *version, GError **error);

/** Adds a sentence to `problems` for everything in the file's schema that is not as
 * jd_schema_migrations() makes it. */
gboolean jd_schema_compare(jd_sqlite *store, GPtrArray *problems, GError **error);

#endif
