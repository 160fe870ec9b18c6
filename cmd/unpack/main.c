/* coffer-unpack: writes one layer into one folder. Started by the other programs; the work is in the unpack room. */
#include "unpack/unpack.h"

int main(void)
{
        return unpack_program_main();
}
