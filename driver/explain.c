/* kc explain: the page of an error code, or a report on a program. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "driver/compile.h"
#include "driver/driver.h"
#include "driver/explain_program.h"
#include "support/file.h"

static void list_codes(void) {
    printf("kc explain KNNNN shows the page of a code:\n\n");
    for (int code = 0; code < DIAG_CODE_COUNT; code++)
        printf("  %s  %s\n", diag_code_text((DiagCode)code), diag_code_title((DiagCode)code));
}

static bool print_page(const Options *options, const char *code) {
    const char *folder = find_data_dir(options->arena);
    const char *path =
        folder ? arena_printf(options->arena, "%s/errors/%s.md", folder, code) : NULL;
    StrBuf page = {0};
    const char *reason = "kc's own files are not beside it";
    bool ok = path && file_read(path, &page, &reason);
    if (ok)
        fputs(strbuf_text(&page), stdout);
    else
        fprintf(stderr, "kc explain: no page for %s: %s\n", code, reason);
    strbuf_free(&page);
    return ok;
}

static bool is_source(const char *input) {
    size_t length = strlen(input);
    return (length > 2 && strcmp(input + length - 2, ".k") == 0) || file_exists(input);
}

int cmd_explain(const Options *options) {
    if (options->inputs.len == 0) {
        list_codes();
        return EXIT_CLEAN;
    }
    if (is_source(options->inputs.data[0])) return explain_program(options);
    for (uint32_t i = 0; i < options->inputs.len; i++) {
        char *word = arena_printf(options->arena, "%s", options->inputs.data[i]);
        for (char *c = word; *c; c++) *c = (char)toupper((unsigned char)*c);
        DiagCode code;
        if (!diag_code_find(word, &code))
            return usage_error(options, "no code `%s`; codes look like K0201, and `kc explain` "
                               "lists them", options->inputs.data[i]);
        if (!print_page(options, diag_code_text(code))) return EXIT_USAGE;
    }
    return EXIT_CLEAN;
}
