# doc
dist_man_MANS += doc/tr069-client.8
EXTRA_DIST += doc/contributing.md doc/plugins.md
