/* The reader process. */
#include "read/worker/serve.h"

int main(int argc, char **argv)
{
    return jd_reader_serve(argc, argv, NULL);
}
