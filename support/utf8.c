#include "support/utf8.h"

static bool is_tail(char c) { return ((uint8_t)c & 0xC0) == 0x80; }

/* The length that a first byte announces, and the payload it carries; 0 if it can be no first byte. */
static uint32_t announced(uint8_t first, uint32_t *payload) {
    if (first < 0x80) {
        *payload = first;
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        *payload = first & 0x1F;
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *payload = first & 0x0F;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *payload = first & 0x07;
        return 4;
    }
    return 0;
}

static bool is_scalar(uint32_t code, uint32_t size) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code >= least[size] && code <= 0x10FFFF && !surrogate;
}

uint32_t utf8_decode(const char *text, size_t length, uint32_t *code, bool *good) {
    uint32_t value = 0;
    uint32_t size = announced((uint8_t)text[0], &value);
    bool fine = size != 0 && size <= length;
    for (uint32_t i = 1; fine && i < size; i++) {
        fine = is_tail(text[i]);
        value = value << 6 | ((uint8_t)text[i] & 0x3F);
    }
    fine = fine && is_scalar(value, size);
    *code = fine ? value : UTF8_BAD;
    if (good != NULL) *good = fine;
    return fine ? size : 1;
}

void utf8_put(StrBuf *out, uint32_t code) {
    char bytes[4];
    size_t size = 0;
    if (code < 0x80) {
        bytes[size++] = (char)code;
    } else if (code < 0x800) {
        bytes[size++] = (char)(0xC0 | code >> 6);
        bytes[size++] = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        bytes[size++] = (char)(0xE0 | code >> 12);
        bytes[size++] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[size++] = (char)(0x80 | (code & 0x3F));
    } else {
        bytes[size++] = (char)(0xF0 | code >> 18);
        bytes[size++] = (char)(0x80 | (code >> 12 & 0x3F));
        bytes[size++] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[size++] = (char)(0x80 | (code & 0x3F));
    }
    strbuf_add(out, bytes, size);
}

typedef struct Range {
    uint32_t first, last;
} Range;

/* The blocks that matter in practice, after Unicode's EastAsianWidth.txt and general category Mn. */
static const Range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2614, 0x2615},
    {0x26A1, 0x26A1},   {0x26BD, 0x26BE},   {0x2705, 0x2705},   {0x274C, 0x274C},
    {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6B},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

static const Range combining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x093C, 0x093C}, {0x094D, 0x094D}, {0x0E34, 0x0E3A}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
};

static bool in_ranges(const Range *ranges, size_t count, uint32_t code) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > ranges[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && code >= ranges[low].first;
}

uint32_t utf8_columns(uint32_t code) {
    if (code < 0x300) return 1;
    if (in_ranges(combining, ARRAY_LEN(combining), code)) return 0;
    return in_ranges(wide, ARRAY_LEN(wide), code) ? 2 : 1;
}
