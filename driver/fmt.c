/* kc fmt: source files in the one style. A file with errors is left as it is; the others are written
 * anew only if they change. */
#include <stdio.h>
#include <string.h>

#include "driver/compile.h"
#include "driver/driver.h"
#include "parser/format.h"
#include "support/file.h"

static bool is_formatted(const Source *source, const StrBuf *text) {
    return text->len == source->length &&
           (text->len == 0 || memcmp(text->data, source->text, text->len) == 0);
}

static bool write_formatted(const Source *source, const StrBuf *text) {
    const char *reason = NULL;
    if (file_write(source->path, strbuf_text(text), text->len, &reason)) return true;
    fprintf(stderr, "kc: cannot write `%s`: %s\n", source->path, reason);
    return false;
}

/* One file; returns the exit status it asks for. */
static int format_file(Compilation *c, const Source *source) {
    StrBuf text = {0};
    int status = EXIT_CLEAN;
    if (!format_source(c->cx, source, &text)) {
        status = EXIT_ERRORS;
    } else if (option_given(c->options, OPT_STDOUT)) {
        fwrite(strbuf_text(&text), 1, text.len, stdout);
    } else if (!is_formatted(source, &text)) {
        if (option_given(c->options, OPT_CHECK)) {
            printf("%s is not formatted\n", source->path);
            status = EXIT_ERRORS;
        } else if (!write_formatted(source, &text)) {
            status = EXIT_USAGE;
        }
    }
    strbuf_free(&text);
    return status;
}

int cmd_fmt(const Options *options) {
    Compilation c;
    int status;
    if (!compile_begin(&c, options, &status)) return status;
    if (compile_read(&c)) {
        for (uint32_t i = 0; i < c.sources.len; i++) {
            int asked = format_file(&c, c.sources.data[i]);
            if (asked > status) status = asked;
        }
    }
    return compile_end(&c, status);
}
