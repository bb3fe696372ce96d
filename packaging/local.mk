# packaging: what systems other than a plain `make install` want
EXTRA_DIST += packaging/systemd/tr069-client.service packaging/polkit/tr069-client.rules
EXTRA_DIST += packaging/debian packaging/openwrt packaging/android scripts/package

# dpkg-buildpackage looks for a folder of that name
dist-hook:
	$(LN_S) packaging/debian $(distdir)/debian

# With --with-systemdsystemunitdir the unit is installed, for this prefix.
CLEANFILES += packaging/tr069-client.service
if SYSTEMD_UNIT
systemdsystemunit_DATA = packaging/tr069-client.service
packaging/tr069-client.service: packaging/systemd/tr069-client.service Makefile
	$(AM_V_GEN)$(MKDIR_P) packaging && sed 's|/usr/sbin/|$(sbindir)/|' \
		$(srcdir)/packaging/systemd/tr069-client.service >$@.tmp && mv $@.tmp $@
endif
