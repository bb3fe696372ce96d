# conf: the configuration file, with the places of this build; samples; the test of all three
EXTRA_DIST += conf/tr069-client.conf.in conf/test.sh
confplatformdir = $(confdir)/platform
dist_confplatform_DATA = conf/platform/android.conf conf/platform/linux.conf
dist_doc_DATA = conf/README.md conf/build.prop.sample
confd_DATA += conf/tr069-client.conf
CLEANFILES += conf/tr069-client.conf
TESTS += conf/test.sh

conf/tr069-client.conf: conf/tr069-client.conf.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && sed -e 's|@plugindir[@]|$(plugindir)|g' -e 's|@confdir[@]|$(confdir)|g' \
		-e 's|@statedir[@]|$(statedir)|g' -e 's|@platform[@]|$(platform)|g' $(srcdir)/conf/tr069-client.conf.in >$@.tmp && mv $@.tmp $@

# the daemon makes its state directory itself, but not what is above it
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(statedir)' && chmod 0700 '$(DESTDIR)$(statedir)'
