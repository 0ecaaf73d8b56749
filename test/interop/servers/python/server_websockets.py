"""The chat app on Python's websockets, 10.1 or later: python3 server_websockets.py [port [ping in ms]]."""

import asyncio
import contextlib

import websockets

from chat_app import PING_MS, PORT, Client


async def serve(socket):
    async def send(message):
        with contextlib.suppress(websockets.ConnectionClosed):  # the loop below hears of it too
            await socket.send(message)

    client = Client(send, socket.close, PING_MS)
    try:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for message in socket:
                await client.receive(message)
    finally:
        client.lost()


async def main():
    async with websockets.serve(serve, "127.0.0.1", PORT) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
