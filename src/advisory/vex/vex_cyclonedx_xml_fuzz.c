/* What a document of this form says survives the worker's answer, and names what it must. */
#include "advisory/vex/vex_cyclonedx_priv.h"
#include "advisory/vex/vex_fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        vex_fuzz(span_bytes(data, size), vex_cyclonedx_xml_parse);
        return 0;
}
