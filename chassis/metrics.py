"""Every metric of the platform, by one name in every process, told apart by the label `service`. Base units."""
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # a second series beside each, of which nobody asks

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HTTP_REQUESTS = Counter("mahalle_http_requests_total", "Answered HTTP requests", ["service", "method", "route", "status"])
HTTP_SECONDS = Histogram("mahalle_http_request_duration_seconds", "Time to answer", ["service", "route"], buckets=SECONDS)
REFUSED = Counter("mahalle_refused_requests_total", "Requests refused for what was sent, who sent it, or how many do, by "
                  "reason: the code of the problem", ["service", "reason"])
THROTTLED = Counter("mahalle_throttled_requests_total", "Requests refused by a rate limit, by policy", ["service", "policy"])
CONNECTIONS = Gauge("mahalle_http_connections", "Open connections of clients", ["service"])
CONSUMED = Counter("mahalle_consumed_messages_total", "Messages settled, by outcome: done, retried, dead",
                   ["service", "queue", "outcome"])
CONSUME_SECONDS = Histogram("mahalle_consume_batch_duration_seconds", "Time for one batch", ["service", "queue"],
                            buckets=SECONDS)
LAST_SETTLED = Gauge("mahalle_consume_last_settled_timestamp_seconds", "When a batch was settled last",
                     ["service", "queue"])
STOPPED = Gauge("mahalle_consume_stopped", "1 while a consumer takes nothing because its database is away",
                ["service", "queue"])
PUBLISHED = Counter("mahalle_published_events_total", "Events by outcome: confirmed, unread, unroutable, nacked, "
                    "refused, silent, broken, unknown", ["service", "outcome"])
OUTBOX = Gauge("mahalle_outbox_documents", "Documents with unpublished events", ["service"])
OUTBOX_AGE = Gauge("mahalle_outbox_oldest_age_seconds", "Age of the oldest unpublished event", ["service"])
OUTBOX_STUCK = Gauge("mahalle_outbox_stuck_documents", "Documents whose events failed three times or more", ["service"])
RELAY_CONNECTED = Gauge("mahalle_relay_connected", "1 while the relay has its broker connection", ["service"])
CODES = Counter("mahalle_codes_total", "One-time codes that were asked for, by outcome: sent, still_good; refused for what "
                "the address, the network, or all telephones had", ["service", "outcome"])
DELIVERIES = Counter("mahalle_notification_deliveries_total", "Deliveries by channel and state",
                     ["service", "channel", "state"])
