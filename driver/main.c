/* kc: finds the command and hands it its options. */
#include <stdio.h>
#include <string.h>

#include "driver/driver.h"
#include "support/intern.h"

typedef struct CommandRow {
    const char *name;
    int (*run)(const Options *options);
} CommandRow;

static const CommandRow commands[] = {
#define COMMAND(name, function, usage, summary) {name, function},
#include "driver/commands.def"
#undef COMMAND
};

static int unknown_command(const char *word) {
    const char *names[ARRAY_LEN(commands)];
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) names[i] = commands[i].name;
    const char *near = nearest_text(word, names, ARRAY_LEN(names));
    fprintf(stderr, "kc: no command `%s`", word);
    if (near) fprintf(stderr, "; did you mean `kc %s`?", near);
    fprintf(stderr, "\n`kc --help` lists the commands\n");
    return EXIT_USAGE;
}

static int run_command(const CommandRow *command, int argc, char **argv) {
    Arena *arena = arena_create();
    Options options;
    OptionsOutcome outcome = options_parse(&options, arena, command->name, argc, argv);
    int status = outcome.ok ? command->run(&options) : outcome.status;
    arena_destroy(arena);
    if (fflush(stdout) != 0 && status == EXIT_CLEAN) fatal("cannot write to standard output");
    return status;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        help_all();
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        help_all();
        return EXIT_CLEAN;
    }
    if (strcmp(word, "--version") == 0) {
        printf("kc %s\n", KC_VERSION);
        return EXIT_CLEAN;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(word, commands[i].name) == 0)
            return run_command(&commands[i], argc - 2, argv + 2);
    return unknown_command(word);
}
