# kc: build, test, install. `make help` lists the targets.
#
# Objects go under build/, one archive per room of the compiler (build/lib/<room>.a), in the order of
# the layers: a room may use those before it.

BUILD ?= build
CC ?= cc
CXX ?= c++
LLVM_CONFIG ?= llvm-config-19
FLEX ?= flex
BISON ?= bison
PREFIX ?= /usr/local
WERROR ?=
SANITIZE ?=
OPT ?= -O2
VERSION := 0.1.0

ROOMS := support lexer parser sema ir codegen driver

WARNINGS := -Wall -Wextra -Wswitch-enum -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings $(WERROR)
CPPFLAGS += -I. -I$(BUILD)/gen -Iruntime -D_POSIX_C_SOURCE=200809L -DKC_VERSION='"$(VERSION)"'
CFLAGS += -std=c11 $(OPT) -g $(WARNINGS) $(SANITIZE)
LLVM_CPPFLAGS = $(shell $(LLVM_CONFIG) --cppflags)
LLVM_LIBS = $(shell $(LLVM_CONFIG) --ldflags) $(shell $(LLVM_CONFIG) --libs)
LDLIBS += -lffi -lm -lpthread

.PHONY: all clean
all: $(BUILD)/kc $(BUILD)/libkcrt.a

room_sources = $(wildcard $(1)/*.c $(1)/*/*.c)
room_objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(call room_sources,$(1)))

lexer_GENERATED := $(BUILD)/gen/lexer/scanner.c
parser_GENERATED := $(BUILD)/gen/parser/grammar.c

define room_rule
$(BUILD)/lib/$(1).a: $(call room_objects,$(1)) $(patsubst $(BUILD)/gen/%.c,$(BUILD)/obj/gen/%.o,$($(1)_GENERATED))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS) runtime,$(eval $(call room_rule,$(room))))

ROOM_ARCHIVES := $(foreach room,driver codegen ir sema parser lexer support,$(BUILD)/lib/$(room).a)

$(BUILD)/kc: $(ROOM_ARCHIVES) $(BUILD)/libkcrt.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ -Wl,--start-group $(ROOM_ARCHIVES) -Wl,--end-group $(BUILD)/libkcrt.a $(LLVM_LIBS) $(LDLIBS)

$(BUILD)/libkcrt.a: $(BUILD)/lib/runtime.a
	cp $< $@

$(BUILD)/gen/lexer/scanner.c: lexer/scanner.l
	@mkdir -p $(@D)
	$(FLEX) -o $@ $<

$(BUILD)/gen/parser/grammar.c: parser/grammar.y
	@mkdir -p $(@D)
	$(BISON) -Werror -o $@ --header=$(BUILD)/gen/parser/grammar.h $<

$(BUILD)/obj/codegen/%.o: CPPFLAGS += $(LLVM_CPPFLAGS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-switch-enum -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)
