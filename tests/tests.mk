# Testing: included by the Makefile. tests/README.md says what each kind of test is.

PYTHON ?= $(firstword $(foreach python,python3 /usr/bin/python3,\
    $(if $(shell $(python) -c 'import numpy; print(1)' 2>/dev/null),$(python))) python3)
FUZZ_SECONDS ?= 600
ONLY ?=

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

# Which rooms a unit test is linked with; all of them unless the command line says otherwise.
TEST_ROOMS ?= driver codegen ir sema parser lexer support
TEST_ARCHIVES = $(foreach room,$(TEST_ROOMS),$(BUILD)/lib/$(room).a)

$(BUILD)/tests/%: tests/unit/%.c $(TEST_ARCHIVES) $(BUILD)/libkcrt.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(LLVM_CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -MT $@ -MF $@.d -o $@ $< \
	    -Wl,--start-group $(TEST_ARCHIVES) -Wl,--end-group $(BUILD)/libkcrt.a -lcmocka \
	    $(LLVM_LIBS) $(LDLIBS)

RUN_TESTS = CC='$(CC)' CXX='$(CXX)' SANITIZE='$(SANITIZE)' LLVM_CONFIG='$(LLVM_CONFIG)' \
    $(PYTHON) tests/run.py --build $(BUILD)

.PHONY: unit-tests test check check-unit check-ui check-run check-layers bless asan ubsan tsan
unit-tests: $(UNIT_TESTS)

test: build/.deps
	@$(MAKE) --no-print-directory check

check: all unit-tests
	@$(RUN_TESTS) $(if $(ONLY),--only=$(ONLY))

check-unit: unit-tests
	@$(RUN_TESTS) --only=unit

check-ui: all
	@$(RUN_TESTS) --only=lex,parse,fmt,ui,docs

check-run: all
	@$(RUN_TESTS) --only=ir,codegen,run,abi

check-layers:
	@$(PYTHON) tests/run.py --only=layers

bless: all
	@$(RUN_TESTS) --bless

# The same tests over a sanitized compiler, in a build folder of its own.
sanitized = $(MAKE) --no-print-directory BUILD=build/$(1) OPT=-O1 \
    SANITIZE='-fsanitize=$(2) -fno-omit-frame-pointer' test
asan: build/.deps
	+@$(call sanitized,asan,address$(comma)undefined -fno-sanitize-recover=undefined)
ubsan: build/.deps
	+@$(call sanitized,ubsan,undefined -fno-sanitize-recover=undefined)
tsan: build/.deps
	+@TSAN_OPTIONS='suppressions=$(CURDIR)/tests/tsan.supp' $(call sanitized,tsan,thread)
comma := ,

# ---- Fuzzing -------------------------------------------------------------------------------------

# libFuzzer targets tests/fuzz/fuzz_*.c over instrumented objects, then random programs through the
# interpreter and both ends of the optimiser.
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(BUILD)/fuzz/%: tests/fuzz/%.c $(ROOM_ARCHIVES) $(BUILD)/libkcrt.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(LLVM_CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $< \
	    $(LINK_ROOMS) $(BUILD)/libkcrt.a $(LLVM_LIBS) $(LDLIBS)

.PHONY: fuzz fuzzers
fuzzers: $(FUZZERS)

fuzz: build/.deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=$(CLANG) OPT=-O1 \
	    SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' fuzzers
	@$(PYTHON) tests/fuzz.py --fuzzers build/fuzz/fuzz --kc $(BUILD)/kc --seconds $(FUZZ_SECONDS)

# Random programs about ownership: the check against the oracle.
OWNERSHIP_PROGRAMS ?= 100000
$(BUILD)/fuzz/owncheck: tests/fuzz/owncheck.c $(foreach room,ir sema parser lexer support,$(BUILD)/lib/$(room).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lm

# Random parallel loops: the check against the elements that they touch.
PARALLEL_LOOPS ?= 10000

.PHONY: fuzz-ownership fuzz-parallel
fuzz-parallel: all
	@$(PYTHON) tests/fuzz/parallel_gen.py --kc $(BUILD)/kc --count $(PARALLEL_LOOPS)

fuzz-ownership: $(BUILD)/fuzz/owncheck
	@$(PYTHON) tests/fuzz/owngen.py --owncheck $< --count $(OWNERSHIP_PROGRAMS) --keep $(BUILD)/fuzz/found

# ---- Threads -------------------------------------------------------------------------------------

# Random nests of loops, chunks and tasks beside the same nests run serially: more than `make test` has.
NESTS ?= 100000
.PHONY: stress
stress: $(BUILD)/tests/test_pool_nests
	@KC_NESTS=$(NESTS) $<

# ---- Mathematics ---------------------------------------------------------------------------------

# Errors of every function of math: of f32 over all 2^32 arguments, of f64 over SAMPLES beside MPFR.
# STEP=1021 looks at a part of the former, MARCH=x86-64 at code without fused multiply-adds.
STEP ?= 1
SAMPLES ?= 10000000
MARCH ?= native
FUNCTIONS ?=
.PHONY: math-accuracy
math-accuracy: all
	@KC='$(BUILD)/kc' BUILD='$(BUILD)' CC='$(CC)' tests/accuracy/build.sh $(BUILD)/accuracy $(MARCH)
	@$(BUILD)/accuracy/accuracy_f32 $(STEP) $(FUNCTIONS)
	@if test -x $(BUILD)/accuracy/accuracy_f64; then $(BUILD)/accuracy/accuracy_f64 $(SAMPLES) $(FUNCTIONS); \
	else echo 'f64 is not measured: that needs MPFR (libmpfr-dev)'; fi

# ---- Mutations -----------------------------------------------------------------------------------

# Switches off each rule of ownership in turn, in a copy of the tree, and sees that a test fails.
MUTATIONS ?=
.PHONY: mutation
mutation: build/.deps
	@$(PYTHON) tests/mutation.py --folder build/mutation $(MUTATIONS)

## make check        every test, without looking for missing packages; ONLY=ui,run for some kinds
## make check-unit   the C unit tests; check-ui: diagnostics and texts; check-run: compiled programs
## make check-layers which room includes which
## make bless        write the golden files again, from what the compiler prints now
## make asan         every test over a compiler with AddressSanitizer and UBSan; also ubsan, tsan
## make fuzz         fuzz for FUZZ_SECONDS=600 each; fuzz-ownership: OWNERSHIP_PROGRAMS=100000;
##                   fuzz-parallel: PARALLEL_LOOPS=10000
## make stress       random nests of parallel loops and tasks; NESTS=100000
## make math-accuracy  errors of the functions of math; STEP=1021 SAMPLES=100000 FUNCTIONS='exp log'
## make mutation     switch off each rule of ownership and see that a test fails; MUTATIONS=P3 for some
