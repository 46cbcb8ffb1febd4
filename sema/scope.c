/* Names and where they are visible. */
#include <string.h>

#include "sema/declare.h"

enum { HASHED_FROM = 12, NEAREST_BUDGET = 400000 };

Scope *scope_new(Checker *c, Scope *outer) {
    Scope *scope = arena_new(c->cx->arena, Scope);
    scope->outer = outer;
    return scope;
}

static uint32_t slot_of(const Scope *scope, Name name) {
    uint32_t mask = scope->slot_count - 1, at = name.id * 2654435761u & mask;
    while (scope->slots[at] != NULL && !name_eq(scope->slots[at]->name, name)) at = (at + 1) & mask;
    return at;
}

/* The first definition of a name keeps it. */
static void slot_fill(Scope *scope, Symbol *symbol) {
    uint32_t at = slot_of(scope, symbol->name);
    if (scope->slots[at] == NULL) scope->slots[at] = symbol;
}

static void scope_rehash(Checker *c, Scope *scope) {
    uint32_t count = 4;
    while (count < 4 * scope->symbols.len) count *= 2;
    scope->slot_count = count;
    scope->slots = arena_array(c->cx->arena, Symbol *, count);
    for (uint32_t i = 0; i < scope->symbols.len; i++) slot_fill(scope, scope->symbols.data[i]);
}

Symbol *scope_find_here(const Scope *scope, Name name) {
    if (scope->slots != NULL) return scope->slots[slot_of(scope, name)];
    for (uint32_t i = 0; i < scope->symbols.len; i++) {
        if (name_eq(scope->symbols.data[i]->name, name)) return scope->symbols.data[i];
    }
    return NULL;
}

Symbol *scope_find(const Scope *scope, Name name) {
    for (; scope != NULL; scope = scope->outer) {
        Symbol *symbol = scope_find_here(scope, name);
        if (symbol != NULL) return symbol;
    }
    return NULL;
}

Symbol *scope_add(Checker *c, Scope *scope, SymbolKind kind, Name name, Span span) {
    Symbol *symbol = arena_new(c->cx->arena, Symbol);
    symbol->kind = kind;
    symbol->name = name;
    symbol->span = span;
    vec_push(c->cx->arena, &scope->symbols, symbol);
    bool is_full = scope->slots != NULL && scope->symbols.len > scope->slot_count / 2;
    if (is_full || (scope->slots == NULL && scope->symbols.len > HASHED_FROM)) {
        scope_rehash(c, scope);
    } else if (scope->slots != NULL) {
        slot_fill(scope, symbol);
    }
    return symbol;
}

void symbol_poison(Checker *c, Symbol *symbol) {
    *symbol = (Symbol){.kind = SYM_ALIAS, .name = symbol->name, .span = symbol->span};
    symbol->alias.state = ALIAS_DONE;
    symbol->alias.type = type_error(c->types);
}

void scope_add_poison(Checker *c, Scope *scope, Name name, Span span) {
    symbol_poison(c, scope_add(c, scope, SYM_ALIAS, name, span));
}

/* Only names of about the right length are worth a look, and a file full of unknown names must
 * not take for ever. */
const char *scope_nearest(Checker *c, const Scope *scope, Name name) {
    const char *wanted = text_of(c->cx, name);
    size_t length = strlen(wanted);
    Vec(const char *) candidates = {0};
    for (; scope != NULL; scope = scope->outer) {
        for (uint32_t i = 0; i < scope->symbols.len; i++) {
            const char *text = text_of(c->cx, scope->symbols.data[i]->name);
            size_t other = strlen(text);
            if (other > length + length / 2 + 1 || length > other + other / 2 + 1) continue;
            if (c->program->nearest_budget >= NEAREST_BUDGET) break;
            c->program->nearest_budget++;
            vec_push(c->cx->arena, &candidates, text);
        }
    }
    return nearest_text(wanted, candidates.data, candidates.len);
}
