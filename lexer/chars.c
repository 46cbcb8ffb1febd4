/* Which characters make names: ASCII letters, digits and `_`, and Unicode's XID classes. */
#include "lexer/steps.h"

static bool ranges_hold(const CharRange *ranges, uint32_t count, uint32_t c) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c < ranges[middle].first) {
            high = middle;
        } else if (c > ranges[middle].last) {
            low = middle + 1;
        } else {
            return true;
        }
    }
    return false;
}

bool char_starts_name(uint32_t c) {
    if (c < 0x80) return c == '_' || (c | 0x20) - 'a' < 26;
    return ranges_hold(xid_start_ranges, xid_start_count, c);
}

bool char_continues_name(uint32_t c) {
    if (c < 0x80) return c - '0' < 10 || char_starts_name(c);
    return ranges_hold(xid_continue_ranges, xid_continue_count, c);
}
