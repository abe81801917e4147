/* The command. */
#include <jackdaw.h>

#include <stdio.h>

int main(void)
{
    printf("jackdaw %s\n", jd_version());
    return 0;
}
