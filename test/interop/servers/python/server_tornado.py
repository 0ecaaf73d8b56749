"""The chat app on Tornado, 6 or later: python3 server_tornado.py [port [ping in ms]]."""

import asyncio
import contextlib

import tornado.httpserver
import tornado.netutil
import tornado.web
import tornado.websocket

from chat_app import PING_MS, PORT, Client


class Socket(tornado.websocket.WebSocketHandler):
    def open(self):
        self.client = Client(self.send, self.hang_up, PING_MS)

    async def on_message(self, message):
        await self.client.receive(message)

    def on_close(self):
        self.client.lost()

    async def send(self, message):
        with contextlib.suppress(tornado.websocket.WebSocketClosedError):  # `on_close` follows
            await self.write_message(message, binary=isinstance(message, bytes))

    async def hang_up(self, code, reason):
        self.close(code, reason)


async def main():
    app = tornado.web.Application([("/.*", Socket)], websocket_max_message_size=2**20)  # P8.1
    sockets = tornado.netutil.bind_sockets(PORT, "127.0.0.1")
    tornado.httpserver.HTTPServer(app).add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Future()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
