"""A holdfast server in one file: the plain wire and sessions, on Python's asyncio and websockets.

Copy it, and put your app where "The app" says. P-numbers name the rules of PROTOCOL.md. Needs Python 3.10 and
websockets 10.4 or later:

    python3 server.py --port 8080

Everything lives in one event loop, so nothing here needs a lock. Sessions live in memory: they end with the process.
"""

import argparse
import asyncio
import collections
import contextlib
import hmac
import inspect
import itertools
import json
import re
import secrets
import signal
import time

import websockets

AUTH_SECONDS = 10
ASK_SECONDS = 30
CLOSE_SECONDS = 2  # for a socket that was told to close; then it is cut
MAX_MESSAGE = 2**20  # bytes
MAX_SOCKETS = 10_000
MAX_WAITING_BYTES = 4 * 2**20  # for one slow reader
MAX_OPEN_REQUESTS = 256
MAX_PER_SECOND, MAX_BURST = 1_000, 10_000  # messages of one client
MAX_SESSIONS = 20_000
MAX_KEPT_MESSAGES, MAX_KEPT_BYTES = 10_000, 4 * 2**20  # of one session, not acknowledged
MAX_TOTAL_BYTES = 256 * 2**20  # of all sessions
MAX_TOMBSTONES = 10_000  # sessions that are gone, to say why
MAX_ANSWERS = 10_000  # to idempotent requests
MAX_HISTORY = 1_000  # events of a channel
MAX_NAME, MAX_HI, MAX_KEY = 128, 65_536, 256  # P14.4, P13.3
STREAM_MARK = 65_536  # bytes: a stream waits while more wait for its reader
ACK_SECONDS, ACK_MESSAGES, ACK_BYTES = 0.25, 32, 65_536  # P10.5

parser = argparse.ArgumentParser(description="A holdfast server.")
parser.add_argument("--port", type=int, default=0, help="0 for any; it is printed")
parser.add_argument("--ping-ms", type=int, default=15_000, help="time between two pings")
parser.add_argument("--ttl-ms", type=int, default=300_000, help="how long a session waits for its page")
options = parser.parse_args()


class Failure(Exception):
    """Travels to the page as it is worded. Of any other exception the page learns nothing: P4.3."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.body = {"code": code, "message": message} | ({} if data is None else {"data": data})


# ---- The app ----------------------------------------------------------------------------------------------------------


def authenticate(token):
    """Gives the user. The code of a refusal is that of the close: 4401 to come back with a fresh token, 4403 not to."""
    if token == "s3cret":
        return "ada"
    raise Failure(4403 if token == "b4nned" else 4401, "The token is not valid.")


tickets = itertools.count(1)


class App:
    """`do_x` answers the method `x`: by what it returns, or by the items that it yields."""

    async def do_echo(self, client, params):
        return params

    async def do_fail(self, client, params):
        raise Failure("no_such_room", "There is no room 9.", {"room": 9})

    async def do_crash(self, client, params):
        raise RuntimeError("nobody is to see this")

    async def do_slow(self, client, ms):
        await asyncio.sleep(ms / 1000)

    async def do_count(self, client, n):
        for i in range(1, n + 1):
            yield i
            await asyncio.sleep(0.001)

    async def do_running(self, client, params):
        return sum(len(one.running) for one in clients) - 1  # this one apart

    async def do_ticket(self, client, params):
        return next(tickets)

    async def do_ask(self, client, params):
        return await client.ask("confirm", params)

    async def do_disconnect(self, client, params):
        client.line.end(params["code"], params["reason"])

    async def do_depart(self, client, params):
        leaving.set()

    def on_event(self, client, channel, event, data):
        """An event of a client that is in the channel."""
        if event == "message" and isinstance(data, dict):
            channel.send(event, {**data, "from": client.user})

    def on_message(self, client, message):
        """Text that is no frame, or bytes: P2.3."""
        client.line.write(message)


# ---- Channels: section 6, and their history: P13.4 to P13.8 ------------------------------------------------------------


class Channel:
    def __init__(self, name):
        self.name = name
        self.members = set()
        self.epoch = "h" + secrets.token_urlsafe(16)
        self.offset = 0
        self.history = collections.deque(maxlen=MAX_HISTORY)  # texts of events; the last has the offset `offset`
        self.history_bytes = 0

    def send(self, event, data):
        self.offset += 1
        text = encode({"channel": self.name, "event": event, "data": data, "offset": self.offset})
        if len(self.history) == MAX_HISTORY:
            self.history_bytes -= len(self.history[0])
        self.history.append(text)
        self.history_bytes += len(text)
        while self.history_bytes > MAX_KEPT_BYTES:
            self.history_bytes -= len(self.history.popleft())
        for member in list(self.members):  # one that is too slow leaves meanwhile
            member.line.write(text)

    def missed(self, since):
        """The events after a position, or None if not all of them are there: P13.5."""
        match since:
            case {"epoch": self.epoch, "offset": int(offset)} if 0 <= self.offset - offset <= len(self.history):
                return list(self.history)[len(self.history) - (self.offset - offset) :]
        return None


channels = {"chat": Channel("chat")}
clients = set()  # on the plain wire one for each socket; in a session one for all its sockets
leaving = asyncio.Event()


# ---- A client: sections 2 and 4 ---------------------------------------------------------------------------------------


def encode(value):
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def parse(message):
    """The object in a text; any other message as it came."""
    try:
        value = json.loads(message) if isinstance(message, str) and message[:1] == "{" else None
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else message


def is_id(value):
    """A text, or a safe integer; in Python True is an integer too: P2.1."""
    return isinstance(value, str) or (type(value) is int and abs(value) < 2**53)


class Client:
    """Who is in. `line` carries what it is sent: a socket, or a session."""

    app = App()

    def __init__(self, user, line):
        self.user = user
        self.line = line
        self.running = {}  # what the page asked: id to task
        self.asked = {}  # what the page was asked: id to future
        self.ids = itertools.count(1)
        clients.add(self)

    def send(self, **frame):
        self.line.write(encode(frame))

    async def ask(self, method, params):
        """Asks the page, and gives its answer: P4.1."""
        id = next(self.ids)
        self.asked[id] = asyncio.get_running_loop().create_future()
        try:
            self.send(id=id, method=method, params=params)
            answer = await asyncio.wait_for(self.asked[id], ASK_SECONDS)
        finally:
            del self.asked[id]
        if "error" in answer:
            error = answer["error"]
            raise Failure(error["code"], error["message"], error.get("data"))
        return answer["result"]

    def hear(self, message):
        """Handles one message after the other: P2.5. What has the wrong types in it is ignored: P2.4."""
        match frame := parse(message):
            case {"channel": channel, "event": event}:
                if isinstance(channel, str) and isinstance(event, str) and channel in channels:
                    if self in channels[channel].members:  # P6.4
                        self.app.on_event(self, channels[channel], event, frame.get("data"))
            case {"id": id, "method": method}:
                if is_id(id) and isinstance(method, str) and id not in self.running:
                    self.begin(id, method, frame)
            case {"id": id, "cancel": cancel}:
                if is_id(id) and cancel is True and id in self.running:
                    self.running.pop(id).cancel()  # P4.5
            case {"id": id, "result": _} | {"id": id, "error": {"code": _, "message": str()}}:
                if type(id) is int and id in self.asked and not self.asked[id].done():  # else nobody waits: P4.6
                    self.asked[id].set_result(frame)
            case {"id": _, "error": _} | {"id": _, "item": _}:
                pass
            case _:
                self.app.on_message(self, message)

    def begin(self, id, method, frame):
        match frame:
            case {"method": "auth"}:
                self.send(id=id, error={"code": -32600, "message": "You have authenticated already."})
            case {"method": "join" | "leave"}:
                self.move(id, method, frame.get("params"))  # now, so that the events after it count: P6.4
            case _ if len(self.running) >= MAX_OPEN_REQUESTS:  # P8.1
                self.send(id=id, error={"code": "too_many_requests", "message": "Wait for an answer first."})
            case _:
                self.running[id] = asyncio.create_task(self.answer(id, method, frame))

    def move(self, id, method, params):
        """Answers `join` and `leave`: P6.2."""
        name = params.get("channel") if isinstance(params, dict) else None
        channel = channels.get(name) if isinstance(name, str) else None
        if channel is None:
            self.send(id=id, error={"code": "no_such_channel", "message": "There is no such channel."})
        elif method == "leave":
            channel.members.discard(self)
            self.send(id=id, result=None)
        else:
            missed = channel.missed(params.get("since"))
            position = {"epoch": channel.epoch, "offset": channel.offset, "recovered": missed is not None}
            self.send(id=id, result={"members": len(channel.members | {self})}, position=position)
            for text in missed or ():
                self.line.write(text)
            channel.members.add(self)

    async def answer(self, id, method, frame):
        """Answers by one result or error: P4.2. After `timeoutMs`, as after a cancel, by nothing: P13.9."""
        timeout_ms = frame.get("timeoutMs")
        timeout = timeout_ms / 1000 if type(timeout_ms) in (int, float) and timeout_ms > 0 else None
        try:
            outcome = await asyncio.wait_for(self.outcome(id, method, frame), timeout)
        except asyncio.TimeoutError:
            outcome = None
        # What was cancelled meanwhile, or is a newer one of that id, is none of its business.
        if self.running.get(id) is asyncio.current_task():
            del self.running[id]
            if outcome:
                self.send(id=id, **outcome)

    async def outcome(self, id, method, frame):
        key = frame.get("key")
        do = getattr(self.app, "do_" + method, None)
        if do is None:
            return {"error": {"code": -32601, "message": "There is no such method."}}
        if key is None or inspect.isasyncgenfunction(do):
            return await self.run(do, id, frame.get("params"))
        if not isinstance(key, str) or not 1 <= len(key) <= MAX_KEY:
            return {"error": {"code": -32600, "message": "key: expected 1 to 256 characters."}}
        return await remember(key, self.user, lambda: self.run(do, id, frame.get("params")))

    async def run(self, do, id, params):
        try:
            if not inspect.isasyncgenfunction(do):
                return {"result": await do(self, params)}
            async with contextlib.aclosing(do(self, params)) as items:
                async for item in items:
                    self.send(id=id, item=item)
                    await self.line.drained()
            return {"result": None}  # P4.4
        except Failure as failure:
            return {"error": failure.body}
        except Exception as error:  # P4.3
            print(f"{do.__name__}: {error!r}", flush=True)
            return {"error": {"code": -32603, "message": "Internal error."}}

    def gone(self):
        """P4.7"""
        clients.discard(self)
        for channel in channels.values():
            channel.members.discard(self)
        for task in (*self.running.values(), *self.asked.values()):
            task.cancel()
        self.running.clear()


answers = collections.OrderedDict()  # key to the user and the task that answers


async def remember(key, user, run):
    """The outcome of the request with this key, which runs once: P13.3. Who cancels stops waiting for it, no more."""
    if key not in answers:
        answers[key] = (user, asyncio.create_task(run()))
        if len(answers) > MAX_ANSWERS:
            answers.popitem(last=False)
    owner, task = answers[key]
    if owner != user:
        return {"error": {"code": -32600, "message": "This key is not yours."}}
    return await asyncio.shield(task)


# ---- A socket: what goes out waits here, and is bounded ----------------------------------------------------------------


class Socket:
    def __init__(self, ws):
        self.ws = ws
        self.client = None  # on the plain wire
        self.session = None
        self.is_closing = False
        self.waiting = collections.deque()
        self.waiting_bytes = 0
        self.wake = asyncio.Event()
        self.heard = self.filled_at = time.monotonic()
        self.tokens = MAX_BURST
        self.tasks = [asyncio.create_task(self.pour()), asyncio.create_task(self.beat())]

    def push(self, message):
        """Sends a message that is bounded elsewhere."""
        if not self.is_closing:
            self.waiting.append(message)
            self.waiting_bytes += len(message)
            self.wake.set()

    def write(self, message):
        """Sends a message of the plain wire. A reader that is too slow has to go: P8.1."""
        if self.waiting_bytes > MAX_WAITING_BYTES:
            self.end(1013, "too slow")
        self.push(message)

    async def drained(self):
        while self.waiting_bytes > STREAM_MARK and not self.is_closing:
            await asyncio.sleep(0.02)

    def end(self, code, reason):
        """Closes it, when all before has gone out; one that reads nothing is cut."""
        if self.is_closing:
            return
        if self.session:
            self.session.settle()  # P10.5
        self.waiting.append((code, reason[:120]))
        self.is_closing = True
        self.wake.set()
        self.tasks.append(asyncio.create_task(self.cut_later()))
        self.lost()

    async def cut_later(self):
        await asyncio.sleep(CLOSE_SECONDS)
        self.ws.transport.abort()

    async def pour(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                while self.waiting:
                    message = self.waiting.popleft()
                    if isinstance(message, tuple):
                        return await self.ws.close(*message)
                    await self.ws.send(message)
                    self.waiting_bytes -= len(message)
                self.wake.clear()
                await self.wake.wait()

    async def beat(self):
        """Pings, says how often, and gives up whom it has not heard for two intervals: P3.2, P3.5."""
        while time.monotonic() - self.heard < 2 * options.ping_ms / 1000:
            if self.client or self.session:
                self.say_beat(f"ping {options.ping_ms}")
            await asyncio.sleep(options.ping_ms / 1000)
        self.end(4408, "not heard")

    def say_beat(self, text):
        if self.session:
            self.session.settle()  # P10.5
        self.push(text)

    def receive(self, message):
        now = self.heard = time.monotonic()
        self.tokens = min(MAX_BURST, self.tokens + (now - self.filled_at) * MAX_PER_SECOND) - 1
        self.filled_at = now
        if self.tokens < 0:
            return self.end(4429, "too many messages")
        if isinstance(message, str) and re.fullmatch(r"ping( \d{1,8})?", message):
            self.say_beat("pong")  # P3.1
        elif message == "pong":
            pass
        elif self.session:
            self.session.receive(self, message)
        elif self.client:
            self.client.hear(message)
        else:
            self.enter(message)

    def enter(self, message):
        """The first message says which wire is spoken: P9.1."""
        match parse(message):
            case {"hi": hi}:
                greet(self, hi, len(message.encode()))
            case {"id": id, "method": "auth", "params": {"token": token}} if is_id(id):
                try:
                    self.client = Client(authenticate(token), self)
                    self.client.send(id=id, result=None)
                    self.push(f"ping {options.ping_ms}")
                except Failure as refusal:
                    self.push(encode({"id": id, "error": refusal.body}))
                    self.end(refusal.body["code"], str(refusal))  # P5.2
            case _:
                self.end(4401, "authenticate first")  # P5.3

    def lost(self):
        """The socket is gone, or as good as gone."""
        self.is_closing = True
        if self.client:
            self.client.gone()
        if self.session:
            self.session.lost(self)


# ---- Sessions: sections 9 to 14 ----------------------------------------------------------------------------------------

NUMBER = "(0|[1-9][0-9]{0,14})"
HEADER = re.compile(f"{NUMBER} {NUMBER} ")
LONE_ACK = re.compile(f"ack {NUMBER}")
EPOCH = "e" + secrets.token_urlsafe(16)

sessions = collections.OrderedDict()  # by id; those without a socket are oldest first
tombstones = collections.OrderedDict()  # id to keys and the reason
total_bytes = 0


def knows(keys, key):
    """Compares in constant time: P11.7."""
    return any([hmac.compare_digest(one.encode(), key.encode()) for one in keys])


class Session:
    """A conversation that outlives its sockets. It is the line of its client."""

    def __init__(self, user):
        self.id = "s" + secrets.token_urlsafe(16)
        self.keys = []
        self.attempt = 0
        self.socket = None
        self.timer = None  # of its end, while it has no socket
        self.received = 0
        self.told = 0  # the ack that went out last
        self.owed_bytes = 0
        self.ack_timer = None
        self.sent = 0
        self.kept = collections.deque()  # what was sent and not acknowledged, up to the number `sent`
        self.kept_bytes = 0
        self.has_ended = False
        sessions[self.id] = self
        self.client = Client(user, self)

    @property
    def acked(self):
        return self.sent - len(self.kept)

    # What goes out

    def write(self, message):
        """Numbers a message, and keeps it until it is acknowledged: P10.1, P10.6."""
        if self.has_ended:
            return
        if len(self.kept) >= MAX_KEPT_MESSAGES or self.kept_bytes >= MAX_KEPT_BYTES:
            return self.drop("overflow", 4002, "too slow")  # P14.1
        self.sent += 1
        self.kept.append(message)
        self.count(len(message))
        self.put(self.sent, message)
        while total_bytes > MAX_TOTAL_BYTES and evict():  # P14.2
            pass

    def put(self, number, message):
        """Each data frame carries an ack: P10.5."""
        if not self.socket:
            return
        header = f"{number} {self.tell()} "
        self.socket.push(header + message if isinstance(message, str) else header.encode() + message)

    async def drained(self):
        while not self.has_ended and (
            not self.socket or self.kept_bytes > MAX_KEPT_BYTES / 2 or len(self.kept) > MAX_KEPT_MESSAGES / 2
        ):
            await asyncio.sleep(0.02)
        if self.socket:
            await self.socket.drained()

    def tell(self):
        """The ack that goes out now. Handlers here finish at once, so all that was received is handled: P10.3."""
        if self.ack_timer:
            self.ack_timer.cancel()
        self.ack_timer = None
        self.owed_bytes = 0
        self.told = self.received
        return self.told

    def settle(self):
        """Sends the ack that is owed."""
        if self.socket and self.received > self.told:
            self.socket.push(f"ack {self.tell()}")

    def owe(self):
        if self.received - self.told >= ACK_MESSAGES or self.owed_bytes >= ACK_BYTES:
            self.settle()
        elif self.received > self.told and not self.ack_timer:
            self.ack_timer = asyncio.get_running_loop().call_later(ACK_SECONDS, self.settle)

    # What comes in

    def receive(self, socket, message):
        text = message if isinstance(message, str) else message[:40].decode("latin-1")
        if header := HEADER.match(text):
            del self.keys[:-1]  # the page has the newest: P11.7
            self.take(socket, int(header[1]), int(header[2]), message[header.end() :], len(message))
        elif isinstance(message, str) and (ack := LONE_ACK.fullmatch(message)):
            del self.keys[:-1]
            self.acknowledge(int(ack[1]))
        elif isinstance(parse(message), dict) and isinstance(parse(message).get("bye"), dict):
            del self.keys[:-1]
            self.farewell()
        # Anything else is ignored: P9.5.

    def take(self, socket, number, ack, payload, size):
        """P10.2"""
        if not self.acknowledge(ack):
            return
        if number > self.received + 1:
            return socket.end(4003, f"expected {self.received + 1}, got {number}")
        if number == 0:
            return self.client.hear(payload)
        if number == self.received + 1:
            self.received = number
            self.owed_bytes += size
            self.client.hear(payload)
            self.owe()

    def acknowledge(self, ack):
        """Tells whether the session goes on: P10.4."""
        if self.has_ended:
            return False
        if ack > self.sent:
            self.end(4400, "ack from the future")
            return False
        while self.acked < ack:
            self.count(-len(self.kept.popleft()))
        return True

    # Its life

    def attach(self, socket, shown, hi):
        """Answers `hi`. Whoever had the session is fenced, and only then its position is read: P11.6."""
        old, self.socket = self.socket, None
        if old:
            old.end(4001, "resumed elsewhere")
        if self.timer:
            self.timer.cancel()
        self.socket = socket
        socket.session = self
        self.attempt = max(self.attempt, hi.get("attempt", 0))
        self.keys = [*([shown] if shown else []), "k" + secrets.token_urlsafe(16)]
        return {
            "session": self.id,
            "key": self.keys[-1],
            "epoch": EPOCH,
            "resumed": shown is not None,
            "received": self.received,
            "sent": self.sent,
            "ttlMs": options.ttl_ms,
            "pingMs": options.ping_ms,
            "maxPayload": MAX_MESSAGE,
        }

    def replay(self, position):
        """P11.3; the ack is owed anew, as the last one may have been lost: P10.5."""
        self.told = 0
        first = position + 1
        for number, message in enumerate(list(self.kept)[position - self.acked :], first):
            self.put(number, message)
        self.owe()

    def lost(self, socket):
        """Keeps it for a page that may come back: P11.1."""
        if self.socket is not socket or self.has_ended:
            return
        self.socket = None
        if self.ack_timer:
            self.ack_timer.cancel()
            self.ack_timer = None
        sessions.move_to_end(self.id)
        self.timer = asyncio.get_running_loop().call_later(options.ttl_ms / 1000, self.drop, "expired")

    def drop(self, why, code=1000, reason=""):
        """Ends it, and remembers why for a page that can show its key: P11.9."""
        tombstones[self.id] = (self.keys, why)
        if len(tombstones) > MAX_TOMBSTONES:
            tombstones.popitem(last=False)
        self.end(code, reason)

    def end(self, code=1000, reason=""):
        if self.has_ended:
            return
        if self.socket:
            self.socket.end(code, reason)
        self.finish()

    def finish(self):
        self.has_ended = True
        self.count(-self.kept_bytes)
        self.kept.clear()
        for timer in (self.timer, self.ack_timer):
            if timer:
                timer.cancel()
        sessions.pop(self.id, None)
        self.client.gone()

    def count(self, size):
        global total_bytes
        self.kept_bytes += size
        total_bytes += size

    def farewell(self):
        """The page has said everything: P11.11. If this server goes, it waits for the last word: P12.4."""
        if leaving.is_set():
            asyncio.create_task(self.last_word())
        else:
            self.end(1000, "")

    async def last_word(self):
        with contextlib.suppress(asyncio.TimeoutError):
            tasks = list(self.client.running.values())
            await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), GRACE_SECONDS)
        if not self.has_ended:
            self.settle()
            if self.socket:
                self.socket.push(encode({"bye": {"done": True}}))
            self.finish()


def evict():
    """Ends the session that waits longest for its page: P14.2. Tells whether there was one."""
    oldest = next((one for one in sessions.values() if not one.socket), None)
    if oldest:
        oldest.drop("expired")
    return oldest is not None


def is_hi(hi):
    """P9.6, P14.4"""
    is_count = lambda value: type(value) is int and 0 <= value < 2**53
    is_name = lambda value: isinstance(value, str) and 1 <= len(value) <= MAX_NAME
    match hi:
        case {"version": 1, "client": str(client)} if 16 <= len(client) <= MAX_NAME:
            held = {name: hi[name] for name in ("session", "key", "received") if name in hi}
            is_whole = len(held) == 3 and is_name(hi["session"]) and is_name(hi["key"]) and is_count(hi["received"])
            return type(hi["version"]) is int and (not held or is_whole) and is_count(hi.get("attempt", 0))
    return False


def find(hi, user):
    """The session that a page may resume, or why not: P11.4, P11.9."""
    session = sessions.get(hi["session"])
    if not session:
        keys, why = tombstones.get(hi["session"], ([], ""))
        return why if knows(keys, hi["key"]) else "unknown"
    if not knows(session.keys, hi["key"]):
        return "unknown"
    if session.client.user != user:
        return "subject"
    return session if session.acked <= hi["received"] <= session.sent else "position"


def greet(socket, hi, size):
    """Answers `hi`: P11.2."""

    def refuse(code, reason):
        socket.push(encode({"no": {"code": code, "reason": reason}}))
        socket.end(code, reason)

    if size > MAX_HI or not is_hi(hi):
        return refuse(4400, "a malformed hi")
    try:
        user = authenticate(hi.get("token"))  # before anything else: P11.5
    except Failure as refusal:
        return refuse(refusal.body["code"], str(refusal))
    found = find(hi, user) if "session" in hi else None
    if isinstance(found, Session):
        if "attempt" in hi and hi["attempt"] <= found.attempt:
            return socket.end(4001, "a later hi was answered")  # P11.13
        socket.push(encode({"ok": found.attach(socket, hi["key"], hi)}))
        found.replay(hi["received"])
    elif len(sessions) < MAX_SESSIONS or evict():
        ok = Session(user).attach(socket, None, hi)
        socket.push(encode({"ok": ok | ({"why": found} if found else {})}))
    else:
        return refuse(1013, "too many sessions retry=0-5000")
    socket.push(f"ping {options.ping_ms}")


# ---- The server --------------------------------------------------------------------------------------------------------

sockets = set()
GRACE_SECONDS = 2


async def serve(ws):
    socket = Socket(ws)
    sockets.add(socket)
    loop = asyncio.get_running_loop()
    late = loop.call_later(AUTH_SECONDS, lambda: socket.client or socket.session or socket.end(4401, "authenticate in time"))
    try:
        if len(sockets) > MAX_SOCKETS:
            socket.end(1013, "too many connections retry=0-5000")  # P1.3
        elif leaving.is_set():
            socket.end(1012, "restart retry=0-5000")
        with contextlib.suppress(websockets.ConnectionClosed):
            async for message in ws:
                if not socket.is_closing:  # what arrives on a fenced socket is not heard: P11.6
                    socket.receive(message)
    finally:
        late.cancel()
        sockets.discard(socket)
        socket.lost()
        for task in socket.tasks:
            task.cancel()


async def leave():
    """A planned restart: section 12. Sessions are not carried over, so the pages begin new ones."""
    for session in list(sessions.values()):
        if session.socket:
            session.socket.push(encode({"bye": {"window": {"minMs": 0, "maxMs": 5000}, "resume": False}}))
    for socket in list(sockets):
        if not socket.session:
            socket.end(1012, "restart retry=0-5000")
    end = time.monotonic() + 5 + GRACE_SECONDS
    while sockets and time.monotonic() < end:
        await asyncio.sleep(0.05)
    for session in list(sessions.values()):
        await session.last_word()
    for socket in list(sockets):
        socket.end(1012, "restart retry=0-5000")
    await asyncio.sleep(0.1)


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    # Heartbeats are the app's own (section 3), so those of the library are off.
    settings = {"max_size": MAX_MESSAGE, "ping_interval": None, "compression": None, "close_timeout": CLOSE_SECONDS}
    async with websockets.serve(serve, "127.0.0.1", options.port, **settings) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await leaving.wait()
        await leave()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
