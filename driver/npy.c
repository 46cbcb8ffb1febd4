#include "driver/npy.h"

#include <stdlib.h>
#include <string.h>

#include "support/file.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC_SIZE = 6, PREAMBLE_V1 = 10, PREAMBLE_V2 = 12, ALIGNMENT = 64 };

/* NumPy's name of each type, without byte order. */
static const char *const type_codes[SCALAR_COUNT] = {
    [SCALAR_BOOL] = "b1", [SCALAR_I8] = "i1",  [SCALAR_I16] = "i2", [SCALAR_I32] = "i4",
    [SCALAR_I64] = "i8",  [SCALAR_U8] = "u1",  [SCALAR_U16] = "u2", [SCALAR_U32] = "u4",
    [SCALAR_U64] = "u8",  [SCALAR_F16] = "f2", [SCALAR_F32] = "f4", [SCALAR_F64] = "f8",
};

/* The text after `'key':` in the header, which is a Python dict literal; or NULL. */
static const char *header_value(const char *header, const char *key) {
    const char *at = strstr(header, key);
    if (!at) return NULL;
    at += strlen(key);
    return at + strspn(at, " ");
}

static bool read_descr(Arena *arena, const char *header, const IrType *elem, const char **reason) {
    const char *at = header_value(header, "'descr':");
    if (!at || *at != '\'') {
        *reason = "holds records or objects, not plain numbers";
        return false;
    }
    const char *code = at + 1;
    size_t length = strcspn(code, "'");
    const char *wanted = elem->kind == IR_SCALAR ? type_codes[elem->scalar] : NULL;
    if (wanted && length == 3 && (*code == '<' || *code == '|') && strncmp(code + 1, wanted, 2) == 0)
        return true;
    *reason = arena_printf(arena, "holds elements of NumPy type `%.*s`; %s is needed, and nothing "
                           "is converted silently", (int)length, code,
                           elem->kind == IR_SCALAR ? scalar_spelling(elem->scalar) : "a struct");
    return false;
}

static bool read_shape(Arena *arena, const char *header, Datum *out, const char **reason) {
    const char *at = header_value(header, "'shape':");
    if (!at || *at != '(') {
        *reason = "has no shape in its header";
        return false;
    }
    uint32_t rank = 0;
    for (at++; *at && *at != ')';) {
        char *end;
        long long size = strtoll(at, &end, 10);
        if (end == at || size < 0) break;
        if (rank < out->rank) out->shape[rank] = size;
        rank++;
        at = end + strspn(end, ", ");
    }
    if (*at == ')' && rank == out->rank) return true;
    *reason = arena_printf(arena, "has %u dimensions; %u are needed", rank, out->rank);
    return false;
}

static bool read_header(Arena *arena, const StrBuf *file, Datum *out, size_t *data_offset,
                        const char **reason) {
    const unsigned char *bytes = (const unsigned char *)file->data;
    *reason = "is no .npy file";
    if (file->len < PREAMBLE_V2 || memcmp(bytes, magic, MAGIC_SIZE) != 0) return false;
    size_t preamble = bytes[6] == 1 ? PREAMBLE_V1 : PREAMBLE_V2;
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    if (preamble == PREAMBLE_V2) length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (bytes[6] > 3 || preamble + length > file->len) return false;
    const char *header = arena_strndup(arena, file->data + preamble, length);
    const char *order = header_value(header, "'fortran_order':");
    if (order && strncmp(order, "True", 4) == 0 && out->rank > 1) {
        *reason = "is in Fortran order; save np.ascontiguousarray(x)";
        return false;
    }
    *data_offset = preamble + length;
    return read_descr(arena, header, out->elem, reason) && read_shape(arena, header, out, reason);
}

static bool read_data(const StrBuf *file, size_t offset, const Datum *wanted, Datum *out,
                      const char **reason) {
    if (!datum_alloc(out, wanted->elem, wanted->rank, wanted->shape)) {
        *reason = "does not fit memory";
        return false;
    }
    size_t bytes = (size_t)datum_count(out) * out->elem->size;
    if (bytes > file->len - offset) {
        datum_free(out);
        *reason = "ends before its last element";
        return false;
    }
    if (bytes > 0) memcpy(out->data, file->data + offset, bytes);
    return true;
}

bool npy_read(Arena *arena, const char *path, const IrType *elem, uint32_t rank, Datum *out,
              const char **reason) {
    StrBuf file = {0};
    Datum wanted = {.elem = elem, .rank = rank};
    size_t offset = 0;
    bool ok = file_read(path, &file, reason) && read_header(arena, &file, &wanted, &offset, reason) &&
              read_data(&file, offset, &wanted, out, reason);
    strbuf_free(&file);
    return ok;
}

static void write_header(const Datum *datum, StrBuf *out) {
    StrBuf dict = {0};
    strbuf_printf(&dict, "{'descr': '%s%s', 'fortran_order': False, 'shape': (",
                  datum->elem->size == 1 ? "|" : "<", type_codes[datum->elem->scalar]);
    for (uint32_t k = 0; k < datum->rank; k++)
        strbuf_printf(&dict, "%lld,%s", (long long)datum->shape[k], k + 1 < datum->rank ? " " : "");
    strbuf_puts(&dict, "), }");
    strbuf_pad(&dict, ' ', ALIGNMENT - (PREAMBLE_V1 + dict.len + 1) % ALIGNMENT);
    strbuf_putc(&dict, '\n');
    strbuf_add(out, magic, MAGIC_SIZE);
    strbuf_add(out, "\x01\x00", 2);
    strbuf_putc(out, (char)(dict.len & 0xff));
    strbuf_putc(out, (char)(dict.len >> 8));
    strbuf_add(out, dict.data, dict.len);
    strbuf_free(&dict);
}

bool npy_write(const char *path, const Datum *datum, const char **reason) {
    if (datum->elem->kind != IR_SCALAR || !type_codes[datum->elem->scalar]) {
        *reason = "NumPy has no such element type";
        return false;
    }
    StrBuf file = {0};
    write_header(datum, &file);
    strbuf_add(&file, datum->data, (size_t)datum_count(datum) * datum->elem->size);
    bool ok = file_write(path, file.data, file.len, reason);
    strbuf_free(&file);
    return ok;
}
