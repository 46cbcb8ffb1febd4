/* The command line, parsed by one table (options.def) for every command. Spellings are those of gcc and
 * clang where they have one. */
#ifndef KC_DRIVER_OPTIONS_H
#define KC_DRIVER_OPTIONS_H

#include "support/strbuf.h"
#include "support/vec.h"

typedef enum OptionId {
#define OPTION(id, spelling, argument, commands, help) OPT_##id,
#include "driver/options.def"
#undef OPTION
    OPT_COUNT
} OptionId;

typedef Vec(const char *) TextVec;

typedef struct Options {
    Arena *arena;
    const char *command;
    TextVec inputs;            /* what is no option, in order */
    TextVec values[OPT_COUNT]; /* the arguments given, in order; "" for a flag */
} Options;

/* What a command is told when parsing ended the matter: print and leave with `status`. */
typedef struct OptionsOutcome {
    bool ok;
    int status;
} OptionsOutcome;

/* `argv` without the program and the command. Prints help or a usage error itself. */
OptionsOutcome options_parse(Options *options, Arena *arena, const char *command, int argc,
                             char **argv);
bool option_given(const Options *options, OptionId id);
/* The last argument given, or NULL. */
const char *option_value(const Options *options, OptionId id);
/* Prints "kc <command>: <message>" and a pointer to --help; returns EXIT_USAGE. */
int usage_error(const Options *options, const char *format, ...) PRINTF_LIKE(2, 3);
/* Index of `value` among `choices` (NULL-ended), or -1 after a usage error that lists them. */
int option_choice(const Options *options, OptionId id, const char *value,
                  const char *const *choices);

/* The help of one command, and of kc itself. */
void help_command(const char *command);
void help_all(void);

#endif
