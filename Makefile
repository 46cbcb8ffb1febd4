# kc: build, test, install. `make help` lists the targets.
#
# Objects go under build/, one archive per room of the compiler (build/lib/<room>.a), in the order of
# the layers: a room may use those before it. Another compiler or sanitizer gets a BUILD folder of its
# own, e.g. `make BUILD=build/clang CC=clang-19`.

BUILD ?= build
CC ?= cc
CXX ?= c++
LLVM_CONFIG ?= llvm-config-19
FLEX ?= flex
BISON ?= bison
CLANG ?= clang-19
PREFIX ?= /usr/local
WERROR ?=
SANITIZE ?=
OPT ?= -O2
VERSION := 0.1.0
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
V ?= 0

ROOMS := support lexer parser sema ir codegen driver

WARNINGS := -Wall -Wextra -Wswitch-enum -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings $(WERROR)
CPPFLAGS += -I. -I$(BUILD)/gen -Iruntime -D_POSIX_C_SOURCE=200809L -DKC_VERSION='"$(VERSION)"'
CFLAGS += -std=c11 $(OPT) -g $(WARNINGS) $(SANITIZE)
LLVM_CPPFLAGS = $(shell $(LLVM_CONFIG) --cppflags)
# Static, where LLVM has static libraries: kc then starts three times as fast, since loading all of
# libLLVM takes longer than compiling a kernel. LLVM_LINK=shared chooses otherwise.
LLVM_PARTS := x86 aarch64 riscv orcjit passes object
LLVM_LINK ?= $(if $(shell $(LLVM_CONFIG) --link-static --libs $(LLVM_PARTS) 2>/dev/null),static,shared)
LLVM_LIBS_static = $(shell $(LLVM_CONFIG) --link-static --ldflags --libs --system-libs $(LLVM_PARTS)) -Wl,-Bstatic -lstdc++ -Wl,-Bdynamic
LLVM_LIBS_shared = $(shell $(LLVM_CONFIG) --ldflags --libs)
LLVM_LIBS = -Wl,--as-needed $(LLVM_LIBS_$(LLVM_LINK))
# LLVM's tables are full of pointers. In a program that can lie anywhere, each of them is put right at every
# start, which takes as long as compiling a small kernel.
KC_LDFLAGS = -no-pie
LDLIBS += -lffi -lm -lpthread

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
MAKEFLAGS += --no-builtin-rules

# `make V=1` shows the commands themselves.
ifeq ($(V),0)
Q := @
say = @printf '  %-6s %s\n' '$(1)' '$(2)'
else
say = @:
endif

.DEFAULT_GOAL := all
.PHONY: all clean help
all: $(BUILD)/kc $(BUILD)/libkcrt.a $(BUILD)/libkcrt.so

# ---- The rooms -----------------------------------------------------------------------------------

room_sources = $(sort $(wildcard $(1)/*.c $(1)/*/*.c))
room_objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(call room_sources,$(1)))

lexer_GENERATED := $(BUILD)/gen/lexer/scanner.c
parser_GENERATED := $(BUILD)/gen/parser/grammar.c

define room_rule
$(BUILD)/lib/$(1).a: $(call room_objects,$(1)) $(patsubst $(BUILD)/gen/%.c,$(BUILD)/obj/gen/%.o,$($(1)_GENERATED))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS) runtime,$(eval $(call room_rule,$(room))))

ROOM_ARCHIVES := $(foreach room,driver codegen ir sema parser lexer support,$(BUILD)/lib/$(room).a)
LINK_ROOMS = -Wl,--start-group $(ROOM_ARCHIVES) -Wl,--end-group

$(BUILD)/kc: $(ROOM_ARCHIVES) $(BUILD)/libkcrt.a | data
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(KC_LDFLAGS) -o $@.new $(LINK_ROOMS) $(BUILD)/libkcrt.a $(LLVM_LIBS) $(LDLIBS)
	@mv -f $@.new $@

$(BUILD)/libkcrt.a: $(BUILD)/lib/runtime.a
	@cp $< $@.new && mv -f $@.new $@

$(BUILD)/libkcrt.so: $(call room_objects,runtime)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libkcrt.so.0 -o $@ $^

# What the compiler reads at run time lies beside it: the standard library and the pages of the errors.
STDLIB := $(patsubst stdlib/%,$(BUILD)/stdlib/%,$(wildcard stdlib/*.k))
PAGES := $(patsubst docs/errors/%,$(BUILD)/errors/%,$(wildcard docs/errors/*.md))
.PHONY: data
data: $(STDLIB) $(PAGES)
$(BUILD)/stdlib/%: stdlib/%
	@mkdir -p $(@D) && cp $< $@
$(BUILD)/errors/%: docs/errors/%
	@mkdir -p $(@D) && cp $< $@

$(BUILD)/gen/lexer/scanner.c: lexer/scanner.l
	@mkdir -p $(@D)
	$(call say,FLEX,$<)
	$(Q)$(FLEX) -o $@ $<

$(BUILD)/gen/parser/grammar.c: parser/grammar.y
	@mkdir -p $(@D)
	$(call say,BISON,$<)
	$(Q)$(BISON) -Werror -o $@ --header=$(BUILD)/gen/parser/grammar.h $<

$(BUILD)/obj/codegen/%.o: CPPFLAGS += $(LLVM_CPPFLAGS)
# The runtime goes into shared libraries too, and its floating-point code means what it says.
$(BUILD)/obj/runtime/%.o: CFLAGS += -fPIC -ffp-contract=off

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-switch-enum -Wno-unused-but-set-variable -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD)/obj $(BUILD)/tests -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)

include tests/tests.mk packaging/install.mk

# ---- Other targets -------------------------------------------------------------------------------

.PHONY: deps demo bench docs fmt tidy
# The stamp holds as long as this list of packages does; `make deps` looks again.
deps:
	@LLVM_CONFIG='$(LLVM_CONFIG)' packaging/deps.sh install
	@mkdir -p build && touch build/.deps
build/.deps: packaging/deps.sh
	@$(MAKE) --no-print-directory deps

demo: build/.deps
	@$(MAKE) --no-print-directory all
	@KC='$(BUILD)/kc' OUT='$(BUILD)/demo' CC='$(CC)' PYTHON='$(PYTHON)' examples/demo.sh

bench: build/.deps
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' CC='$(CC)' CXX='$(CXX)' BENCH='$(BENCH)' CLANG='$(CLANG)' PYTHON='$(PYTHON)' bench/run.sh

# The listings in pages that show what the compiler prints.
docs: all
	@BUILD='$(BUILD)' $(PYTHON) docs/regenerate.py README.md docs/ownership.md docs/a-kernels-journey.md docs/explain.md

C_FILES = $(foreach dir,$(ROOMS) runtime tests examples bench,$(shell find $(dir) -name '*.c' -o -name '*.h'))
CLANG_FORMAT ?= $(firstword $(shell command -v clang-format-19 clang-format))
CLANG_TIDY ?= $(firstword $(shell command -v clang-tidy-19 clang-tidy))

fmt:
	@test -n '$(CLANG_FORMAT)' || { echo 'make fmt needs clang-format'; exit 1; }
	$(CLANG_FORMAT) -i $(C_FILES)

tidy: all
	@test -n '$(CLANG_TIDY)' || { echo 'make tidy needs clang-tidy'; exit 1; }
	$(CLANG_TIDY) --quiet $(foreach room,$(ROOMS) runtime,$(call room_sources,$(room))) -- \
	    $(CPPFLAGS) $(LLVM_CPPFLAGS) -std=c11

help:
	@sed -n 's/^## //p' Makefile tests/tests.mk packaging/install.mk

## make              build/kc, build/libkcrt.a, build/libkcrt.so
## make demo         install what is missing, build, run the examples on real input
## make test         install what is missing, build, run every test: "N passed, N failed"
## make deps         install the packages that building and testing need (Debian, Ubuntu)
## make bench        measure kernels and the compiler; BENCH='--quick NAME...' for less (bench/README.md)
## make docs         write the generated pages again
## make fmt, tidy    clang-format and clang-tidy over the C files
## make clean        remove build/
## Variables: BUILD=build CC=cc LLVM_CONFIG=llvm-config-19 WERROR=-Werror SANITIZE=... V=1 JOBS=N
