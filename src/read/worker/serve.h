/* The reader's life: close the sandbox, say hello, then one file after the other. */
#ifndef JD_READ_WORKER_SERVE_H
#define JD_READ_WORKER_SERVE_H

#include "read/worker/format.h"

/**
 * The whole program; returns its exit status. The first argument is the memory for one file in
 * bytes. `extra` is a format that is asked before those of format.c; NULL in the shipped program.
 */
int jd_reader_serve(int argc, char **argv, const jd_format *extra);

#endif
