"""Figures for operators, in Prometheus' form at /metrics. They hold no word that anybody wrote."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("desk_messages_total", "Messages taken from residents")
ANSWERS = Counter("desk_answers_total", "Replies of the desk, by kind", ["kind"])
FALLBACK_ANSWERS = Counter("desk_knowledge_base_answers_total", "Replies without the assistant, by its state", ["state"])
REPLY_SECONDS = Histogram(
    "desk_reply_seconds", "Time from a resident's message to its reply", buckets=(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)
)
ASSISTANT_READY = Gauge("desk_assistant_ready", "1 while the assistant answers")
