/* The formatter: source text to source text in the one style.
 *
 * It works on tokens and comments, not on the tree, so that nothing the author wrote can get lost: four
 * spaces a block, one space where one belongs, at most two blank lines, lines of up to 100 columns
 * broken inside their brackets, conventions before the parameter's name under their one spelling.
 * Strings and numbers stay as they are spelled. Formatting what was formatted changes nothing. */
#ifndef KC_PARSER_FORMAT_H
#define KC_PARSER_FORMAT_H

#include "support/context.h"

/* Appends the formatted text to `out`. A file with errors is not formatted: they are reported to the
 * context, `out` stays as it was, and the result is false. */
bool format_source(Context *cx, const Source *source, StrBuf *out);

#endif
