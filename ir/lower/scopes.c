/* Who frees which array.
 *
 * A scope owns arrays: those of `let` and `var`, owned parameters, and the temporaries of a statement.
 * They are freed, newest first, on every way out: at the end, at break and continue, at return. An
 * owner that may be given away (`x^`) is a variable, which then holds a null view: freeing that does
 * nothing. */
#include "ir/lower/lower_internal.h"

struct Cleanup {
    Cleanup *outer;
    CleanupKind kind;
    ValueVec owners; /* views, or refs to views */
};

bool has_left(const FnLower *f) {
    const Op *last = f->b.before ? f->b.before->prev : f->b.region->last;
    return last && op_ends(last);
}

void cleanup_open(FnLower *f, CleanupKind kind) {
    Cleanup *scope = arena_new(arena_of(f), Cleanup);
    scope->outer = f->cleanup;
    scope->kind = kind;
    f->cleanup = scope;
}

static bool is_kept(const Value *owner, Value *const *kept, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (kept[i] == owner) return true;
    }
    return false;
}

static void free_owner(FnLower *f, Value *owner) {
    Value *view = owner->type->kind == IR_REF ? build_get(&f->b, owner) : owner;
    build_op(&f->b, OP_FREE, &view, 1, NULL, 0, 0);
}

static void free_all(FnLower *f, const Cleanup *scope, Value *const *kept, uint32_t kept_count) {
    for (uint32_t i = scope->owners.len; i-- > 0;) {
        Value *owner = scope->owners.data[i];
        if (!is_kept(owner, kept, kept_count)) free_owner(f, owner);
    }
}

void cleanup_close(FnLower *f) {
    if (!has_left(f)) free_all(f, f->cleanup, NULL, 0);
    f->cleanup = f->cleanup->outer;
}

void cleanup_abandon(FnLower *f) { f->cleanup = f->cleanup->outer; }

void own_temporary(FnLower *f, Value *owner) {
    vec_push(arena_of(f), &f->cleanup->owners, owner);
}

static Cleanup *innermost_block(const FnLower *f) {
    Cleanup *scope = f->cleanup;
    while (scope->kind == CLEANUP_STATEMENT) scope = scope->outer;
    return scope;
}

void own_named(FnLower *f, Value *owner) {
    vec_push(arena_of(f), &innermost_block(f)->owners, owner);
}

void keep_temporaries(FnLower *f) {
    Cleanup *from = f->cleanup, *to = innermost_block(f);
    KC_CHECK(from->kind == CLEANUP_STATEMENT);
    for (uint32_t i = 0; i < from->owners.len; i++) {
        vec_push(arena_of(f), &to->owners, from->owners.data[i]);
    }
    from->owners.len = 0;
}

void cleanup_for_loop_exit(FnLower *f) {
    for (const Cleanup *scope = f->cleanup; scope; scope = scope->outer) {
        free_all(f, scope, NULL, 0);
        if (scope->kind == CLEANUP_LOOP) return;
    }
    KC_BUG("break or continue outside of a loop");
}

void cleanup_for_return(FnLower *f, Value *const *kept, uint32_t kept_count) {
    for (const Cleanup *scope = f->cleanup; scope; scope = scope->outer) {
        free_all(f, scope, kept, kept_count);
    }
}
