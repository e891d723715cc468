# SPDX-License-Identifier: GPL-3.0-or-later
# A thin wrapper: the work is in wscript.
#
# BUILD=DIR (given to ./configure too) keeps a second build beside the first.

PYTHON = /usr/bin/python3
BUILD = build
WAF = BUILD=$(BUILD) $(PYTHON) script/waf

all:
	@$(WAF) build

build-tests:
	@$(WAF) build_tests

# The end-to-end tests need root.
test: build-tests
	@BUILD=$(BUILD) script/run-tests

check: test

# As 'all', so that nothing is installed that fails its check.
install: all
	@$(WAF) install --destdir="$(DESTDIR)"

uninstall:
	@$(WAF) uninstall --destdir="$(DESTDIR)"

# BENCH: parts and options, see tests/bench/run -h.
bench: build-tests
	@VFS_LATENCY_BUILD="$(CURDIR)/$(BUILD)" tests/bench/run $(BENCH)

# The Samba headers in .samba/ stay: they take a minute and never change.
clean:
	@$(WAF) clean

distclean:
	rm -rf $(BUILD) .lock-waf_$(BUILD) .lock-headers_$(BUILD)

.PHONY: all build-tests test check install uninstall bench clean distclean
# waf runs in parallel by itself.
.NOTPARALLEL:
