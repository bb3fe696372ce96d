# core/model: the data model. It knows core/base and the plugin contract, nothing of XML or HTTP.
noinst_LIBRARIES += core/model/libmodel.a
core_model_libmodel_a_SOURCES = \
	core/model/model.h core/model/value.h core/model/model_internal.h \
	core/model/accept.c \
	core/model/alias.c \
	core/model/attach.c \
	core/model/attributes.c \
	core/model/journal.c \
	core/model/model.c \
	core/model/notify.c \
	core/model/object.c \
	core/model/path.c \
	core/model/pending.c \
	core/model/read.c \
	core/model/references.c \
	core/model/refresh.c \
	core/model/rows.c \
	core/model/select.c \
	core/model/set.c \
	core/model/table.c \
	core/model/tree.c \
	core/model/value.c \
	core/model/walk.c
