/* A function of stage OWNED as a control-flow graph of events on places: what the analyses of
 * ownership walk over. Built from the structured IR; every edge knows where in the IR code can be
 * put that runs on that edge only. All memory is the caller's arena. */
#ifndef KC_IR_OWNERSHIP_GRAPH_H
#define KC_IR_OWNERSHIP_GRAPH_H

#include "ir/ir.h"
#include "ir/ownership/window_uses.h"

enum { NO_PLACE = UINT32_MAX };

/* A variable, or a field of a place. Ids are dense; parents come before their fields. */
typedef struct Place {
    uint32_t id;
    Value *var;      /* the VAR's result, or the parameter of type ref, that it is (in) */
    uint32_t parent; /* NO_PLACE for variables */
    uint32_t field;  /* of the parent's struct */
    uint32_t first_child, next_sibling; /* all fields are there once one of them is mentioned, or
                                           owns or looks */
    const IrType *type;
} Place;

typedef enum EventKind {
    EVENT_DECLARE, /* VAR: the place exists, without a value */
    EVENT_READ,    /* GET: a plain value, or a copy of a view */
    EVENT_SHARE,   /* looked at: LEND to read, a ref lent to a call, ROOM, ALLOC_IN, ITEMS, DUP,
                      CAUGHT... */
    EVENT_MUTATE, /* changed in place: LEND to write, an inout ref, APPEND, TAKE, RESET, ASSIGN to a
                     ref */
    EVENT_MOVE,   /* MOVE, WAIT; DROP once inserted */
    EVENT_STORE,  /* SET */
    EVENT_KEEP,   /* KEEP */
    EVENT_USE,    /* a value that looks or owns is used: LOAD, STORE, SLICE, CALL, PRINT... (op says
                     which) */
    EVENT_RETURN, /* RETURN, and the end of a function: every inout place has to be complete */
    EVENT_END     /* END: drops of the statement go here */
} EventKind;

typedef struct Event {
    EventKind kind;
    uint32_t place; /* or NO_PLACE */
    Op *op;
    Value *window; /* USE: the value that is used */
} Event;

typedef enum EdgeKind {
    EDGE_NEXT, /* no choice */
    EDGE_THEN,
    EDGE_ELSE,
    EDGE_BODY,   /* of a loop */
    EDGE_DONE,   /* the loop ends by itself */
    EDGE_AGAIN,  /* from the end of the body, or CONTINUE */
    EDGE_REPEAT, /* of a FOR that surely runs at least once: the body, but not for the first time.
                    Its code goes first into the body, where the index is not the loop's first */
    EDGE_BREAK,
    EDGE_RAISE, /* to a handler */
    EDGE_LEAVE  /* RETURN, or RAISE out of the function: to the exit block */
} EdgeKind;

typedef struct Edge {
    uint32_t id, from, to; /* of blocks */
    EdgeKind kind;
    Op *op;         /* the IF, FOR, WHILE, TRY, BREAK, ... that it belongs to */
    Op *loop;       /* AGAIN, REPEAT: which loop goes on; otherwise NULL */
    Region *region; /* code for this edge goes here... */
    Op *before;     /* ...before this op; NULL: at the end */
} Edge;

/* A FOR whose constant bounds make it run has no path around its body: the edge to the body (BODY)
 * comes from before the loop, the ends of the body (AGAIN) meet in a block of their own, and from
 * there the loop goes on (REPEAT; not where one iteration is all) or ends (DONE). In other loops
 * that block stands before the body. */

typedef struct GraphBlock {
    uint32_t id;
    Vec(Event) events;     /* in order */
    Vec(uint32_t) in, out; /* edges */
    Op *loop;       /* the innermost FOR or WHILE whose body or condition it is in, or NULL */
    Region *region; /* that its code is in */
} GraphBlock;

typedef struct Graph {
    Arena *arena;
    IrFn *fn;
    Vec(Place) places;
    Vec(Edge) edges;
    Vec(GraphBlock) blocks; /* in reverse postorder but for the exit; blocks[0] is the entry */
    uint32_t exit;          /* its block */
    uint32_t *place_of; /* by value id: the place that a ref value is, or NO_PLACE (ITEM: the place
                           that its view was lent from, if there is one) */
    bool *is_cut;       /* by block id: cannot be reached */
    uint32_t *defined_in; /* by value id: the block where it gets defined */
    WindowUse *uses;      /* by value id */
} Graph;

Graph *graph_build(Arena *arena, IrFn *fn);
/* For .kir tests and for debugging: blocks, events and edges as text. */
void graph_print(const Graph *g, StrBuf *out);
/* `p`, `p.a`: as the source spells it; "this value" for temporaries. */
const char *place_text(const Graph *g, uint32_t place);
/* The variable's declaration; one made from IrFn.args for parameters of type ref. */
const IrVar *place_var(const Graph *g, uint32_t place);
/* The variable that it is or is inside of. */
static inline uint32_t place_root(const Graph *g, uint32_t place) {
    while (g->places.data[place].parent != NO_PLACE) place = g->places.data[place].parent;
    return place;
}
/* The parameter as the source has it that a place or value is, or NULL. */
const IrArg *arg_of_value(const IrFn *fn, const Value *value);
/* The event only makes a window that is asked for its sizes: it touches no memory. */
bool event_is_peek(const Graph *g, const Event *event);
/* Whether uses of such values are events: windows, owners, tasks, elements. */
bool value_is_tracked(const Value *value);
/* A task, or something that holds one. */
bool type_has_task(const IrType *type);
/* `__init__`: its `self` is empty at the beginning. */
bool fn_makes_self(const IrFn *fn);
/* Whether `inner` is `outer` or inside of it. */
bool place_is_within(const Graph *g, uint32_t inner, uint32_t outer);

#endif
