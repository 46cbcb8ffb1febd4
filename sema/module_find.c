/* Where modules are, and what to say about those that are nowhere. */
#include <dirent.h>
#include <string.h>

#include "sema/declare.h"
#include "support/file.h"

typedef Vec(const char *) Texts;

/* "a/./b//c" is "a/b/c"; ".." stays, because of links. */
const char *path_normal(Checker *c, const char *path) {
    StrBuf out = {0};
    for (const char *at = path; *at != '\0';) {
        bool is_start = at == path || at[-1] == '/';
        if (is_start && at[0] == '.' && at[1] == '/') {
            at += 2;
        } else if (is_start && at != path && at[0] == '/') {
            at++;
        } else {
            strbuf_putc(&out, *at++);
        }
    }
    const char *normal = arena_strndup(c->cx->arena, strbuf_text(&out), out.len);
    strbuf_free(&out);
    return normal;
}

static const char *folder_of(Checker *c, const char *path) {
    StrBuf folder = {0};
    path_folder(path, &folder);
    const char *kept = arena_strndup(c->cx->arena, strbuf_text(&folder), folder.len);
    strbuf_free(&folder);
    return kept;
}

/* The importer's own folder, those of -I, and the standard library, in this order; the library itself
 * consists of its own modules. */
static Texts folders_of(Checker *c, const Module *importer) {
    Texts folders = {0};
    Arena *arena = c->cx->arena;
    bool is_library = importer != NULL && importer->symbol.is_library;
    if (importer != NULL && importer->path != NULL && !is_library) {
        vec_push(arena, &folders, folder_of(c, importer->path));
    }
    for (uint32_t i = 0; i < c->options->include_count && !is_library; i++) {
        vec_push(arena, &folders, c->options->include_dirs[i]);
    }
    if (c->options->stdlib_dir != NULL) vec_push(arena, &folders, c->options->stdlib_dir);
    return folders;
}

/* "a.b" as "a/b". */
static const char *path_text(Checker *c, const IdentVec *path, char between) {
    StrBuf out = {0};
    for (uint32_t i = 0; i < path->len; i++) {
        if (i > 0) strbuf_putc(&out, between);
        strbuf_puts(&out, text_of(c->cx, path->data[i].name));
    }
    const char *text = arena_strndup(c->cx->arena, strbuf_text(&out), out.len);
    strbuf_free(&out);
    return text;
}

bool module_find(Checker *c, const Module *importer, const IdentVec *path, FoundModule *found) {
    Texts folders = folders_of(c, importer);
    const char *name = path_text(c, path, '/');
    for (uint32_t i = 0; i < folders.len; i++) {
        const char *file = arena_printf(c->cx->arena, "%s/%s.k", folders.data[i], name);
        if (!file_exists(file)) continue;
        found->path = path_normal(c, file);
        found->is_library = c->options->stdlib_dir != NULL && i + 1 == folders.len;
        return true;
    }
    return false;
}

/* ---- K0203 and K0159 ------------------------------------------------------------------------- */

enum { MOST_FILES = 1000 };

/* The names of the modules in a folder, in an order that does not depend on the file system. */
static void add_modules_in(Checker *c, const char *folder, Texts *names) {
    DIR *dir = opendir(folder);
    if (dir == NULL) return;
    uint32_t first = names->len;
    for (struct dirent *entry; names->len - first < MOST_FILES && (entry = readdir(dir)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 3 || strcmp(entry->d_name + length - 2, ".k") != 0) continue;
        const char *name = arena_strndup(c->cx->arena, entry->d_name, length - 2);
        uint32_t at = names->len;
        vec_push(c->cx->arena, names, name);
        for (; at > first && strcmp(names->data[at - 1], name) > 0; at--) {
            names->data[at] = names->data[at - 1];
        }
        names->data[at] = name;
    }
    closedir(dir);
}

static const char *package_advice(const char *name) {
    static const struct {
        const char *name, *advice;
    } packages[] = {
#define PACKAGE(name, advice) {name, advice},
#include "sema/packages.def"
    };
    for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
        if (strcmp(packages[i].name, name) == 0) return packages[i].advice;
    }
    return NULL;
}

static void note_folders(Checker *c, Diag *d, const Module *importer, const char *file) {
    Texts folders = folders_of(c, importer);
    StrBuf list = {0};
    for (uint32_t i = 0; i < folders.len; i++) {
        bool is_library = c->options->stdlib_dir != NULL && i + 1 == folders.len;
        if (i > 0) strbuf_puts(&list, i + 1 == folders.len ? " and in " : ", in ");
        if (is_library) {
            strbuf_puts(&list, "the standard library");
        } else {
            strbuf_printf(&list, "`%s`", folders.data[i]);
        }
    }
    if (folders.len > 0) {
        diag_note(c->cx, d, "`%s.k` was looked for in %s", file, strbuf_text(&list));
        if (c->options->include_count == 0) {
            diag_note(c->cx, d, "further folders to look in are given with `-I`");
        }
    }
    strbuf_free(&list);
}

void report_unknown_module(Checker *c, const Module *importer, const IdentVec *path) {
    Context *cx = c->cx;
    const char *first = text_of(cx, path->data[0].name);
    Span span = span_join(path->data[0].span, vec_last(path).span);
    const char *advice = package_advice(first);
    if (advice != NULL) {
        Diag *d = diag_add(cx, K0159, span,
                           "`%s` is a package of Python, and kernels run without Python", first);
        diag_note(cx, d, "%s", advice);
        return;
    }
    Diag *d = diag_add(cx, K0203, span, "there is no module `%s`", path_text(c, path, '.'));
    Texts folders = folders_of(c, importer), names = {0};
    for (uint32_t i = 0; i < folders.len; i++) add_modules_in(c, folders.data[i], &names);
    const char *near = path->len == 1 ? nearest_text(first, names.data, names.len) : NULL;
    if (near != NULL) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, span, near);
    }
    note_folders(c, d, importer, path_text(c, path, '/'));
}
