# One convenience library a room: a test that links only the rooms below proves the import rule.
include core/base/local.mk
include core/model/local.mk
include core/cwmp/local.mk
include core/net/local.mk
include core/agent/local.mk
