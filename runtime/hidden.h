/* Inside libkcrt: the mark of what its files share and nobody else sees. */
#ifndef KC_RUNTIME_HIDDEN_H
#define KC_RUNTIME_HIDDEN_H

#include "kc/prefix.h"

#define KC_HIDDEN __attribute__((visibility("hidden")))

#endif
