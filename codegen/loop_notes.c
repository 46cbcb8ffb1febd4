#include "codegen/loop_notes.h"

#include <llvm-c/Support.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void loop_notes_enable(void) {
    static const char *const words[] = {"kc", "-pass-remarks=loop-vectorize",
                                        "-pass-remarks-missed=loop-vectorize",
                                        "-pass-remarks-analysis=loop-vectorize"};
    LLVMParseCommandLineOptions(ARRAY_LEN(words), words, "");
}

/* "file:12:9: " ahead of the text, which is returned; the file's name may hold colons. */
static const char *place_read(LoopNotes *notes, const char *message, LoopNote *note) {
    const char *text = strstr(message, ": ");
    if (text == NULL) return NULL;
    const char *column = text;
    while (column > message && column[-1] != ':') column--;
    const char *line = column - (column > message);
    while (line > message && line[-1] != ':') line--;
    if (line == message) return NULL;
    note->file = arena_strndup(notes->arena, message, (size_t)(line - 1 - message));
    note->line = (uint32_t)strtoul(line, NULL, 10);
    note->column = (uint32_t)strtoul(column, NULL, 10);
    return text + 2;
}

void loop_notes_add(LoopNotes *notes, const char *message) {
    static const char refused[] = "loop not vectorized: ";
    LoopNote note = {0};
    const char *text = place_read(notes, message, &note);
    if (text == NULL || note.line == 0) return;
    bool is_vector = sscanf(text, "vectorized loop (vectorization width: %u, interleaved count: %u",
                            &note.lanes, &note.interleave) == 2;
    bool is_refused = strncmp(text, refused, strlen(refused)) == 0;
    if (!is_vector && !is_refused) return;
    if (is_refused) note.reason = arena_printf(notes->arena, "%s", text + strlen(refused));
    vec_push(notes->arena, &notes->all, note);
}
