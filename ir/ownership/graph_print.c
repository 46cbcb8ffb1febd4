#include "ir/ownership/graph.h"

static const char *event_word(EventKind kind) {
    switch (kind) {
    case EVENT_DECLARE: return "declare";
    case EVENT_READ: return "read";
    case EVENT_SHARE: return "share";
    case EVENT_MUTATE: return "mutate";
    case EVENT_MOVE: return "move";
    case EVENT_STORE: return "store";
    case EVENT_KEEP: return "keep";
    case EVENT_USE: return "use";
    case EVENT_RETURN: return "return";
    case EVENT_END: return "end";
    }
    return "";
}

static const char *edge_word(EdgeKind kind) {
    switch (kind) {
    case EDGE_NEXT: return "next";
    case EDGE_THEN: return "then";
    case EDGE_ELSE: return "else";
    case EDGE_BODY: return "body";
    case EDGE_DONE: return "done";
    case EDGE_AGAIN: return "again";
    case EDGE_REPEAT: return "repeat";
    case EDGE_BREAK: return "break";
    case EDGE_RAISE: return "raise";
    case EDGE_LEAVE: return "leave";
    }
    return "";
}

static void event_print(const Graph *g, const Event *event, StrBuf *out) {
    strbuf_printf(out, "    %s", event_word(event->kind));
    if (event->place != NO_PLACE) {
        bool is_named = place_var(g, place_root(g, event->place))->name.id != 0;
        strbuf_printf(out, " %s", is_named ? place_text(g, event->place) : "temporary");
        if (!is_named) strbuf_printf(out, " #%u", event->place);
    }
    if (event->op != NULL && event->kind != EVENT_DECLARE && event->kind != EVENT_END) {
        strbuf_printf(out, " by %s", op_info(event->op)->mnemonic);
    }
    strbuf_putc(out, '\n');
}

void graph_print(const Graph *g, StrBuf *out) {
    for (uint32_t i = 0; i < g->blocks.len; i++) {
        const GraphBlock *block = &g->blocks.data[i];
        strbuf_printf(out, "block %u%s%s:\n", i, i == g->exit ? " exit" : "",
                      g->is_cut[i] ? " cut" : "");
        for (uint32_t k = 0; k < block->events.len; k++) {
            event_print(g, &block->events.data[k], out);
        }
        for (uint32_t k = 0; k < block->out.len; k++) {
            const Edge *edge = &g->edges.data[block->out.data[k]];
            strbuf_printf(out, "    %s -> %u\n", edge_word(edge->kind), edge->to);
        }
    }
}
