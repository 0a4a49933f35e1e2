# SPDX-License-Identifier: MIT
# Builds, tests and installs botapi; README.md and CONTRIBUTING.md say more. All that is built goes below build/.
#
#   make            the C module, for $(LUA): lua5.4 (default), lua5.5, lua5.3, lua5.2, lua5.1 or luajit
#   make deps       installs what is missing to build, run and test; names it where it can't
#   make demo       logs a bot out of an emulator and shows what comes back
#   make check      in half a minute: the build, and the specs that need no privileges and no other program
#   make test       everything that must pass; ends with "N passed, N failed"
#   make fresh      the same two commands, and the other Luas, in bare Debian roots; SUITES=, ARCH=, GOALS= choose
#   make lint       gcc and clang with -Werror, their analysers, clang-tidy, cppcheck, luacheck, luarocks lint
#   make sanitize   the specs under ASan, UBSan and leak check, valgrind, and 10,000 calls
#   make docs       the rockspecs and the generated parts of docs/ and types/ from the program; HTML in build/docs
#   make pictures   docs/move.svg and docs/admin.png, from real runs against emulators
#   make env        how a shell finds what is built here, with a command that runs on $(LUA): eval "$(make -s env)"
#   make install    PREFIX=/usr/local DESTDIR=; make uninstall takes it away again
#   make dist       build/botapi-VERSION.tar.gz, the same bytes each time
#   make cross      ARCH=arm64 (armhf, s390x, i386, …): the module for another machine, and the demo there under qemu
#   make deb        build/lua-botapi_VERSION_ARCH.deb, likewise, for the Luas of `make luas`
#   make clean

LUA ?= lua5.4
PREFIX ?= /usr/local
DESTDIR ?=

ABI = $(if $(filter luajit,$(LUA)),5.1,$(patsubst lua%,%,$(LUA)))
B = build/$(LUA)
MODULE = $(B)/botapi/core.so
BINDING = $(B)/botapi/binding.so

ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
# `make lint` builds with WERROR=-Werror: a compiler that isn't known yet may warn of more.
WERROR =
WARN = -Wall -Wextra -pedantic -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wconversion -Wcast-qual -Wwrite-strings $(WERROR)
INCLUDES = $(shell pkg-config --cflags $(LUA) libcurl)
LIBS = $(shell pkg-config --libs libcurl) -lpthread -ldl
# The directory of the tree leaves no trace: two builds have the same bytes.
ALL_CFLAGS = -std=c99 $(WARN) $(CFLAGS) -fPIC -fvisibility=hidden \
  -ffile-prefix-map="$(CURDIR)"=. $(INCLUDES)

# core.so is the loader of binding.so, which is all else.
LOADER = loader raise
SOURCES = $(filter-out src/loader.c,$(wildcard src/*.c))
OBJECTS = $(SOURCES:src/%.c=$(B)/obj/%.o)

# The man page and the completions, from the command's parser.
MADE = build/made

all: $(MODULE) $(MADE)/botapi.1
	@:

$(MADE)/botapi.1: packaging/generate.lua CHANGELOG.md lua/botapi/bot_api.lua lua/botapi/cli.lua $(wildcard lua/botapi/cli/*.lua) | $(MODULE)
	@mkdir -p $(@D)
	@$(HERE) $(LUA) packaging/generate.lua $(@D)

LINK = $(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@.part

$(BINDING): $(OBJECTS)
	@mkdir -p $(@D)
	$(LINK) -Wl,-z,nodelete $(OBJECTS) $(LIBS)
	@mv $@.part $@

$(MODULE): $(LOADER:%=$(B)/obj/%.o) $(BINDING)
	@mkdir -p $(@D)
	$(LINK) $(LOADER:%=$(B)/obj/%.o) -ldl
	@mv $@.part $@

$(B)/obj/%.o: src/%.c $(wildcard src/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

clean:
	rm -rf build

# --- what is needed ---------------------------------------------------------

deps:
	@sh packaging/deps.sh test

# --- to see and to check ----------------------------------------------------

# The tree's own modules, whatever is installed.
HERE = LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/spec/?.lua;;" \
  LUA_CPATH="$(CURDIR)/$(B)/?.so;;" $(if $(filter lua5.5,$(LUA)),$(FOR_55))
SUITE = $(HERE) LUA=$(LUA) BUILD=$(B) lua5.4 spec/support/suite.lua
STEP = @$(MAKE) --no-print-directory

demo:
	@sh packaging/deps.sh run
	$(STEP) all
	@$(HERE) $(LUA) examples/demo.lua

test:
	$(STEP) deps
	$(STEP) all
	$(STEP) all LUA=luajit
	@$(SUITE) specs lint examples canary

# In seconds, and without privileges; make deps has been run.
check:
	$(STEP) -j2 all
	@$(SUITE) unit

# The specs of the C module, the transport, the loops and the command alone.
test-core:
	$(STEP) deps
	$(STEP) all
	$(STEP) all LUA=luajit
	@$(SUITE) core

# In a root that has nothing: packaging/fresh.sh.
SUITES = bookworm trixie forky
ARCH = amd64
GOALS = demo test test-others
FRESH_ALL = $(SUITES:%=$(ARCH)/%) \
  $(if $(filter-out file,$(origin SUITES) $(origin ARCH)),,i386/bookworm)

fresh:
	@status=0; for r in $(FRESH_ALL); do \
	  LABEL="fresh $${r#*/} $${r%/*}: " sh packaging/fresh.sh $${r#*/} $${r%/*} $(GOALS) || status=1; \
	done; exit $$status

# In such a root, too: README's own commands for Debian.
type-install:
	@sh packaging/install.sh

lint:
	$(STEP) deps
	$(STEP) all
	@$(SUITE) lint

SANITIZE = -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
  -fno-sanitize-recover=undefined

sanitize:
	@sh packaging/deps.sh sanitize
	$(STEP) all
	$(STEP) all LUA=luajit
	$(STEP) all B=build/asan CFLAGS="$(SANITIZE)"
	@LABEL="sanitize: " $(SUITE) asan valgrind soak canary

# A file is replaced when what makes it has succeeded.
WRITE = sh -c 'out=$$1; shift; "$$@" >$(MADE)/part && cp $(MADE)/part "$$out"' write

docs: all
	@sh packaging/deps.sh docs
	@mkdir -p $(MADE)
	@$(WRITE) botapi-scm-1.rockspec lua5.4 packaging/rockspec.lua
	@$(WRITE) botapi-$(VERSION)-1.rockspec lua5.4 packaging/rockspec.lua release
	@$(HERE) $(WRITE) docs/options.md $(LUA) packaging/manual.lua
	@$(HERE) $(WRITE) docs/errors.md $(LUA) packaging/errors.lua
	@$(HERE) $(WRITE) docs/command.md $(LUA) packaging/commands.lua
	@$(HERE) $(WRITE) types/botapi.lua $(LUA) packaging/types.lua types/botapi.lua
	@$(HERE) $(WRITE) types/botapi/bot_api.lua $(LUA) packaging/bot_types.lua
	@$(HERE) $(WRITE) types/botapi/emulator.lua $(LUA) packaging/types.lua types/botapi/emulator.lua
	@$(HERE) $(WRITE) lua/botapi/manual.lua $(LUA) packaging/pages.lua types/botapi.lua
	@$(WRITE) docs/internals/map.md lua5.4 packaging/map.lua
	@sh packaging/docs.sh build/docs

# Those of docs/, from real runs: docs/move.svg and docs/admin.png.
pictures:
	$(STEP) deps
	$(STEP) all
	$(STEP) all LUA=luajit
	@$(HERE) LUA=$(LUA) BUILD=$(B) lua5.4 packaging/pictures.lua

# With a command that runs on $(LUA): bin/botapi is Lua 5.4's.
env:
	@mkdir -p $(B)/bin
	@INTERPRETER="/usr/bin/env $(LUA)" SHARE="$(CURDIR)/lua" \
	  LIB="$(CURDIR)/$(B)" sh packaging/command.sh bin/botapi >$(B)/bin/part
	@chmod 755 $(B)/bin/part && mv $(B)/bin/part $(B)/bin/botapi
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;;"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(B)/?.so;;"'
	@echo 'export PATH="$(CURDIR)/$(B)/bin:$$PATH"'
	@$(if $(filter lua5.5,$(LUA)),echo 'export $(subst $(CURDIR)/spec/?.lua;,,$(FOR_55))')

# --- to install -------------------------------------------------------------

INTERPRETER = $(shell command -v $(LUA))
SHARE = $(PREFIX)/share/lua/$(ABI)
LIB = $(PREFIX)/lib/lua/$(ABI)
MAN = $(PREFIX)/share/man/man1/botapi.1
BASH = $(PREFIX)/share/bash-completion/completions/botapi
ZSH = $(PREFIX)/share/zsh/site-functions/_botapi
FISH = $(PREFIX)/share/fish/vendor_completions.d/botapi.fish
TYPES = $(PREFIX)/share/lua-botapi/types
LUA_FILES = $(shell find lua -name '*.lua')
TYPE_FILES = $(shell find types -name '*.lua')
COMMAND = $(PREFIX)/bin/botapi

# Lua 5.1 and LuaJIT share their directories; the module of each runs in both. The command is that of the Lua that was
# installed last.
install: all
	@test -n "$(INTERPRETER)" || { echo "$(LUA) isn't on the PATH"; exit 1; }
	for d in $(sort $(dir $(LUA_FILES:lua/%=%))); do \
	  install -D -m 644 -t "$(DESTDIR)$(SHARE)/$$d" lua/$$d*.lua || exit 1; done
	for d in $(sort $(dir $(TYPE_FILES:types/%=%))); do \
	  install -D -m 644 -t "$(DESTDIR)$(TYPES)/$$d" types/$$d*.lua || exit 1; done
	for f in $(MODULE) $(BINDING); do \
	  install -D -m 755 $$f "$(DESTDIR)$(LIB)/botapi/$${f##*/}" || exit 1; done
	INTERPRETER="$(INTERPRETER)" SHARE="$(SHARE)" LIB="$(LIB)" \
	  sh packaging/command.sh bin/botapi >build/botapi.installed
	install -D -m 755 build/botapi.installed "$(DESTDIR)$(COMMAND)"
	if [ -f $(MADE)/botapi.1 ]; then \
	  install -D -m 644 $(MADE)/botapi.1 "$(DESTDIR)$(MAN)" && \
	  install -D -m 644 $(MADE)/botapi.bash "$(DESTDIR)$(BASH)" && \
	  install -D -m 644 $(MADE)/_botapi "$(DESTDIR)$(ZSH)" && \
	  install -D -m 644 $(MADE)/botapi.fish "$(DESTDIR)$(FISH)"; fi

# The command stays, with all that goes with it, where it is another Lua's.
uninstall:
	rm -f $(LUA_FILES:lua/%="$(DESTDIR)$(SHARE)/%")
	rm -f "$(DESTDIR)$(LIB)/botapi/core.so" "$(DESTDIR)$(LIB)/botapi/binding.so"
	if [ ! -e "$(DESTDIR)$(COMMAND)" ] || \
	  grep -qF "[[$(SHARE)/?.lua;" "$(DESTDIR)$(COMMAND)"; then \
	  for f in "$(COMMAND)" "$(MAN)" "$(BASH)" "$(ZSH)" "$(FISH)"; do \
	    rm -f "$(DESTDIR)$$f"; done; \
	  rm -f $(TYPE_FILES:types/%="$(DESTDIR)$(TYPES)/%"); fi
	for d in "$(SHARE)/botapi" "$(SHARE)/resty/botapi" "$(LIB)/botapi" \
	  "$(PREFIX)/share/lua-botapi"; do find "$(DESTDIR)$$d" -depth -type d -empty -delete \
	  2>/dev/null || :; done

# --- to give away ------------------------------------------------------------

VERSION := $(shell sed -n 's/.*BA_VERSION "\(.*\)".*/\1/p' src/version.h)

dist:
	@sh packaging/dist.sh $(VERSION)

cross:
	@sh packaging/cross.sh $(if $(filter file,$(origin ARCH)),arm64,$(ARCH))

deb:
	@sh packaging/deps.sh deb
	$(STEP) dist
	@sh packaging/deb.sh $(VERSION)

# Those that a package is built for: their headers are here. LuaJIT has 5.1's.
luas:
	@for l in lua5.1 lua5.2 lua5.3 lua5.4 lua5.5; do \
	  ! pkg-config --exists $$l || echo $$l; done

.PHONY: all clean deps demo check test test-core fresh type-install lint sanitize docs pictures env \
  install uninstall dist cross deb luas

# --- every Lua, every loop --------------------------------------------------

# Those that can be tested here: asked once, when first needed.
LUAS = $(eval LUAS := $$(shell sh packaging/luas.sh))$(LUAS)

# cjson, cqueues, luaossl and luv for Lua 5.5, for which Debian has none.
MODULES_55 = build/lua5.5/modules
FOR_55 = \
  LUA_PATH_5_5="$(CURDIR)/lua/?.lua;$(CURDIR)/spec/?.lua;$(CURDIR)/$(MODULES_55)/?.lua;;" \
  LUA_CPATH_5_5="$(CURDIR)/$(B)/?.so;$(CURDIR)/$(MODULES_55)/?.so;;"

lua55-modules:
	@sh packaging/lua55.sh $(MODULES_55)

deps-all:
	@sh packaging/deps.sh all

# The specs on each Lua, some at a time; `make test` runs them on one.
JOBS ?= 2

test-all: deps-all
	@$(if $(filter lua5.5,$(LUAS)),$(STEP:@%=%) lua55-modules)
	@for l in $(LUAS); do $(STEP:@%=%) all LUA=$$l || exit 1; done
	@status=0; \
	$(STEP:@%=%) -k -j$(JOBS) -Otarget $(LUAS:%=test-on-%) || status=1; \
	for l in $(LUAS); do \
	  LABEL="$$l, installed: " $(STEP:@%=%) test-one LUA=$$l SPECS=install \
	    || status=1; done; \
	lua5.4 spec/support/compare.lua $(LUAS) || status=1; exit $$status

# Those that `make test` leaves out.
test-others: deps-all
	$(STEP) all
	$(STEP) test-all LUAS="$(filter-out lua5.4,$(LUAS))"

test-on-%:
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL LABEL="$*: " \
	  $(STEP:@%=%) test-one LUA=$*

# The command is Lua 5.4's, whatever runs the specs.
FOR_COMMAND = LUA_CPATH_5_4="$(CURDIR)/build/lua5.4/?.so;;"
SPECS = $(if $(filter lua5.4,$(LUA)),specs,each)

test-one:
	@$(if $(filter lua5.4,$(LUA)),,$(FOR_COMMAND)) $(SUITE) $(SPECS)

demo-openresty: deps-all
	$(STEP) all
	$(STEP) all LUA=luajit
	@sh examples/openresty/demo.sh

bench-loops: deps-all
	@for l in $(LUAS); do $(STEP:@%=%) all LUA=$$l || exit 1; done
	@sh bench/loops/run.sh $(LUAS)

.PHONY: lua55-modules deps-all test-all test-others test-one demo-openresty bench-loops

bench-deps:
	@sh packaging/deps.sh bench

bench: bench-deps
	$(STEP) all
	$(STEP) all LUA=luajit
	@sh bench/run.sh

.PHONY: bench-deps bench

# --- the proof ---------------------------------------------------------------

# The library against every fault that one machine can make: docs/reliability.md
# says what it shows, and gets its table from here. SECONDS is for each target.
TORTURE = FUZZ_SECONDS=$(or $(SECONDS),60) LUA_PATH="lua/?.lua;spec/?.lua;;" \
  lua5.4 spec/torture/run.lua

torture-deps:
	@sh packaging/deps.sh torture

torture: torture-deps
	@$(TORTURE) all

fuzz: torture-deps
	@$(TORTURE) fuzz

coverage: torture-deps
	@$(TORTURE) coverage

.PHONY: torture-deps torture fuzz coverage
