"""Counts of the running service for Prometheus; each app has its own."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.deps import Service
from arrisk.errors import StoreError
from arrisk.store import count_connections, count_jobs

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counts of requests, which one asks for with the state of the service beside them.

    Parameters
    ----------
    service : whose state is told when somebody asks.
    """

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "arrisk_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "arrisk_request_seconds",
            "Seconds from a request's first byte to its answer's last.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_State(service))

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def write(self) -> bytes:
        """Write everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _State(Collector):
    """What is looked up at the moment of asking."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily]:
        service = self._service
        yield GaugeMetricFamily("arrisk_models_loaded", "Models in memory.", value=len(service.models))
        jobs = GaugeMetricFamily("arrisk_jobs", "Jobs by state.", labels=["state"])
        is_up = 1
        try:
            for job_state, count in count_jobs(service.database).items():
                jobs.add_metric([job_state], count)
        except StoreError:
            is_up = 0
        yield jobs
        yield GaugeMetricFamily("arrisk_database_up", "1 = the database answers.", value=is_up)
        connections = GaugeMetricFamily(
            "arrisk_database_connections", "Connections of this process by what they do.", labels=["state"]
        )
        for state, count in count_connections(service.database).items():
            connections.add_metric([state], count)
        yield connections
