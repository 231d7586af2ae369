# SPDX-License-Identifier: GPL-2.0-or-later
# `make help` lists the targets. The user's CC, CFLAGS, CPPFLAGS, LDFLAGS, PKG_CONFIG, DESTDIR and
# PREFIX are respected; what tacet itself needs is kept apart from them. V=1 shows the commands.

VERSION := 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/tacet
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
UNITDIR ?= $(PREFIX)/lib/systemd/system
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
SYSCONFDIR ?= /etc
RUNSTATEDIR ?= /run
PKG_CONFIG ?= pkg-config
FUZZ_SECONDS ?= 60
CFLAGS ?= -O2 -g

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
Q := $(if $(V),,@)

# Needed; and what is left out when it is not there (WITH_X=0 leaves it out as well).
LIBS := libpcap libnetfilter_queue libmnl libnetfilter_conntrack libnetfilter_log nettle jansson inih
has = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo 1 || echo 0)
WITH_NFTABLES ?= $(call has,libnftables)
WITH_CAPNG ?= $(call has,libcap-ng)
WITH_PCRE2 ?= $(call has,libpcre2-8)
WITH_IDN2 ?= $(call has,libidn2)
WITH_MICROHTTPD ?= $(call has,libmicrohttpd)
WITH_NCURSES ?= $(call has,ncursesw)
WITH_CURL ?= $(call has,libcurl)
WITH_SQLITE ?= $(call has,sqlite3)
WITH_ZLIB ?= $(call has,zlib)
WITH_LZMA ?= $(call has,liblzma)
# The interface alone: the kernel has the rest.
WITH_BPF ?= $(if $(wildcard /usr/include/linux/bpf.h),1,0)
WITH := $(if $(filter 1,$(WITH_NFTABLES)),libnftables) $(if $(filter 1,$(WITH_CAPNG)),libcap-ng) \
	$(if $(filter 1,$(WITH_PCRE2)),libpcre2-8) $(if $(filter 1,$(WITH_IDN2)),libidn2) \
	$(if $(filter 1,$(WITH_MICROHTTPD)),libmicrohttpd) $(if $(filter 1,$(WITH_NCURSES)),ncursesw) \
	$(if $(filter 1,$(WITH_CURL)),libcurl) $(if $(filter 1,$(WITH_SQLITE)),sqlite3) $(if $(filter 1,$(WITH_ZLIB)),zlib) \
	$(if $(filter 1,$(WITH_LZMA)),liblzma)
DEFS := -DTACET_VERSION='"$(VERSION)"' -DTACET_DATADIR='"$(DATADIR)"' \
	-DTACET_SYSCONFDIR='"$(SYSCONFDIR)"' -DTACET_RUNSTATEDIR='"$(RUNSTATEDIR)"' \
	-DWITH_NFTABLES=$(WITH_NFTABLES) -DWITH_CAPNG=$(WITH_CAPNG) \
	-DWITH_PCRE2=$(WITH_PCRE2) -DWITH_IDN2=$(WITH_IDN2) \
	-DWITH_MICROHTTPD=$(WITH_MICROHTTPD) -DWITH_NCURSES=$(WITH_NCURSES) \
	-DWITH_BPF=$(WITH_BPF) -DWITH_CURL=$(WITH_CURL) -DWITH_SQLITE=$(WITH_SQLITE) -DWITH_ZLIB=$(WITH_ZLIB) -DWITH_LZMA=$(WITH_LZMA)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) $(WITH) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(LIBS) $(WITH) 2>/dev/null) -lm -lpthread

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wvla -Wformat=2 -Wswitch-enum -Wwrite-strings -Wno-unused-parameter
ifdef CI
WARN += -Werror
endif
HARDEN := -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
HARDEN_LD := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
ifdef SANITIZE
HARDEN := -fPIE -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDEN_LD := -pie -fsanitize=$(SANITIZE)
endif
OUR_CFLAGS := -std=gnu11 $(WARN) $(HARDEN) -Isrc -Iinclude $(PKG_CFLAGS) $(DEFS)

ROOMS := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' src/LAYERS)
# Of web, what stands without libmicrohttpd is its guard and its files; of top, all but the terminal.
NO_SRC := $(if $(filter 1,$(WITH_MICROHTTPD)),,$(addprefix src/web/,api.c run.c server.c stream.c)) \
	$(if $(filter 1,$(WITH_NCURSES)),,src/top/terminal.c)
SRC := $(filter-out $(NO_SRC),$(wildcard $(ROOMS:%=src/%/*.c)))
# What stands in src/ROOM/assets/ is compiled in.
ASSET_ROOMS := report web
OBJ := $(SRC:src/%.c=$(BUILD)/obj/%.o) $(ASSET_ROOMS:%=$(BUILD)/obj/%/assets.gen.o)
CLIENT_OBJ := $(filter $(BUILD)/obj/client/%,$(OBJ))
# The objects of a room and of the rooms that src/LAYERS grants it.
granted = $(1) $(shell sed -n 's/^$(1)://p' src/LAYERS)
room_obj = $(filter-out $(BUILD)/obj/cli/main.o,$(foreach r,$(call granted,$(1)),$(filter $(BUILD)/obj/$(r)/%,$(OBJ))))

UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
REPLAY := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(BUILD)/replay/%)
NET_TOOLS := $(patsubst tests/net/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/net/tools/*.c)) \
	$(patsubst tests/pcap/%.c,$(BUILD)/tools/%,$(wildcard tests/pcap/*.c))
BENCH_TOOLS := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))

all: $(BUILD)/tacet $(BUILD)/libtacet.a ## build tacet and libtacet.a

$(BUILD)/tacet: $(OBJ)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $(OBJ) $(PKG_LIBS)

$(BUILD)/libtacet.a: $(CLIENT_OBJ)
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The flags are a prerequisite: another compiler or SANITIZE= rebuilds.
FLAGS_NOW := $(CC) $(CPPFLAGS) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS)
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS_NOW))' >$@
	$(Q)$(PKG_CONFIG) --exists $(LIBS) || { echo "tacet: libraries are missing ($(LIBS)): run 'make deps' as root" >&2; rm -f $@; exit 1; }

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

.SECONDARY: $(ASSET_ROOMS:%=$(BUILD)/obj/%/assets.gen.c)

.SECONDEXPANSION:
$(BUILD)/obj/%/assets.gen.c: src/base/asset.awk $$(sort $$(wildcard src/$$*/assets/*))
	@echo "  GEN     $@"
	$(Q)mkdir -p $(@D)
	$(Q)for f in $(filter-out %.awk,$^); do echo "file $${f##*/}"; od -An -v -tx1 "$$f"; done | awk -v room=$* -f src/base/asset.awk >$@

$(BUILD)/obj/%/assets.gen.o: $(BUILD)/obj/%/assets.gen.c $(BUILD)/flags
	@echo "  CC      $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/flags $$(call room_obj,$$(firstword $$(subst /, ,$$*)))
	@echo "  UNIT    $*"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) -Itests -DTEST_DATA='"tests"' $(shell $(PKG_CONFIG) --cflags check 2>/dev/null) $(CFLAGS) -MMD -MP $(HARDEN_LD) $(LDFLAGS) \
		-o $@ $< $(filter %.o,$^) $(shell $(PKG_CONFIG) --libs check 2>/dev/null) $(PKG_LIBS)

# A fuzz target names the room it links in its first lines: "room: dissect".
fuzz_room = $(shell sed -n '1,6s/.*room: *\([a-z]*\).*/\1/p' $(1))
$(BUILD)/replay/%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(BUILD)/flags $$(call room_obj,$$(call fuzz_room,tests/fuzz/fuzz_$$*.c))
	@echo "  REPLAY  $*"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) -Itests $(CFLAGS) -MMD -MP $(HARDEN_LD) $(LDFLAGS) \
		-o $@ $(filter %.c %.o,$^) $(PKG_LIBS)

$(BUILD)/tools/%: tests/net/tools/%.c $(BUILD)/flags
	@echo "  TOOL    $*"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP $(HARDEN_LD) $(LDFLAGS) -o $@ $< $(PKG_LIBS) -lpthread

# What reads captures from inside.
$(BUILD)/tools/%: tests/pcap/%.c $(BUILD)/flags $$(call room_obj,engine) $$(call room_obj,source)
	@echo "  TOOL    $*"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP $(HARDEN_LD) $(LDFLAGS) -o $@ $< $(sort $(filter %.o,$^)) $(PKG_LIBS)

# What measures from inside links the engine.
$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/flags $$(call room_obj,engine)
	@echo "  BENCH   $*"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP $(HARDEN_LD) $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(PKG_LIBS)

# What asks the index of lists: classify and what is below it.
$(BUILD)/bench/%: tests/bench/tools/%.c $(BUILD)/flags $$(call room_obj,classify)
	@echo "  BENCH   $*"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP $(HARDEN_LD) $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(PKG_LIBS)

unit-%: FORCE ## unit tests of one room
	$(Q)$(MAKE) --no-print-directory $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/$*/test_*.c))
	$(Q)BUILD=$(BUILD) tests/run.sh $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/$*/test_*.c))

deps: ## install what is missing (Debian, Ubuntu; root)
	$(Q)packaging/install-deps

check: deps ## install what is missing, build, run every test
	$(Q)$(MAKE) --no-print-directory check-built

# What the tests run against, each in a build directory of its own.
check-built: all $(UNIT) $(REPLAY) $(NET_TOOLS)
	$(Q)BUILD=$(BUILD) tests/run.sh $(UNIT) $(REPLAY) tests/lint/lint.sh $(filter-out tests/pcap/record.sh,$(sort $(wildcard tests/config/*.sh tests/cli/*.sh tests/pcap/*.sh tests/net/*.sh tests/browser/*.sh)))

check-unit: $(UNIT) $(REPLAY) ## unit tests and corpus replay alone
	$(Q)BUILD=$(BUILD) tests/run.sh $(UNIT) $(REPLAY)

check-net: all $(NET_TOOLS) ## namespace tests alone
	$(Q)BUILD=$(BUILD) tests/run.sh $(sort $(wildcard tests/net/*.sh))

demo: deps ## install what is missing, build, show a household of network namespaces
	$(Q)$(MAKE) --no-print-directory all $(NET_TOOLS)
	$(Q)BUILD=$(BUILD) tests/demo/demo.sh

browser: deps ## install Chromium, fetch Playwright and axe: make check then runs the browser tests
	$(Q)packaging/install-deps browser $$(command -v npm >/dev/null || echo node)
	$(Q)$(MAKE) --no-print-directory $(BUILD)/browser/node_modules/.package-lock.json

check-browser: browser ## the dashboard and the report in Chromium alone
	$(Q)$(MAKE) --no-print-directory all $(NET_TOOLS)
	$(Q)BUILD=$(BUILD) TEST_SECONDS=600 tests/run.sh $(wildcard tests/browser/*.sh)

# Pinned with their hashes; nothing of them runs at install.
$(BUILD)/browser/node_modules/.package-lock.json: tests/browser/package.json tests/browser/package-lock.json
	$(Q)mkdir -p $(BUILD)/browser && cp $^ $(BUILD)/browser
	$(Q)npm ci --prefix $(BUILD)/browser --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-timeout=30000

check-cross: ## the index of lists on a 32-bit big-endian machine, under qemu
	$(Q)packaging/install-deps cross
	$(Q)$(MAKE) --no-print-directory $(BUILD)/bench/lists
	$(Q)BUILD=$(BUILD) tests/run.sh tests/cross/answers.sh

bench-lists: ## what the index of lists costs, beside dnsmasq, unbound and uthash
	$(Q)packaging/install-deps peers
	$(Q)$(MAKE) --no-print-directory $(BUILD)/bench/lists
	$(Q)BUILD=$(BUILD) tests/bench/lists.sh

bench-giveup: ## how long curl, getaddrinfo and a browser try, for each way to refuse
	$(Q)$(MAKE) --no-print-directory all $(NET_TOOLS)
	$(Q)BUILD=$(BUILD) tests/bench/giveup.sh

bench: deps ## ratios against others run beside it
	$(Q)$(MAKE) --no-print-directory all $(NET_TOOLS) $(BENCH_TOOLS)
	$(Q)BUILD=$(BUILD) tests/bench/bench.sh

bench-suspects: all ## what audit suspects in real captures, against lists and catalogue
	$(Q)BUILD=$(BUILD) tests/bench/suspects.sh

lint: ## layers, sizes, documented keys, man pages, shell
	$(Q)tests/lint/lint.sh

C_FILES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
format: ## rewrite the sources as .clang-format says
	$(Q)clang-format -i $(C_FILES)

format-check: ## say which sources are not formatted
	$(Q)clang-format --dry-run -Werror $(C_FILES)

analyze: ## gcc -fanalyzer, clang's analyzer and cppcheck
	$(Q)tests/lint/analyze.sh $(OUR_CFLAGS)

fuzz: ## FUZZ_SECONDS of each fuzz target (needs clang)
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) BUILD=$(BUILD) tests/fuzz/fuzz.sh

coverage: ## line coverage of src/ by all tests
	$(Q)tests/coverage.sh

coverage-corpus: ## line coverage of each dissector by the committed corpora
	$(Q)tests/coverage.sh corpus

install: all ## into DESTDIR and PREFIX
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(DATADIR) $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
		$(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(UNITDIR) \
		$(DESTDIR)$(SYSUSERSDIR) $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	install -m 0755 $(BUILD)/tacet $(DESTDIR)$(SBINDIR)/tacet
	install -m 0644 blocklists/*.txt blocklists/*.tsv blocklists/*.conf blocklists/README.md $(DESTDIR)$(DATADIR)/
	for s in 5 7 8; do install -m 0644 src/*/tacet*.$$s $(DESTDIR)$(MANDIR)/man$$s/ || exit 1; done
	install -m 0644 include/tacet.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 0644 $(BUILD)/libtacet.a $(DESTDIR)$(LIBDIR)/
	sed 's|@PREFIX@|$(PREFIX)|;s|@VERSION@|$(VERSION)|' packaging/libtacet.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/libtacet.pc
	sed 's|@SBINDIR@|$(SBINDIR)|' packaging/systemd/tacet.service.in >$(DESTDIR)$(UNITDIR)/tacet.service
	sed 's|@SBINDIR@|$(SBINDIR)|' packaging/systemd/tacet-lists.service.in >$(DESTDIR)$(UNITDIR)/tacet-lists.service
	install -m 0644 packaging/systemd/tacet-lists.timer $(DESTDIR)$(UNITDIR)/
	sed 's|@SBINDIR@|$(SBINDIR)|' packaging/systemd/tacet-web.service.in >$(DESTDIR)$(UNITDIR)/tacet-web.service
	sed 's|@SBINDIR@|$(SBINDIR)|' packaging/systemd/tacet-log.service.in >$(DESTDIR)$(UNITDIR)/tacet-log.service
	install -d $(DESTDIR)$(DATADIR)/integrations
	install -m 0644 packaging/integrations/* $(DESTDIR)$(DATADIR)/integrations/
	install -m 0644 packaging/completion/tacet.bash $(DESTDIR)$(BASHDIR)/tacet
	install -m 0644 packaging/completion/_tacet $(DESTDIR)$(ZSHDIR)/
	install -m 0644 packaging/completion/tacet.fish $(DESTDIR)$(FISHDIR)/
	install -m 0644 packaging/systemd/tacet.sysusers $(DESTDIR)$(SYSUSERSDIR)/tacet.conf

uninstall: ## what install put there
	rm -f $(DESTDIR)$(SBINDIR)/tacet $(DESTDIR)$(MANDIR)/man[578]/tacet*.[578] $(DESTDIR)$(INCLUDEDIR)/tacet.h $(DESTDIR)$(LIBDIR)/libtacet.a \
		$(DESTDIR)$(LIBDIR)/pkgconfig/libtacet.pc $(DESTDIR)$(UNITDIR)/tacet.service \
		$(DESTDIR)$(UNITDIR)/tacet-lists.service $(DESTDIR)$(UNITDIR)/tacet-lists.timer \
		$(DESTDIR)$(UNITDIR)/tacet-web.service $(DESTDIR)$(UNITDIR)/tacet-log.service $(DESTDIR)$(BASHDIR)/tacet $(DESTDIR)$(ZSHDIR)/_tacet $(DESTDIR)$(FISHDIR)/tacet.fish \
		$(DESTDIR)$(SYSUSERSDIR)/tacet.conf
	rm -rf $(DESTDIR)$(DATADIR)

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z%-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

FORCE:
.PHONY: all deps check check-built check-unit check-net browser check-browser check-cross demo bench bench-lists bench-giveup bench-suspects lint format format-check analyze fuzz coverage coverage-corpus install uninstall clean help FORCE
-include $(OBJ:.o=.d) $(foreach x,$(UNIT) $(REPLAY) $(NET_TOOLS) $(BENCH_TOOLS),$(wildcard $(x).d $(x)-*.d))
