/* kc targets: what can be compiled for. */
#include <stdio.h>

#include "codegen/codegen.h"
#include "driver/driver.h"

int cmd_targets(const Options *options) {
    StrBuf out = {0};
    targets_print(&out, option_given(options, OPT_RUNNABLE));
    fputs(strbuf_text(&out), stdout);
    strbuf_free(&out);
    return EXIT_CLEAN;
}
