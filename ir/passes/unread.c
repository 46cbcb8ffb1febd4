/* unread: memory that is written, and freed without having been read, is not written.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Fusion and `elements` leave such memory behind: an array whose elements are all used in the iteration
 * that makes them. Its stores go here; `dce` then finds an allocation that is only freed. Legality: the
 * memory is used by STORE, FREE, sizes and windows alone, and the windows likewise. */
#include "ir/passes/runs.h"

typedef struct Store {
    Op *op;
    const struct Store *next;
} Store;

typedef struct Room {
    const Op *alloc;
    bool is_read;
    const Store *stores;
} Room;

typedef struct Unread {
    PassContext *pass;
    Room **rooms; /* by value id: of the memory, and of windows of it */
    Vec(Room *) all;
} Unread;

static void alloc_note(void *user, Op *op) {
    Unread *u = user;
    if (op->kind != OP_ALLOC) return;
    Room *room = arena_new(u->pass->scratch, Room);
    room->alloc = op;
    u->rooms[op_result(op)->id] = room;
    vec_push(u->pass->scratch, &u->all, room);
}

static void use_note(Unread *u, Room *room, Op *op, uint32_t operand) {
    if (op->kind == OP_STORE && operand == 0) {
        Store *store = arena_new(u->pass->scratch, Store);
        *store = (Store){op, room->stores};
        room->stores = store;
    } else if (op->kind == OP_SLICE) {
        u->rooms[op_result(op)->id] = room;
    } else if (op->kind != OP_FREE && op->kind != OP_DIM && op->kind != OP_STRIDE) {
        room->is_read = true;
    }
}

static void uses_note(void *user, Op *op) {
    Unread *u = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Room *room = u->rooms[op->operands[i]->id];
        if (room != NULL) use_note(u, room, op, i);
    }
}

static void room_clear(Unread *u, const Room *room) {
    if (room->is_read || room->stores == NULL) return;
    pass_remark(u->pass, room->alloc->parent->fn, room->alloc->span, REMARK_UNREAD,
                "nobody reads it");
    for (const Store *store = room->stores; store != NULL; store = store->next)
        op_unlink(store->op);
    u->pass->changed = true;
}

static void fn_clear(PassContext *pass, IrFn *fn) {
    Unread u = {.pass = pass, .rooms = arena_array(pass->scratch, Room *, fn->next_value)};
    region_walk(fn->body, alloc_note, &u);
    if (u.all.len == 0) return;
    region_walk(fn->body, uses_note, &u);
    for (uint32_t i = 0; i < u.all.len; i++) room_clear(&u, u.all.data[i]);
}

void unread_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) fn_clear(pass, module->fns.data[i]);
}
