# SPDX-License-Identifier: MIT
# Builds, tests and installs botapi; README.md and CONTRIBUTING.md say more. All that is built goes below build/.
#
#   make            the C module, for $(LUA): lua5.4 (default), lua5.3, lua5.2, lua5.1 or luajit
#   make deps       installs what is missing to build, run and test; names it where it can't
#   make demo       logs a bot out of an emulator and shows what comes back
#   make test       everything that must pass; ends with "N passed, N failed"
#   make lint       clang-tidy, cppcheck, luacheck, luarocks lint
#   make sanitize   the specs under ASan, UBSan and leak check, valgrind, and 10,000 calls
#   make docs       docs/options.md from the tables that it describes
#   make install    PREFIX=/usr/local DESTDIR=; make uninstall takes it away again
#   make clean

LUA ?= lua5.4
POLLER ?= epoll
PREFIX ?= /usr/local
DESTDIR ?=

ABI = $(if $(filter luajit,$(LUA)),5.1,$(patsubst lua%,%,$(LUA)))
B = build/$(LUA)$(if $(filter-out epoll,$(POLLER)),-$(POLLER))
MODULE = $(B)/botapi/core.so

ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -pedantic -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wconversion -Wcast-qual -Wwrite-strings -Werror
INCLUDES = $(shell pkg-config --cflags $(LUA) libcurl)
LIBS = $(shell pkg-config --libs libcurl) -lpthread -ldl
ALL_CFLAGS = -std=c99 $(WARN) $(CFLAGS) -fPIC -fvisibility=hidden $(INCLUDES)

SOURCES = $(filter-out src/poller_epoll.c src/poller_poll.c, \
  $(wildcard src/*.c)) src/poller_$(POLLER).c
OBJECTS = $(SOURCES:src/%.c=$(B)/obj/%.o)

all: $(MODULE)
	@:

$(MODULE): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,nodelete -o $@ $(OBJECTS) $(LIBS)

$(B)/obj/%.o: src/%.c $(wildcard src/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

clean:
	rm -rf build

# --- what is needed ---------------------------------------------------------

deps:
	@sh packaging/deps.sh all

# --- to see and to check ----------------------------------------------------

# The tree's own modules, whatever is installed.
HERE = LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/spec/?.lua;;" \
  LUA_CPATH="$(CURDIR)/$(B)/?.so;;"
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

lint:
	$(STEP) deps
	$(STEP) all
	@$(SUITE) lint

SANITIZE = -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
  -fno-sanitize-recover=undefined

sanitize:
	$(STEP) deps
	$(STEP) all
	$(STEP) all LUA=luajit
	$(STEP) all B=build/asan CFLAGS="$(SANITIZE)"
	@LABEL="sanitize: " $(SUITE) asan valgrind soak canary

docs: all
	lua5.4 packaging/rockspec.lua >botapi-scm-1.rockspec
	$(HERE) $(LUA) packaging/manual.lua >docs/options.md

# --- to install -------------------------------------------------------------

INTERPRETER = $(shell command -v $(LUA))
SHARE = $(PREFIX)/share/lua/$(ABI)
LIB = $(PREFIX)/lib/lua/$(ABI)
LUA_FILES = $(shell find lua -name '*.lua')

install: all
	@test -n "$(INTERPRETER)" || { echo "$(LUA) isn't on the PATH"; exit 1; }
	for f in $(LUA_FILES:lua/%=%); do \
	  install -D -m 644 "lua/$$f" "$(DESTDIR)$(SHARE)/$$f" || exit 1; done
	install -D -m 755 $(MODULE) "$(DESTDIR)$(LIB)/botapi/core.so"
	install -d "$(DESTDIR)$(PREFIX)/bin"
	INTERPRETER="$(INTERPRETER)" SHARE="$(SHARE)" LIB="$(LIB)" \
	  sh packaging/command.sh bin/botapi >build/botapi.installed
	install -m 755 build/botapi.installed "$(DESTDIR)$(PREFIX)/bin/botapi"

uninstall:
	for f in $(LUA_FILES:lua/%=%); do rm -f "$(DESTDIR)$(SHARE)/$$f"; done
	rm -f "$(DESTDIR)$(LIB)/botapi/core.so" "$(DESTDIR)$(PREFIX)/bin/botapi"
	for d in "$(SHARE)/botapi" "$(SHARE)/resty/botapi" "$(LIB)/botapi"; do \
	  find "$(DESTDIR)$$d" -depth -type d -empty -delete 2>/dev/null || :; done

.PHONY: all clean deps demo test lint sanitize docs install uninstall
