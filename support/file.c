#include "support/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 1024 * 1024 * 1024 };

/* The reasons that people meet, as texts that outlive the call. */
static const char *reason_of(int error) {
    switch (error) {
    case ENOENT: return "no such file or folder";
    case EACCES: return "permission denied";
    case EISDIR: return "it is a folder";
    case ENOTDIR: return "part of its path is not a folder";
    case ENOSPC: return "no space left on the disk";
    case EROFS: return "the file system is read-only";
    case ENAMETOOLONG: return "the name is too long";
    case EMFILE: case ENFILE: return "too many open files";
    case ELOOP: return "too many symbolic links";
    default: return "input/output error";
    }
}

static bool read_all(int fd, StrBuf *out, const char **reason) {
    char block[64 * 1024];
    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            *reason = reason_of(errno);
            return false;
        }
        if (got == 0) return true;
        if (out->len + (size_t)got > LARGEST_FILE) {
            *reason = "it is larger than 1 GiB";
            return false;
        }
        strbuf_add(out, block, (size_t)got);
    }
}

bool file_read(const char *path, StrBuf *out, const char **reason) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        *reason = reason_of(errno);
        if (fd >= 0) close(fd);
        return false;
    }
    bool done = false;
    if (S_ISDIR(status.st_mode)) {
        *reason = reason_of(EISDIR);
    } else if (S_ISREG(status.st_mode) && status.st_size > LARGEST_FILE) {
        *reason = "it is larger than 1 GiB";
    } else {
        done = read_all(fd, out, reason);
    }
    close(fd);
    return done;
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes += put;
        size -= (size_t)put;
    }
    return true;
}

/* Devices and pipes (/dev/stdout, /dev/null) cannot be renamed onto: they are written in place. */
static bool is_special(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static bool write_in_place(const char *path, const void *bytes, size_t size,
                           const char **reason) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write_all(fd, bytes, size);
    if (!done) *reason = reason_of(errno);
    if (fd >= 0) close(fd);
    return done;
}

/* Creates a file under a name nobody else has; the permissions are the usual ones, unlike mkstemp's. */
static int create_beside(const char *path, StrBuf *name) {
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        name->len = 0;
        strbuf_printf(name, "%s.%ld.%u.tmp", path, (long)getpid(), attempt);
        int fd = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

bool file_write(const char *path, const void *bytes, size_t size, const char **reason) {
    if (is_special(path)) return write_in_place(path, bytes, size, reason);
    struct stat old;
    bool had_old = stat(path, &old) == 0;
    if (had_old && S_ISDIR(old.st_mode)) {
        *reason = reason_of(EISDIR);
        return false;
    }
    StrBuf name = {0};
    int fd = create_beside(path, &name);
    bool done = fd >= 0 && write_all(fd, bytes, size);
    if (done && had_old) done = fchmod(fd, old.st_mode & 07777) == 0;
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && done) {
        error = errno;
        done = false;
    }
    if (done && rename(name.data, path) != 0) {
        error = errno;
        done = false;
    }
    if (!done) {
        *reason = reason_of(error);
        if (fd >= 0) unlink(name.data);
    }
    strbuf_free(&name);
    return done;
}

bool file_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

void path_folder(const char *path, StrBuf *out) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        strbuf_putc(out, '.');
    } else {
        strbuf_add(out, path, slash == path ? 1 : (size_t)(slash - path));
    }
}

void path_stem(const char *path, StrBuf *out) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    strbuf_add(out, name, dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name));
}
