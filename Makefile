# botapi: see README.md. Everything that is built goes below build/.
LUA ?= lua5.4
LUA_VERSION = $(patsubst lua%,%,$(LUA))
B = build/$(LUA)
CC ?= gcc
WARN = -Wall -Wextra -pedantic -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wconversion -Wcast-qual -Wwrite-strings -Werror
CFLAGS ?= -O2 -g
LUA_CFLAGS = $(shell pkg-config --cflags $(LUA))
CURL_CFLAGS = $(shell pkg-config --cflags libcurl)
CURL_LIBS = $(shell pkg-config --libs libcurl)
POLLER ?= epoll
ALL_CFLAGS = -std=c99 $(WARN) $(CFLAGS) -fPIC -fvisibility=hidden \
  $(LUA_CFLAGS) $(CURL_CFLAGS)
SOURCES = $(filter-out src/poller_epoll.c src/poller_poll.c,$(wildcard src/*.c)) \
  src/poller_$(POLLER).c
OBJECTS = $(SOURCES:src/%.c=$(B)/obj/%.o)
MODULE = $(B)/botapi/core.so

all: $(MODULE)

$(MODULE): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -shared -Wl,-z,nodelete -o $@ $(OBJECTS) $(CURL_LIBS) -lpthread

$(B)/obj/%.o: src/%.c $(wildcard src/*.h) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

clean:
	rm -rf build

.PHONY: all clean
