/* What tests/fuzz/owngen.py asks of programs about ownership: for each function `tN(seed)` of a file,
 * together with `uN` that stands before it and that it calls, whether it is accepted, and what the oracle
 * finds when it runs.
 *
 *     owncheck FILE...
 *
 * Prints a line for each: `tN ok`, `tN BAD what` (accepted, and yet it fails), `tN fails CODE` and
 * `tN clean CODE` (rejected; the oracle found a failure, or none), `tN invalid CODE` (other errors).
 * A function that is not accepted is blanked out before the others run. Everything happens in this
 * process, since a hundred thousand programs would not start as many compilers. */
#include "ir/interp.h"
#include "ir/lower/lower.h"
#include "ir/ownership/ownership.h"
#include "ir/verify.h"
#include "parser/parser.h"
#include "sema/check.h"
#include "support/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TESTS = 4096, STEP_LIMIT = 200000, ACCEPTED_SEEDS = 12, REJECTED_SEEDS = 200 };

typedef enum Verdict { VERDICT_NONE, VERDICT_INVALID, VERDICT_REJECTED } Verdict;

/* One function under test: the bytes from `start` to `end` of the file. */
typedef struct Test {
    char name[16];
    uint32_t number, start, end;
    Verdict verdict;
    DiagCode code;
} Test;

typedef struct Program {
    char *text;
    uint32_t length;
    Test tests[MAX_TESTS];
    uint32_t count;
} Program;

/* ---- Functions in the text ------------------------------------------------------------------- */

/* `fn tN(`, or with another letter. */
static bool head_number(const char *line, char letter, uint32_t *number) {
    char found;
    bool is_head = sscanf(line, "fn %c%u(", &found, number) == 2 ||
                   sscanf(line, "def %c%u(", &found, number) == 2;
    return is_head && found == letter;
}

static void find_tests(Program *p) {
    bool inside = false;
    p->count = 0;
    for (char *line = p->text, *next; *line != '\0'; line = next) {
        char *end = strchr(line, '\n');
        next = end != NULL ? end + 1 : line + strlen(line);
        uint32_t number;
        if (*line == ' ' || *line == '\n' || *line == '#') continue;
        bool is_test = head_number(line, 't', &number), is_help = head_number(line, 'u', &number);
        if (inside && is_test && p->tests[p->count].number == number) continue;
        if (inside) p->tests[p->count++].end = (uint32_t)(line - p->text);
        inside = (is_test || is_help) && p->count < MAX_TESTS;
        if (!inside) continue;
        Test *test = &p->tests[p->count];
        *test = (Test){.number = number, .start = (uint32_t)(line - p->text)};
        snprintf(test->name, sizeof test->name, "t%u", number);
    }
    if (inside) p->tests[p->count++].end = p->length;
}

/* The text without the functions of that verdict, its lines and offsets kept. */
static char *text_without(const Program *p, bool (*skips)(Verdict)) {
    char *text = malloc(p->length + 1);
    if (text == NULL) fatal("out of memory");
    memcpy(text, p->text, p->length + 1);
    for (uint32_t i = 0; i < p->count; i++)
        for (uint32_t k = p->tests[i].start; skips(p->tests[i].verdict) && k < p->tests[i].end; k++)
            if (text[k] != '\n') text[k] = ' ';
    return text;
}

static bool is_invalid(Verdict verdict) { return verdict == VERDICT_INVALID; }

static bool is_refused(Verdict verdict) { return verdict != VERDICT_NONE; }

/* ---- Compiling ------------------------------------------------------------------------------- */

/* NULL after errors, which are in the context. */
static IrModule *lower_text(Context *cx, const char *path, const char *text) {
    const Source *source = sources_add(&cx->sources, path, text, (uint32_t)strlen(text));
    AstIds ids = {.arena = cx->arena, .exprs = 1, .stmts = 1};
    const Ast *ast = parse(cx, &ids, source, lex(cx, source));
    SemaOptions options = {.stdlib_dir = "stdlib", .vector_bits = 256};
    const Checked *checked = check_program(cx, &ids, &ast, 1, &options);
    if (diags_have_errors(cx)) return NULL;
    IrOptions ir = {.checks = CHECKS_BOUNDS};
    IrModule *module = lower_program(cx, checked, &ir);
    StrBuf problems = {0};
    if (!ir_verify(module, &problems)) KC_BUG("%s: lowering: %s", path, strbuf_text(&problems));
    strbuf_free(&problems);
    return module;
}

/* Each error belongs to the function that it stands in; the first one counts. True if there are some. */
static bool blame(Program *p, const Context *cx, Verdict verdict) {
    bool found = false;
    for (uint32_t i = 0; i < cx->diags.all.len; i++) {
        const Diag *diag = cx->diags.all.data[i];
        if (diag->severity != SEVERITY_ERROR) continue;
        bool placed = false;
        for (uint32_t k = 0; k < p->count; k++) {
            Test *test = &p->tests[k];
            if (diag->span.start < test->start || diag->span.start >= test->end) continue;
            placed = found = true;
            if (test->verdict != VERDICT_NONE) continue;
            test->verdict = verdict;
            test->code = diag->code;
        }
        if (!placed) fatal("an error outside of the tests: %s", diag->message);
    }
    return found;
}

/* ---- Running --------------------------------------------------------------------------------- */

static void ignore_print(void *user, const InterpItem *items, uint32_t count) {
    (void)user, (void)items, (void)count;
}

static IrFn *find_test(const IrModule *module, const char *name) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (strcmp(text_of(module->cx, module->fns.data[i]->source_name), name) == 0)
            return module->fns.data[i];
    return NULL;
}

/* With as many seeds. What went wrong, or NULL. */
static const char *run_test(const IrModule *module, const char *name, InterpWatch watch,
                            int64_t seeds) {
    const IrFn *fn = find_test(module, name);
    if (fn == NULL) return "it is not in the module";
    for (int64_t seed = 0; seed < seeds; seed++) {
        double results[16];
        InterpArg args[1] = {{&seed, sizeof seed}};
        InterpHost host = {.print = ignore_print, .watch = watch};
        InterpPanic panic = {0};
        InterpStatus status = ir_interpret(fn, args, results, &host, STEP_LIMIT, &panic);
        if (status != INTERP_FAULT) continue;
        const Source *source = source_of(&module->cx->sources, panic.span);
        uint32_t line = source != NULL ? source_line_col(source, panic.span.start).line : 0;
        return arena_printf(module->arena, "(%lld) line %u: %s", (long long)seed, line,
                            panic.message);
    }
    return NULL;
}

/* Under the oracle with drops; then as plain memory. */
static void run_accepted(Program *p, const char *path) {
    char *text = text_without(p, is_refused);
    Context *cx = context_create();
    const char *found[MAX_TESTS] = {0};
    IrModule *module = lower_text(cx, path, text);
    if (module == NULL || !ownership_check(module, &(OwnershipOptions){0})) {
        diags_render_text(cx, &(StrBuf){0}, false);
        fatal("%s: without those refused others are refused", path);
    }
    drops_insert(module);
    for (uint32_t i = 0; i < p->count; i++)
        if (p->tests[i].verdict == VERDICT_NONE)
            found[i] = run_test(module, p->tests[i].name, WATCH_DROPPED, ACCEPTED_SEEDS);
    tasks_start(module);
    ownership_erase(module);
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->tests[i].verdict != VERDICT_NONE) continue;
        if (found[i] == NULL)
            found[i] = run_test(module, p->tests[i].name, WATCH_NOTHING, ACCEPTED_SEEDS);
        printf("%s %s%s\n", p->tests[i].name, found[i] == NULL ? "ok" : "BAD ",
               found[i] == NULL ? "" : found[i]);
    }
    context_destroy(cx);
    free(text);
}

static void run_rejected(Program *p, const char *path) {
    char *text = text_without(p, is_invalid);
    Context *cx = context_create();
    const IrModule *module = lower_text(cx, path, text);
    for (uint32_t i = 0; i < p->count; i++) {
        const Test *test = &p->tests[i];
        if (test->verdict == VERDICT_INVALID)
            printf("%s invalid %s\n", test->name, diag_code_text(test->code));
        if (test->verdict != VERDICT_REJECTED || module == NULL) continue;
        const char *found = run_test(module, test->name, WATCH_OWNED, REJECTED_SEEDS);
        printf("%s %s %s\n", test->name, found == NULL ? "clean" : "fails",
               diag_code_text(test->code));
    }
    context_destroy(cx);
    free(text);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static void judge(Program *p, const char *path) {
    for (bool again = true; again;) {
        char *text = text_without(p, is_invalid);
        Context *cx = context_create();
        IrModule *module = lower_text(cx, path, text);
        again = module == NULL && blame(p, cx, VERDICT_INVALID);
        if (module == NULL && !again) fatal("%s: not a program", path);
        if (module != NULL) {
            ownership_check(module, &(OwnershipOptions){0});
            blame(p, cx, VERDICT_REJECTED);
        }
        context_destroy(cx);
        free(text);
    }
}

static void file_check(const char *path) {
    Program *p = calloc(1, sizeof *p);
    StrBuf text = {0};
    const char *reason = NULL;
    if (p == NULL) fatal("out of memory");
    if (!file_read(path, &text, &reason)) fatal("cannot read `%s`: %s", path, reason);
    p->text = (char *)strbuf_text(&text);
    p->length = (uint32_t)text.len;
    find_tests(p);
    judge(p, path);
    run_accepted(p, path);
    run_rejected(p, path);
    strbuf_free(&text);
    free(p);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) file_check(argv[i]);
    return EXIT_SUCCESS;
}
