# core/base
