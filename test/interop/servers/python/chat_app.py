"""What the two servers in Python serve: an app on plain_wire.py."""

import asyncio
import json
import sys

from frames import Failure
from plain_wire import Connection

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 0  # any
PING_MS = int(sys.argv[2]) if len(sys.argv) > 2 else 15_000

users = {"s3cret": "ada"}  # by token
banned = {"b4nned"}
channels = {"chat": set()}  # who is in each


class Client(Connection):
    def authenticate(self, token):
        if token in banned:
            raise Failure(4403, "You may not come back.")
        if token not in users:
            raise Failure(4401, "The token is not valid.")
        return users[token]

    async def do_sum(self, numbers):
        return sum(numbers)

    async def do_fail(self, _):
        raise Failure("no_such_room", "There is no room 9.", {"room": 9})

    async def do_slow(self, ms):
        await asyncio.sleep(ms / 1000)

    async def do_count(self, n):
        for i in range(1, n + 1):
            yield i
            await asyncio.sleep(0.001)

    async def do_running(self, _):
        return len(self.running) - 1  # this one apart

    async def do_delete(self, room):
        return await self.ask("confirm", f"Delete {room}?")

    async def do_disconnect(self, close):
        await self.close(close["code"], close["reason"])

    async def do_join(self, params):
        channel = params.get("channel")
        if channel not in channels:
            raise Failure("no_such_channel", "There is no such channel.")
        channels[channel].add(self)
        return {"members": len(channels[channel])}

    async def do_leave(self, params):
        channels[params.get("channel")].discard(self)

    def on_event(self, channel, event, data):
        if self not in channels.get(channel, ()):
            return  # P6.4
        if event == "message" and isinstance(data, dict):
            data = {"from": self.user, "text": data.get("text")}
            text = json.dumps({"channel": channel, "event": event, "data": data})
            for client in channels[channel]:
                client.push(text)

    async def on_message(self, message):
        await self.outbox.put(message)  # an echo

    def lost(self):
        super().lost()
        for clients in channels.values():
            clients.discard(self)
