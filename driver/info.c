/* kc info: what an object made by kc contains and needs. */
#include <stdio.h>

#include "codegen/codegen.h"
#include "driver/driver.h"
#include "support/file.h"

static bool print_object(const Options *options, const char *path) {
    StrBuf bytes = {0}, out = {0};
    const char *reason = NULL;
    bool ok = file_read(path, &bytes, &reason) &&
              object_info_print(bytes.data, bytes.len, path, option_given(options, OPT_DEPS), &out,
                                &reason);
    if (ok)
        fputs(strbuf_text(&out), stdout);
    else
        fprintf(stderr, "kc info: `%s`: %s\n", path, reason);
    strbuf_free(&bytes);
    strbuf_free(&out);
    return ok;
}

int cmd_info(const Options *options) {
    if (options->inputs.len == 0) return usage_error(options, "no input file");
    int status = EXIT_CLEAN;
    for (uint32_t i = 0; i < options->inputs.len; i++)
        if (!print_object(options, options->inputs.data[i])) status = EXIT_ERRORS;
    return status;
}
