"""DNS cookies: 64 bits that only somebody who has seen our question can send back.

It knows: which servers have shown that they send cookies.
It must not know: what a reply says otherwise.
Follows RFC 7873 §4 (the option), §5.1-5.3 (the client's part); BADCOOKIE is answered by asking over TCP.
"""

import hashlib
import random

from dns.edns import CookieOption
from dns.message import Message

CLIENT_COOKIE_BYTES = 8


class CookieJar:
    """Our cookies, one for each server, and those that servers have given us."""

    def __init__(self, rng: random.Random):
        self._secret = rng.randbytes(16)
        self._servers: dict[str, bytes] = {}

    def option_for(self, server: str) -> CookieOption:
        """Return what to send to a server: our cookie, and its own if it gave us one."""
        return CookieOption(self._ours(server), self._servers.get(server, b""))

    def accepts(self, server: str, reply: Message) -> bool:
        """Return whether a reply carries the cookie that it must carry, and remember the server's."""
        cookie = next((option for option in reply.options if isinstance(option, CookieOption)), None)
        if cookie is None:
            return server not in self._servers  # one that has sent cookies does not stop: this is a forger
        if cookie.client != self._ours(server):
            return False
        if cookie.server:
            self._servers[server] = cookie.server
        return True

    def _ours(self, server: str) -> bytes:
        """Return our cookie for a server: another one for each, so that none can be passed on (RFC 7873 §4.1)."""
        return hashlib.sha256(self._secret + server.encode()).digest()[:CLIENT_COOKIE_BYTES]
