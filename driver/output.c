#include "driver/output.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "support/file.h"

StrBuf *output_add(Outputs *outputs, const char *path) {
    Output *output = arena_new(outputs->arena, Output);
    output->path = path;
    vec_push(outputs->arena, &outputs->all, output);
    return &output->bytes;
}

static bool output_write(const Output *output) {
    const char *bytes = strbuf_text(&output->bytes);
    if (strcmp(output->path, "-") == 0)
        return fwrite(bytes, 1, output->bytes.len, stdout) == output->bytes.len;
    const char *reason = NULL;
    if (file_write(output->path, bytes, output->bytes.len, &reason)) return true;
    fprintf(stderr, "kc: cannot write `%s`: %s\n", output->path, reason);
    return false;
}

bool outputs_write(Outputs *outputs) {
    for (uint32_t i = 0; i < outputs->all.len; i++)
        if (!output_write(outputs->all.data[i])) return false;
    return true;
}

void outputs_free(Outputs *outputs) {
    for (uint32_t i = 0; i < outputs->all.len; i++) strbuf_free(&outputs->all.data[i]->bytes);
}

const char *path_with_extension(Arena *arena, const char *path, const char *extension) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash + 1 : path, '.');
    size_t stem = dot && dot != (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
    return arena_printf(arena, "%.*s%s", (int)stem, path, extension);
}

extern char **environ;

bool program_run(const char *const *argv) {
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);
    if (error) {
        fprintf(stderr, "kc: cannot run `%s`: %s\n", argv[0], strerror(error));
        return false;
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    fprintf(stderr, "kc: `%s` failed\n", argv[0]);
    return false;
}
