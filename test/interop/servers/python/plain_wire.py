"""The plain wire for a server on asyncio, whatever carries its WebSockets. P-numbers name the rules of PROTOCOL.md.

Copy it with frames.py, and build your app as chat_app.py does. Needs Python 3.10. Left out: a limit of messages a
second (P8.1).
"""

import asyncio
import inspect
import itertools
import json
import time

from frames import Failure, parse

AUTH_SECONDS = ASK_SECONDS = 10
MAX_OPEN_REQUESTS = 64
MAX_WAITING_MESSAGES = 256  # for one slow reader


class Connection:
    """The server's end of one WebSocket.

    `send(message)` and `close(code, reason)` are coroutines of the socket. Await `receive` for each message in turn,
    call `lost` at the end. A subclass is the app: its `do_x` answers `x` by what it returns, or by items it yields.
    """

    def __init__(self, send, close, ping_ms):
        self.send_now = send
        self.close = close
        self.ping_ms = ping_ms
        self.user = None
        self.outbox = asyncio.Queue(MAX_WAITING_MESSAGES)
        self.running = {}  # what the page asked: id to task
        self.asked = {}  # what we asked the page: id to future
        self.ids = itertools.count(1)
        self.heard = time.monotonic()
        self.life = asyncio.create_task(self.expect_auth())

    async def send(self, **frame):
        await self.outbox.put(json.dumps(frame, allow_nan=False))

    def push(self, text):
        """Sends without waiting for the reader: one that is too slow has to go, P8.1."""
        try:
            self.outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.life.cancel()
            self.life = asyncio.create_task(self.close(1013, "too slow"))

    async def ask(self, method, params):
        """Asks the page, and gives its answer."""
        id = next(self.ids)
        self.asked[id] = asyncio.get_running_loop().create_future()
        try:
            await self.send(id=id, method=method, params=params)
            answer = await asyncio.wait_for(self.asked[id], ASK_SECONDS)
        finally:
            del self.asked[id]
        if error := answer.get("error"):
            raise Failure(error["code"], error["message"], error.get("data"))
        return answer["result"]

    async def receive(self, message):
        self.heard = time.monotonic()
        frame = parse(message)
        if self.user is None:
            return await self.admit(frame)
        match frame:
            case "ping":
                await self.outbox.put("pong")  # P3.1
            case "pong":
                pass
            case {"id": int() | str() as id, "method": "join" | "leave" as method, "params": dict(params)}:
                await self.answer(id, method, params)  # now, so that the events after it count: P6.4
            case {"id": int() | str() as id, "method": str()} if len(self.running) >= MAX_OPEN_REQUESTS:  # P8.1
                await self.send(id=id, error={"code": "too_many_requests", "message": "Wait for an answer first."})
            case {"id": int() | str() as id, "method": str(method)} if id not in self.running:
                self.running[id] = asyncio.create_task(self.answer(id, method, frame.get("params")))
            case {"id": int() | str() as id, "cancel": True}:
                if id in self.running:
                    self.running[id].cancel()  # P4.5
            case {"id": int(id), "result": _} | {"id": int(id), "error": {"code": _, "message": _}}:
                if id in self.asked and not self.asked[id].done():  # else it came too late: P4.6
                    self.asked[id].set_result(frame)
            case {"channel": str(channel), "event": str(event)}:
                self.on_event(channel, event, frame.get("data"))
            case {"id": _, "method": _} | {"id": _, "result": _} | {"id": _, "error": _} | {"channel": _, "event": _}:
                print("ignored:", frame, flush=True)  # wrong types in it: P2.4
            case _:
                await self.on_message(message)  # P2.3

    async def admit(self, frame):
        match frame:
            case {"id": int() | str() as id, "method": "auth", "params": {"token": str(token)}}:
                try:
                    self.user = self.authenticate(token)
                except Failure as refusal:
                    await self.send_now(json.dumps({"id": id, "error": refusal.body}))
                    return await self.close(refusal.body["code"], str(refusal))  # P5.2
                await self.send_now(json.dumps({"id": id, "result": None}))
                self.life.cancel()
                self.life = asyncio.create_task(self.talk())
            case _:
                await self.close(4401, "authenticate first")  # P5.3

    async def answer(self, id, method, params):
        try:
            do = getattr(self, "do_" + method, None)
            if not do:
                raise Failure(-32601, "There is no such method.")
            if not inspect.isasyncgenfunction(do):
                return await self.send(id=id, result=await do(params))
            async for item in do(params):
                await self.send(id=id, item=item)
            await self.send(id=id, result=None)  # P4.4
        except Failure as failure:
            await self.send(id=id, error=failure.body)
        except Exception as error:
            print(f"{method}: {error!r}", flush=True)
            await self.send(id=id, error={"code": -32603, "message": "Internal error."})
        finally:
            self.running.pop(id, None)

    async def expect_auth(self):
        await asyncio.sleep(AUTH_SECONDS)
        await self.close(4401, "authenticate in time")  # P5.3

    async def talk(self):
        heartbeat = asyncio.create_task(self.beat())
        try:
            while True:
                await self.send_now(await self.outbox.get())
        finally:
            heartbeat.cancel()

    async def beat(self):
        while time.monotonic() - self.heard < 2 * self.ping_ms / 1000:
            self.push(f"ping {self.ping_ms}")  # P3.2
            await asyncio.sleep(self.ping_ms / 1000)
        await self.close(4408, "not heard")  # P3.5

    def lost(self):
        for task in (self.life, *self.running.values(), *self.asked.values()):  # P4.7
            task.cancel()
