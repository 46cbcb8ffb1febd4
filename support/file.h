/* Files, read whole and written whole: an output appears under its name only once it is complete. */
#ifndef KC_SUPPORT_FILE_H
#define KC_SUPPORT_FILE_H

#include "support/strbuf.h"

/* Reads a file into `out`. On failure returns false and sets `*reason` to a static text. Folders and
 * files above 1 GiB are failures. */
bool file_read(const char *path, StrBuf *out, const char **reason);
/* Writes to a temporary name in the same folder, then renames. On failure the old file, if any, is
 * untouched, and `*reason` says why. */
bool file_write(const char *path, const void *bytes, size_t size, const char **reason);
bool file_exists(const char *path);
/* The folder part of `path` into `out` ("." if none); the file part without folder and extension. */
void path_folder(const char *path, StrBuf *out);
void path_stem(const char *path, StrBuf *out);

#endif
