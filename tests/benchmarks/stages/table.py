"""Which function begins which stage: the only place that names them. A rename in the code is a line here.

Names are ``module:name.in.it``, of functions, methods, or attributes of objects. They are looked up in the module that
*calls*: what a module has imported by name is found there. A stage's time is what its functions take without the
stages that they call, so an outer stage holds what is left over: ``handle`` is the handler without loading, deciding and saving.

`tests/benchmarks/tests/test_stages.py` fails where a name is not there any more. Private names of libraries are as good as
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
    "edge": ("chassis.http.serving.middleware:RequestMiddleware.__call__",),
    "log line and metric": ("chassis.http.serving.middleware:RequestMiddleware._observe",),
    "routing and dependencies": ("starlette.middleware.exceptions:ExceptionMiddleware.__call__",),
    "token": ("chassis.auth.tokens:Authenticator.authenticate",),
    "attempt": ("chassis.http.idempotency:UnsafeRequest.__init__", "chassis.http.idempotency:UnsafeRequest.cause"),
    # an event comes in
    "fetch": (
        "aiokafka.consumer.fetcher:Fetcher._fetch_requests_routine",
        "aiokafka.consumer.fetcher:Fetcher._proc_fetch_request",
        "aiokafka.consumer.fetcher:Fetcher.fetched_records",
    ),
    "framework": (
        "faststream.kafka.subscriber.usecase:LogicSubscriber._run_consume_loop",
        "chassis.kafka.faststream_adapter:_parse",
        "chassis.kafka.faststream_adapter:_decode",
    ),
    "dispatch": (
        "chassis.consumer.consumer:Consumer.on_batch",
        "chassis.consumer.processor:Processor.finish",
        "chassis.consumer.coalescing:Coalescer.finish",
    ),
    "decode": ("chassis.consumer.decoder:Decoder.read",),
    # both
    "load": ("chassis.mongo.store:MongoStore.load", "chassis.mongo.store:MongoStore._find"),
    "handle": ("chassis.aggregate.handler:Handler.handle_all",),
    "decide": ("chassis.aggregate.unit_of_work:UnitOfWork.take",),
    "encode": ("chassis.aggregate.unit_of_work:UnitOfWork._records_of",),
    "save": ("chassis.mongo.store:MongoStore.save", "chassis.mongo.bulk_writer:BulkWriter._write"),
    "publish": (
        "chassis.outbox.relay:Relay.submit",
        "chassis.outbox.publisher:Publisher._sort",
        "chassis.outbox.publisher:Publisher._work",
        "chassis.outbox.relay:Relay.acknowledged",
    ),
    "clear": ("chassis.outbox.clearing:Clearing.run",),
    "sweep": ("chassis.outbox.sweep:Sweep.run",),
    "commit": ("chassis.consumer.consumer:Consumer._settle",),
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
