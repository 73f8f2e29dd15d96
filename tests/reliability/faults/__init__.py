"""Every fault by its name. A new one is a function here and joins by a line in `FAULTS`.

Each ends by itself and leaves the fleet complete. What was done is written down with its times.
"""

from reliability.faults import instances, servers, topics
from reliability.nemesis import Attack

FAULTS: dict[str, Attack] = {
    "kill": instances.kill,
    "stop": instances.stop,
    "starve": instances.starve,
    "restart": instances.restart,
    "rolling": instances.rolling,
    "rebalance": instances.rebalance,
    "skew": instances.skew,
    "delay": instances.delay,
    "smtp-away": servers.mail_server_away,
    "smtp-refuses": servers.mail_server_refuses,
    "smtp-network": servers.mail_network,
    "database-network": servers.database_network,
    "database-slow": servers.database_slow,
    "database-away": servers.database_away,
    "database-behind": servers.database_away_and_behind,
    "broker": servers.broker,
    "broker-stop": servers.broker_stands_still,
    "broker-network": servers.broker_network,
    "reread": topics.reread,
    "choke": topics.choked,
    "poison": topics.poisoned,
}
