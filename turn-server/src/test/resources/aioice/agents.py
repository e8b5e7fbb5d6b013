"""Two ICE agents of aioice that have relayed candidates alone, and talk to each other.

Usage: agents.py HOST PORT udp|tcp|tls USERNAME PASSWORD [CERTIFICATE]
"""

import asyncio
import ssl
import sys

import aioice
import aioice.ice

host, port, transport, username, password, *certificate = sys.argv[1:]

# without addresses of their own the agents have nothing but the relay
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: []


def tls():
    if transport != "tls":
        return False
    context = ssl.create_default_context(cafile=certificate[0])
    context.check_hostname = False
    return context


def agent(controlling):
    return aioice.Connection(
        ice_controlling=controlling,
        turn_server=(host, int(port)),
        turn_username=username,
        turn_password=password,
        turn_ssl=tls(),
        turn_transport="udp" if transport == "udp" else "tcp",
        transport_policy=aioice.TransportPolicy.RELAY,
    )


async def introduce(one, other):
    for candidate in one.local_candidates:
        print("candidate", candidate.type, candidate.host)
        await other.add_remote_candidate(candidate)
    await other.add_remote_candidate(None)
    other.remote_username = one.local_username
    other.remote_password = one.local_password


async def main():
    alice, bob = agent(True), agent(False)
    await asyncio.gather(alice.gather_candidates(), bob.gather_candidates())
    await introduce(alice, bob)
    await introduce(bob, alice)
    await asyncio.gather(alice.connect(), bob.connect())
    for size in range(1, 1201, 109):
        await alice.send(b"a" * size)
        assert await bob.recv() == b"a" * size
        await bob.send(b"b" * size)
        assert await alice.recv() == b"b" * size
    await asyncio.gather(alice.close(), bob.close())
    print("done")


asyncio.run(asyncio.wait_for(main(), 20))
