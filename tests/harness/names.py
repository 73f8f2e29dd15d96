"""A name server on a loopback port: real DNS over UDP, whose records are a dictionary."""

import socket
import threading
from contextlib import suppress

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from kontor_local.ports import HOST

STOP = b"stop"


class NameServer:
    """Answers for the TXT records in ``texts``; any other name does not exist. ``asked``: the names, as they came."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self.address = f"{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(STOP, (HOST, self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, sender = self._socket.recvfrom(4096)
            if wire == STOP:
                return
            with suppress(dns.exception.DNSException):
                self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        question = query.question[0]
        name = question.name.to_text().rstrip(".").lower()
        self.asked.append(name)
        if name not in self.texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT and self.texts[name]:
            # A text longer than 255 bytes travels in several strings.
            rows = (" ".join(f'"{t[i : i + 200]}"' for i in range(0, len(t), 200)) for t in self.texts[name])
            answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", "TXT", *rows))
        return answer
