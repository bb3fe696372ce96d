# core/cwmp
