#pragma once

#include "report/report_priv.h"

extern const char html_style[], html_script[];
