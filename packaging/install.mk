# Installation: included by the Makefile. Everything lies under PREFIX; DESTDIR stages a package.

DESTDIR ?=
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
INSTALL ?= install

# The paths of this installation, filled into the templates of packaging/.
FILL = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' -e 's|@BINDIR@|$(BINDIR)|g' \
    -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@VERSION@|$(VERSION)|g'

.PHONY: install install-program install-library install-data
install: install-program install-library install-data

install-program: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(DATADIR)/man/man1'
	$(INSTALL) -m 755 $(BUILD)/kc '$(DESTDIR)$(BINDIR)/kc'
	$(FILL) packaging/kc.1 > '$(DESTDIR)$(DATADIR)/man/man1/kc.1'

install-library: all
	$(INSTALL) -d '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(LIBDIR)/cmake/kc' \
	    '$(DESTDIR)$(INCLUDEDIR)/kc'
	$(INSTALL) -m 644 $(BUILD)/libkcrt.a '$(DESTDIR)$(LIBDIR)/libkcrt.a'
	$(INSTALL) -m 755 $(BUILD)/libkcrt.so '$(DESTDIR)$(LIBDIR)/libkcrt.so.0'
	ln -sf libkcrt.so.0 '$(DESTDIR)$(LIBDIR)/libkcrt.so'
	$(INSTALL) -m 644 runtime/kc/kcrt.h runtime/kc/prefix.h '$(DESTDIR)$(INCLUDEDIR)/kc/'
	$(FILL) packaging/kc.pc > '$(DESTDIR)$(LIBDIR)/pkgconfig/kc.pc'
	$(FILL) packaging/cmake/kcConfig.cmake > '$(DESTDIR)$(LIBDIR)/cmake/kc/kcConfig.cmake'
	$(FILL) packaging/cmake/kcConfigVersion.cmake \
	    > '$(DESTDIR)$(LIBDIR)/cmake/kc/kcConfigVersion.cmake'

install-data: all
	$(INSTALL) -d '$(DESTDIR)$(DATADIR)/kc/stdlib' '$(DESTDIR)$(DATADIR)/kc/errors'
	$(INSTALL) -m 644 stdlib/*.k '$(DESTDIR)$(DATADIR)/kc/stdlib/'
	$(INSTALL) -m 644 docs/errors/*.md '$(DESTDIR)$(DATADIR)/kc/errors/'

## make install      PREFIX=/usr/local DESTDIR=: kc, libkcrt, headers, stdlib, kc.pc, CMake package, man page
