# conf: the configuration file, with the places of this build; samples; the test of all three
EXTRA_DIST += conf/tr069-client.conf.in conf/test.sh
confplatformdir = $(confdir)/platform
dist_confplatform_DATA = conf/platform/android.conf conf/platform/linux.conf
dist_doc_DATA = conf/README.md conf/build.prop.sample
CONFS += conf/tr069-client.conf
all-local: $(CONFS)
EXTRA_DIST += scripts/install-conf $(PLUGIN_CONFS)
CLEANFILES += conf/tr069-client.conf
TESTS += conf/test.sh

conf/tr069-client.conf: conf/tr069-client.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && sed -e 's|@plugindir[@]|$(plugindir)|g' -e 's|@confdir[@]|$(confdir)|g' \
		-e 's|@statedir[@]|$(statedir)|g' -e 's|@rundir[@]|$(rundir)|g' -e 's|@platform[@]|$(platform)|g' \
		$(srcdir)/conf/tr069-client.conf.in >$@.tmp && mv $@.tmp $@

# the daemon makes its directories itself, but not what is above them
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(statedir)' '$(DESTDIR)$(runstatedir)' && chmod 0700 '$(DESTDIR)$(statedir)'

# What stands in the configuration directory may have been edited: it is kept. A profile is the project's own.
install-confs: $(CONFS)
	sh $(srcdir)/scripts/install-conf '$(DESTDIR)$(confdir)' $(CONFS)
	cd $(srcdir) && sh scripts/install-conf '$(DESTDIR)$(confdir)/plugins.d' $(PLUGIN_CONFS)
uninstall-confs:
	sh $(srcdir)/scripts/install-conf --uninstall '$(DESTDIR)$(confdir)' $(CONFS)
	cd $(srcdir) && sh scripts/install-conf --uninstall '$(DESTDIR)$(confdir)/plugins.d' $(PLUGIN_CONFS)
.PHONY: install-confs uninstall-confs
