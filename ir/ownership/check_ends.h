/* What is still needed where something ends: found by check_ends.c, told by report_ends.c. */
#ifndef KC_IR_OWNERSHIP_CHECK_ENDS_H
#define KC_IR_OWNERSHIP_CHECK_ENDS_H

#include "ir/ownership/check_loans.h"

/* K0342, K0352: used after the block in which the loan's place exists. */
void report_outlives_block(Check *ck, uint32_t block, LiveName holder, const Loan *loan);
/* K0341 */
void report_returned_view(Check *ck, const Op *leave, const Value *value, const Loan *loan);
/* K0345 */
void report_wrong_of(Check *ck, const Op *leave, const Value *value, int32_t arg);
/* K0352, K0382: of results... */
void report_outlives_arena(Check *ck, const Op *leave, const Value *value, const Loan *loan);
void report_exported(Check *ck, Span span, const Value *value, const Loan *loan);
/* ...and of what callers get back. */
void report_stored(Check *ck, uint32_t place, const Loan *loan);
void report_stored_exported(Check *ck, uint32_t place, const Loan *loan);
/* K0361: the variable ends, or is given another task. */
void report_unwaited(Check *ck, uint32_t task, const Op *replaced_by);

#endif
