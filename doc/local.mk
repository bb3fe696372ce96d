# doc
dist_man_MANS += doc/tr069-client.8 doc/tr069-ctl.1
EXTRA_DIST += doc/architecture.md doc/contributing.md doc/features.md doc/firmware.md doc/plugins.md
EXTRA_DIST += doc/regressions.md doc/conformance.md doc/packaging.md doc/genieacs.md
