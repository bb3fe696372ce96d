# core/agent
