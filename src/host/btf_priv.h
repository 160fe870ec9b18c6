/* BTF, the kernel's own type information (Documentation/bpf/btf.rst): finds the number of a function or a typedef. */
#pragma once

#include "base/base.h"

enum btf_kind { BTF_FUNC_ = 12, BTF_TYPEDEF_ = 8 };

/* 0 when there is none of that name and kind; ERR_MALFORMED for what is no BTF. Any bytes are safe to give. */
bool btf_find(struct span btf, enum btf_kind kind, const char *name, uint32_t *ret_id, struct err *e);
