/* The headers that cmocka wants before its own, in their order. */
#ifndef KC_TESTS_UNIT_H
#define KC_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
