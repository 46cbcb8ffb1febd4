/* The text of `# run:` comments, parsed; cases.h says what they look like. */
#ifndef KC_DRIVER_CASE_PARSE_H
#define KC_DRIVER_CASE_PARSE_H

#include "driver/call.h"

typedef enum CaseOutcome {
    CASE_EQUALS,
    CASE_NEAR,
    CASE_PANICS,
    CASE_RAISES,
    CASE_PRINTS
} CaseOutcome;

typedef struct Case {
    uint32_t line;
    const char *text; /* what stands after `# run:` */
    const char *fn;
    ValueTree *args;  /* a TUPLE */
    CaseOutcome outcome;
    ValueTree *expected; /* EQUALS, NEAR */
    const char *message; /* PANICS, RAISES: part of the message; PRINTS: the whole text */
} Case;
typedef Vec(Case *) CaseVec;

enum { CASE_NEAR_ULPS = 4 };

/* All cases of a file. A malformed one is a diagnostic (K0011) and is left out. */
CaseVec cases_parse(Context *cx, const Source *source);

/* A call with the case's arguments set and prepared, or NULL with a reason. */
Call *case_begin(Compilation *c, const Case *one, const char **reason);
/* What the call gives: results, then outputs; valid until call_end. */
typedef Vec(const Datum *) DatumVec;
DatumVec case_outputs(Call *call);
/* The expected value of output `i` of `count`, in the form that datum has. False with a reason. */
bool case_expected(Call *call, const Case *one, const DatumVec *outputs, uint32_t i, Datum *out,
                   const char **reason);

#endif
