#include "driver/options.h"

#include <stdio.h>
#include <string.h>

#include "support/intern.h"

typedef struct OptionRow {
    const char *spelling, *argument, *commands, *help;
} OptionRow;

static const OptionRow rows[OPT_COUNT] = {
#define OPTION(id, spelling, argument, commands, help) {spelling, argument, commands, help},
#include "driver/options.def"
#undef OPTION
};

typedef struct CommandHelp {
    const char *name, *usage, *summary;
} CommandHelp;

static const CommandHelp commands[] = {
#define COMMAND(name, function, usage, summary) {name, usage, summary},
#include "driver/commands.def"
#undef COMMAND
};

/* The letter of a command in the `commands` column: its first, in upper case. */
static bool takes(const OptionRow *row, const char *command) {
    if (row->commands[0] == '*') return true;
    char letter = (char)(command[0] - 'a' + 'A');
    return strchr(row->commands, letter) != NULL;
}

void help_all(void) {
    printf("kc %s: compiles kernels to plain C object files\n\nusage: kc <command> ...\n\n",
           KC_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    printf("\n`kc <command> --help` shows its options; `kc --version` the version\n"
           "exit status: 0 clean, 1 errors in the input, 2 usage or environment, 70 a bug in kc\n");
}

void help_command(const char *command) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, command) == 0)
            printf("usage: kc %s %s\n%s\n\n", command, commands[i].usage, commands[i].summary);
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (!takes(&rows[i], command)) continue;
        char head[64];
        bool glued = strcmp(rows[i].spelling, "-O") == 0;
        bool spaced = rows[i].spelling[1] != '-' && strlen(rows[i].spelling) == 2;
        snprintf(head, sizeof head, "%s%s%s", rows[i].spelling,
                 !rows[i].argument ? "" : glued ? "" : spaced ? " " : "=",
                 rows[i].argument ? rows[i].argument : "");
        printf("  %-22s %s\n", head, rows[i].help);
    }
}

int usage_error(const Options *options, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "kc %s: ", options->command);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n`kc %s --help` shows its options\n", options->command);
    va_end(args);
    return EXIT_USAGE;
}

bool option_given(const Options *options, OptionId id) { return options->values[id].len > 0; }

const char *option_value(const Options *options, OptionId id) {
    return option_given(options, id) ? vec_last(&options->values[id]) : NULL;
}

int option_choice(const Options *options, OptionId id, const char *value,
                  const char *const *choices) {
    size_t count = 0;
    for (; choices[count]; count++)
        if (strcmp(choices[count], value) == 0) return (int)count;
    const char *near = nearest_text(value, choices, count);
    StrBuf list = {0};
    for (size_t i = 0; i < count; i++) strbuf_printf(&list, "%s%s", i ? ", " : "", choices[i]);
    usage_error(options, "%s does not take `%s`%s%s%s (it takes %s)", rows[id].spelling, value,
                near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "",
                strbuf_text(&list));
    strbuf_free(&list);
    return -1;
}

static OptionsOutcome bad_option(const Options *options, const char *word) {
    const char *names[OPT_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < OPT_COUNT; i++)
        if (takes(&rows[i], options->command)) names[count++] = rows[i].spelling;
    char head[64];
    snprintf(head, sizeof head, "%.*s", (int)strcspn(word, "="), word);
    const char *near = nearest_text(head, names, count);
    usage_error(options, "no option `%s`%s%s%s", word, near ? "; did you mean `" : "",
                near ? near : "", near ? "`?" : "");
    return (OptionsOutcome){false, EXIT_USAGE};
}

/* The option that `word` is, and its argument when that stands in the same word. A word is
 * `-x`, `-xARG` (one letter), `--name`, or `-name=ARG`. */
static const OptionRow *find_option(const Options *options, const char *word,
                                    const char **argument) {
    *argument = NULL;
    const OptionRow *letter = NULL;
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const OptionRow *row = &rows[i];
        size_t length = strlen(row->spelling);
        if (!takes(row, options->command) || strncmp(word, row->spelling, length) != 0) continue;
        if (word[length] == '\0') return row;
        if (!row->argument) continue;
        if (length > 2 && word[length] == '=') {
            *argument = word + length + 1;
            return row;
        }
        if (length == 2 && row->spelling[1] != '-') letter = row;
    }
    if (letter) *argument = word + 2;
    return letter;
}

/* `-` is standard input, and `-3` and `-.5` are arguments of a function. */
static bool is_input(const char *word) {
    return word[0] != '-' || word[1] == '\0' || word[1] == '.' || (word[1] >= '0' && word[1] <= '9');
}

OptionsOutcome options_parse(Options *options, Arena *arena, const char *command, int argc,
                             char **argv) {
    *options = (Options){.arena = arena, .command = command};
    bool only_inputs = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (only_inputs || is_input(word)) {
            vec_push(arena, &options->inputs, word);
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_inputs = true;
            continue;
        }
        if (strcmp(word, "-h") == 0) word = "--help";
        const char *argument;
        const OptionRow *row = find_option(options, word, &argument);
        if (!row) return bad_option(options, word);
        if (row->argument && !argument) {
            if (i + 1 == argc) {
                usage_error(options, "%s wants %s after it", row->spelling, row->argument);
                return (OptionsOutcome){false, EXIT_USAGE};
            }
            argument = argv[++i];
        }
        vec_push(arena, &options->values[row - rows], argument ? argument : "");
    }
    if (option_given(options, OPT_HELP)) {
        help_command(command);
        return (OptionsOutcome){false, EXIT_CLEAN};
    }
    return (OptionsOutcome){true, EXIT_CLEAN};
}
