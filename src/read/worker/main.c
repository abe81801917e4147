/* The reader process. */
#include <stdio.h>

int main(void)
{
    fprintf(stderr, "jackdaw-reader: started by jackdaw, not by hand\n");
    return 2;
}
