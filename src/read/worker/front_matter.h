/* The front matter of a Markdown file: what stands between "---" lines (YAML) or "+++" lines (TOML)
 * at its beginning. */
#ifndef JD_READ_WORKER_FRONT_MATTER_H
#define JD_READ_WORKER_FRONT_MATTER_H

#include "read/document.h"

/**
 * Takes title, date, authors and language into the document and returns the length of the front
 * matter with its closing line; 0 where there is none. Read are simple lines: `key: value` or
 * `key = value`, quotes around the value, [a, b] lists and "- a" lines below a key. Everything else
 * in there is passed over. `text` is valid UTF-8.
 */
gsize jd_front_matter_read(jd_document *document, const char *text, gsize size);

#endif
