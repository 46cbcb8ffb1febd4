/* Inside codegen: what LLVM's loop vectoriser says, caught on its way to nowhere. */
#ifndef KC_CODEGEN_LOOP_NOTES_H
#define KC_CODEGEN_LOOP_NOTES_H

#include "codegen/codegen.h"

/* Asks LLVM to speak. It has no other switch for that than its command line, which the process shares; where
 * nobody listens, what it says is dropped. */
void loop_notes_enable(void);
/* Keeps a message "file:line:column: text" when it is about a loop. */
void loop_notes_add(LoopNotes *notes, const char *message);

#endif
