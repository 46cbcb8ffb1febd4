#include "driver/case_parse.h"

#include <string.h>

static const char mark[] = "# run:";

static const char *skip_blanks(const char *at) { return at + strspn(at, " \t"); }

static bool parse_outcome(Arena *arena, Case *one, const char **at, const char **reason) {
    static const struct {
        const char *word;
        CaseOutcome outcome;
    } words[] = {{"==", CASE_EQUALS}, {"~=", CASE_NEAR}, {"panics", CASE_PANICS},
                 {"raises", CASE_RAISES}, {"prints", CASE_PRINTS}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t length = strlen(words[i].word);
        if (strncmp(*at, words[i].word, length) != 0) continue;
        *at += length;
        one->outcome = words[i].outcome;
        ValueTree *tree = value_parse(arena, at, reason);
        if (!tree) return false;
        one->expected = tree;
        one->message = tree->text;
        if (one->outcome < CASE_PANICS || tree->kind == VALUE_TEXT) return true;
        *reason = "expected a string";
        return false;
    }
    *reason = "expected `==`, `~=`, `panics`, `raises` or `prints` after the call";
    return false;
}

static bool parse_case(Arena *arena, Case *one, const char **reason) {
    const char *at = skip_blanks(one->text);
    size_t length = strcspn(at, "( ");
    one->fn = arena_strndup(arena, at, length);
    at += length;
    if (length == 0 || *at != '(') {
        *reason = "expected a call: name(arguments)";
        return false;
    }
    one->args = value_parse(arena, &at, reason);
    if (!one->args) return false;
    at = skip_blanks(at);
    if (!parse_outcome(arena, one, &at, reason)) return false;
    at = skip_blanks(at);
    if (!*at || *at == '#') return true;
    *reason = "text after the expected value";
    return false;
}

CaseVec cases_parse(Context *cx, const Source *source) {
    CaseVec cases = {0};
    for (uint32_t line = 1; line <= source->line_starts.len; line++) {
        uint32_t length;
        const char *text = source_line(source, line, &length);
        if (length < strlen(mark) || strncmp(text, mark, strlen(mark)) != 0) continue;
        Case *one = arena_new(cx->arena, Case);
        const char *reason = NULL;
        one->line = line;
        one->text = arena_strndup(cx->arena, text + strlen(mark), length - strlen(mark));
        if (parse_case(cx->arena, one, &reason)) {
            vec_push(cx->arena, &cases, one);
            continue;
        }
        uint32_t start = source->line_starts.data[line - 1];
        diag_add(cx, K0011, (Span){source->file, start, start + length},
                 "this `# run:` comment cannot be read: %s", reason);
    }
    return cases;
}

Call *case_begin(Compilation *c, const Case *one, const char **reason) {
    const FnSymbol *fn;
    const IrFn *ir;
    if (!call_find(c, one->fn, &fn, &ir)) {
        *reason = "no such exported function";
        return NULL;
    }
    if (one->args->items.len != fn->params.len) {
        *reason = "wrong number of arguments";
        return NULL;
    }
    Call *call = call_begin(c, fn, ir);
    bool ok = true;
    for (uint32_t i = 0; i < fn->params.len && ok; i++) {
        uint32_t rank;
        const IrType *elem = call_param_type(call, i, &rank);
        ok = datum_from_tree(call->arena, one->args->items.data[i], elem, rank, &call->args[i], reason);
    }
    if (ok && call_prepare(call, reason)) return call;
    *reason = arena_printf(c->cx->arena, "%s", *reason);
    call_end(call);
    return NULL;
}

DatumVec case_outputs(Call *call) {
    DatumVec outputs = {0};
    for (uint32_t i = 0; i < call->result_count; i++)
        vec_push(call->arena, &outputs, &call->results[i]);
    for (uint32_t i = 0; i < call->fn->params.len; i++)
        if (call_param_is_output(call, i)) vec_push(call->arena, &outputs, &call->args[i]);
    return outputs;
}

bool case_expected(Call *call, const Case *one, const DatumVec *outputs, uint32_t i, Datum *out,
                   const char **reason) {
    const ValueTree *tree = one->expected;
    if (outputs->len != 1) {
        if (tree->kind != VALUE_TUPLE || tree->items.len != outputs->len) {
            *reason = arena_printf(call->arena, "%u outputs need as many expected values in parentheses",
                                   outputs->len);
            return false;
        }
        tree = tree->items.data[i];
    }
    const Datum *actual = outputs->data[i];
    return datum_from_tree(call->arena, tree, actual->elem, actual->rank, out, reason);
}
