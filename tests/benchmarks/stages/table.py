"""Which function begins which stage: the only place that names them. A rename in the code is a line here.

Names are ``module:name.in.it``, of functions, methods, or attributes of objects. They are looked up in the module that
*calls*: what a module has imported by name is found there. A stage's time is what its functions take without the
stages that they call, so an outer stage holds what is left over: ``handle`` is the handler without loading, deciding and saving.

`tests/domain/test_benchmark_stages.py` fails where a name is not there any more. Private names of libraries are as good as
any: the lock says which version they belong to.
"""

from collections.abc import Mapping, Sequence

HTTP = "uvicorn.protocols.http.httptools_impl"

STAGES: Mapping[str, Sequence[str]] = {
    # a command comes in
    "http server": (
        f"{HTTP}:HttpToolsProtocol.data_received",
        f"{HTTP}:RequestResponseCycle.run_asgi",
        f"{HTTP}:RequestResponseCycle.send",
        f"{HTTP}:RequestResponseCycle.receive",
    ),
    "edge": ("chassis.edge:Edge.__call__",),
    "log line and metric": ("chassis.edge:Edge._observe",),
    "routing and dependencies": ("starlette.middleware.exceptions:ExceptionMiddleware.__call__",),
    "token": ("chassis.auth:Authenticator.authenticate",),
    "attempt": ("chassis.attempts:Attempt.__init__", "chassis.attempts:Attempt.cause"),
    # an event comes in
    "fetch": (
        "aiokafka.consumer.fetcher:Fetcher._fetch_requests_routine",
        "aiokafka.consumer.fetcher:Fetcher._proc_fetch_request",
        "aiokafka.consumer.fetcher:Fetcher.fetched_records",
    ),
    "framework": (
        "faststream.kafka.subscriber.usecase:LogicSubscriber._run_consume_loop",
        "chassis.consumer:Consumer._next_batch",
        "chassis.consumer:_parse",
        "chassis.consumer:_decode",
    ),
    "dispatch": (
        "chassis.consumer:Consumer.on_batch",
        "chassis.records:Records.finish",
        "chassis.runs:Runs.finish",
    ),
    "decode": ("chassis.reading:Reader.read",),
    # both
    "load": ("chassis.store:MongoStore.load", "chassis.store:MongoStore._find"),
    "handle": ("chassis.handler:Handler.handle_all",),
    "decide": ("chassis.drafts:Draft.take",),
    "encode": ("chassis.drafts:Draft._records_of",),
    "save": ("chassis.store:MongoStore.save", "chassis.writes:Writes._write"),
    "publish": (
        "chassis.relay:Relay.submit",
        "chassis.publisher:Publisher._sort",
        "chassis.publisher:Publisher._work",
        "chassis.relay:Relay.acknowledged",
    ),
    "clear": ("chassis.relay:Relay._clear",),
    "sweep": ("chassis.relay:Relay._sweep",),
    "commit": ("chassis.consumer:Consumer._settle",),
    "produce": (
        "aiokafka.producer.sender:Sender._sender_routine",
        "aiokafka.producer.sender:Sender._send_produce_req",
    ),
    "broker connection": (
        "aiokafka.conn:AIOKafkaConnection.send",
        "aiokafka.conn:AIOKafkaConnection._read",
        "asyncio.streams:StreamReaderProtocol.data_received",
    ),
}

ITEMS = "decide"
"""The stage that is begun once for each command and each event, also where several are saved together: what the others are
divided by."""
