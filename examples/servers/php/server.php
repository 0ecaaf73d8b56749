<?php
/**
 * A holdfast server in one file: the plain wire, in PHP without any library. It does the WebSocket (RFC 6455) by itself.
 *
 * Copy it, and put your app where "The app" says. P-numbers name the rules of PROTOCOL.md. Needs PHP 8.1 or later:
 *
 *     php server.php --port=8080
 *
 * One process serves all clients: what takes time must wait by pause() or ask(), never by sleep(). For wss put a proxy
 * such as nginx in front.
 */

declare(strict_types=1);

const AUTH_SECONDS = 10;
const ASK_SECONDS = 30;
const CLOSE_SECONDS = 5; // for a socket that was told to close; then it is cut
const MAX_SOCKETS = 1000; // stream_select takes no more than 1024
const MAX_HEAD = 16_384; // bytes of the upgrade request
const MAX_MESSAGE = 2 ** 20; // bytes
const MAX_WAITING_BYTES = 4 * 2 ** 20; // for one slow reader
const MAX_OPEN_REQUESTS = 256;
const MAX_PER_SECOND = 1_000; // messages of one client, and ten times as many at once
const STREAM_MARK = 65_536; // bytes: a stream waits while more wait for its reader
const READ_BYTES = 65_536;

$options = getopt('', ['port:', 'ping-ms:']);
define('PORT', (int) ($options['port'] ?? 0)); // 0 for any; it is printed
define('PING_MS', (int) ($options['ping-ms'] ?? 15_000));

/** Travels to the page as it is worded. Of any other exception the page learns nothing: P4.3. */
final class Failure extends Exception
{
    public readonly array $body;

    public function __construct(int|string $code, string $message, mixed $data = null)
    {
        parent::__construct($message);
        $this->body = ['code' => $code, 'message' => $message] + ($data === null ? [] : ['data' => $data]);
    }
}

// ---- The app --------------------------------------------------------------------------------------------------------

/** Gives the user. The code of a refusal is that of the close: 4401 to come back with a fresh token, 4403 not to. */
function authenticate(mixed $token): string
{
    return match ($token) {
        's3cret' => 'ada',
        'b4nned' => throw new Failure(4403, 'You may not come back.'),
        default => throw new Failure(4401, 'The token is not valid.'),
    };
}

/** What answers a method: by what it returns, or by the items that it yields. */
function methods(): array
{
    return [
        'echo' => fn (Client $client, mixed $params) => $params,
        'fail' => fn () => throw new Failure('no_such_room', 'There is no room 9.', ['room' => 9]),
        'crash' => fn () => throw new RuntimeException('nobody is to see this'),
        'slow' => function (Client $client, int|float $ms) {
            pause($ms / 1000);
            return null;
        },
        'count' => function (Client $client, int $n) {
            for ($i = 1; $i <= $n; $i++) {
                yield $i;
                pause(0.001);
            }
        },
        'running' => fn () => array_sum(array_map(fn (Client $one) => count($one->running), Client::$all)) - 1,
        'ask' => fn (Client $client, mixed $params) => $client->ask('confirm', $params),
        'disconnect' => function (Client $client, stdClass $with) {
            $client->socket->end($with->code, $with->reason);
        },
    ];
}

/** Channels by name, with who is in them. */
$channels = ['chat' => []];

/** An event of a client that is in the channel. */
function onEvent(Client $client, string $channel, string $event, mixed $data): void
{
    if ($event === 'message' && $data instanceof stdClass) {
        broadcast($channel, $event, ['from' => $client->user] + (array) $data);
    }
}

/** Text that is no frame, or bytes: P2.3. */
function onMessage(Client $client, string $message, bool $isBinary): void
{
    $client->socket->write($message, $isBinary);
}

function broadcast(string $channel, string $event, mixed $data): void
{
    global $channels;
    $text = encode(['channel' => $channel, 'event' => $event, 'data' => $data]); // once for all
    foreach ($channels[$channel] as $member) {
        $member->socket->write($text);
    }
}

// ---- What waits -----------------------------------------------------------------------------------------------------

/** Lets the others go on for so many seconds. To be called by a handler. */
function pause(float $seconds): void
{
    Fiber::suspend(microtime(true) + $seconds);
}

function encode(mixed $value): string
{
    return json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
}

/** A request that a page asked, while it is answered: P4.2. It is thrown away to stop it. */
final class Request
{
    /** When it goes on; endless while it waits for an answer of the page. */
    public float $wakeAt = 0;
    private Fiber $fiber;

    public function __construct(private Client $client, public readonly int|string $id, string $method, mixed $params)
    {
        $this->fiber = new Fiber(fn () => $this->answer($method, $params));
    }

    /** Runs until it waits again; tells whether it has ended. */
    public function go(mixed $answer = null): bool
    {
        $this->wakeAt = ($this->fiber->isStarted() ? $this->fiber->resume($answer) : $this->fiber->start()) ?? INF;
        return $this->fiber->isTerminated();
    }

    private function answer(string $method, mixed $params): void
    {
        try {
            $do = methods()[$method] ?? throw new Failure(-32601, 'There is no such method.');
            $result = $do($this->client, $params);
            if ($result instanceof Generator) {
                foreach ($result as $item) {
                    $this->client->send(['id' => $this->id, 'item' => $item]);
                    while ($this->client->socket->waiting() > STREAM_MARK) {
                        pause(0.02);
                    }
                }
                $result = $result->getReturn(); // P4.4
            }
            $this->client->send(['id' => $this->id, 'result' => $result]);
        } catch (Failure $failure) {
            $this->client->send(['id' => $this->id, 'error' => $failure->body]);
        } catch (Throwable $error) {
            fwrite(STDERR, "$method: {$error->getMessage()}\n");
            $this->client->send(['id' => $this->id, 'error' => ['code' => -32603, 'message' => 'Internal error.']]);
        }
    }
}

// ---- A client: sections 2 to 6 --------------------------------------------------------------------------------------

final class Client
{
    /** @var Client[] */
    public static array $all = [];
    /** @var Request[] What the page asked. Keys are ids in JSON: 7 and "7" are two. */
    public array $running = [];
    /** @var Request[] What the page was asked, by id: who waits for the answer, and until when. */
    private array $asked = [];
    private array $askedUntil = [];
    private int $lastId = 0;
    private ?Request $current = null;

    public function __construct(public readonly WebSocket $socket, public readonly string $user)
    {
        self::$all[spl_object_id($this)] = $this;
    }

    public function send(array $frame): void
    {
        $this->socket->write(encode($frame));
    }

    /** Asks the page, and gives its answer: P4.1. To be called by a handler. */
    public function ask(string $method, mixed $params): mixed
    {
        $id = ++$this->lastId;
        $this->asked[$id] = $this->current;
        $this->askedUntil[$id] = microtime(true) + ASK_SECONDS;
        $this->send(['id' => $id, 'method' => $method, 'params' => $params]);
        $answer = Fiber::suspend(INF);
        if ($answer === null) {
            throw new RuntimeException("the page did not answer $method");
        }
        if (property_exists($answer, 'error')) {
            throw new Failure($answer->error->code, $answer->error->message, $answer->error->data ?? null);
        }
        return $answer->result;
    }

    /** Handles one message after the other: P2.5. What has the wrong types in it is ignored: P2.4. */
    public function hear(string $message, bool $isBinary): void
    {
        $frame = $isBinary ? null : parse($message);
        $has = fn (string ...$names) => $frame && !array_filter($names, fn ($name) => !property_exists($frame, $name));
        if ($has('channel', 'event')) {
            $this->event($frame);
        } elseif ($has('id', 'method')) {
            if (isId($frame->id) && is_string($frame->method) && !isset($this->running[encode($frame->id)])) {
                $this->begin($frame->id, $frame->method, $frame->params ?? null);
            }
        } elseif ($has('id', 'cancel')) {
            if (isId($frame->id) && $frame->cancel === true) {
                unset($this->running[encode($frame->id)]); // P4.5
            }
        } elseif ($has('id', 'result') || $has('id', 'error')) {
            $this->settle($frame);
        } elseif (!$has('id', 'item')) {
            onMessage($this, $message, $isBinary);
        }
    }

    private function event(stdClass $frame): void
    {
        global $channels;
        ['channel' => $channel, 'event' => $event] = (array) $frame;
        // P6.4
        if (is_string($channel) && is_string($event) && isset($channels[$channel][spl_object_id($this)])) {
            onEvent($this, $channel, $event, $frame->data ?? null);
        }
    }

    private function begin(int|string $id, string $method, mixed $params): void
    {
        if ($method === 'auth') {
            $this->send(['id' => $id, 'error' => ['code' => -32600, 'message' => 'You have authenticated already.']]);
        } elseif ($method === 'join' || $method === 'leave') {
            $this->move($id, $method, $params); // now, so that the events after it count: P6.4
        } elseif (count($this->running) >= MAX_OPEN_REQUESTS) { // P8.1
            $this->send(['id' => $id, 'error' => ['code' => 'too_many_requests', 'message' => 'Wait for an answer.']]);
        } else {
            $request = new Request($this, $id, $method, $params);
            $this->running[encode($id)] = $request;
            $this->go($request);
        }
    }

    /** Answers `join` and `leave`: P6.2. */
    private function move(int|string $id, string $method, mixed $params): void
    {
        global $channels;
        $channel = $params->channel ?? null;
        if (!is_string($channel) || !isset($channels[$channel])) {
            $error = ['code' => 'no_such_channel', 'message' => 'There is no such channel.'];
            $this->send(['id' => $id, 'error' => $error]);
        } elseif ($method === 'leave') {
            unset($channels[$channel][spl_object_id($this)]);
            $this->send(['id' => $id, 'result' => null]);
        } else {
            $channels[$channel][spl_object_id($this)] = $this;
            $this->send(['id' => $id, 'result' => ['members' => count($channels[$channel])]]);
        }
    }

    /** Takes an answer of the page. One that nobody waits for is ignored: P4.6. */
    private function settle(stdClass $frame): void
    {
        $isWorded = !property_exists($frame, 'error') || isError($frame->error);
        $request = is_int($frame->id) && $isWorded ? $this->asked[$frame->id] ?? null : null;
        if ($request) {
            unset($this->asked[$frame->id], $this->askedUntil[$frame->id]);
            $this->go($request, $frame);
        }
    }

    private function go(Request $request, mixed $answer = null): void
    {
        $key = encode($request->id);
        if (($this->running[$key] ?? null) !== $request) {
            return; // it was cancelled
        }
        $this->current = $request;
        if ($request->go($answer)) {
            unset($this->running[$key]);
        }
        $this->current = null;
    }

    /** Goes on with what has waited long enough; gives the time when the next has. */
    public function wake(float $now): float
    {
        foreach ($this->askedUntil as $id => $until) {
            if ($until <= $now) {
                $request = $this->asked[$id];
                unset($this->asked[$id], $this->askedUntil[$id]);
                $this->go($request);
            }
        }
        foreach ($this->running as $request) {
            if ($request->wakeAt <= $now) {
                $this->go($request);
            }
        }
        return min([INF, ...$this->askedUntil, ...array_map(fn ($request) => $request->wakeAt, array_values($this->running))]);
    }

    /** P4.7 */
    public function gone(): void
    {
        global $channels;
        unset(self::$all[spl_object_id($this)]);
        foreach (array_keys($channels) as $channel) {
            unset($channels[$channel][spl_object_id($this)]);
        }
        $this->running = $this->asked = $this->askedUntil = [];
    }
}

/** The object in a text, or null. */
function parse(string $text): ?stdClass
{
    $value = str_starts_with($text, '{') ? json_decode($text) : null;
    return $value instanceof stdClass ? $value : null;
}

/** P2.1 */
function isId(mixed $value): bool
{
    return is_string($value) || (is_int($value) && abs($value) < 2 ** 53);
}

function isError(mixed $error): bool
{
    return $error instanceof stdClass && isId($error->code ?? null) && is_string($error->message ?? null);
}

// ---- A WebSocket: RFC 6455 ------------------------------------------------------------------------------------------

final class WebSocket
{
    private const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

    public bool $isGone = false;
    private bool $isOpen = false;
    private bool $isClosing = false;
    private string $in = '';
    private string $out = '';
    private string $message = ''; // of fragments
    private int $kind = 0; // of the message whose fragments come; 0: none
    private ?Client $client = null;
    private float $heard;
    private float $endAt; // when it is cut, or sent away for not coming in
    private float $pingAt = INF;
    private float $tokens = 10 * MAX_PER_SECOND;
    private float $filledAt;

    /** @param resource $stream */
    public function __construct(public readonly mixed $stream)
    {
        stream_set_blocking($stream, false);
        $this->heard = $this->filledAt = microtime(true);
        $this->endAt = $this->heard + AUTH_SECONDS;
    }

    public function waiting(): int
    {
        return strlen($this->out);
    }

    /** Sends a message. A reader that is too slow has to go: P8.1. */
    public function write(string $message, bool $isBinary = false): void
    {
        if ($this->waiting() > MAX_WAITING_BYTES) {
            $this->end(1013, 'too slow');
        }
        if (!$this->isClosing) {
            $this->push($isBinary ? self::BINARY : self::TEXT, $message);
        }
    }

    /** Closes, and leaves the other end a moment to agree. */
    public function end(int $code, string $reason): void
    {
        if (!$this->isClosing) {
            $this->push(self::CLOSE, pack('n', $code) . substr($reason, 0, 120));
            $this->leave();
        }
    }

    private function leave(): void
    {
        $this->isClosing = true;
        $this->endAt = microtime(true) + CLOSE_SECONDS;
        $this->client?->gone();
    }

    private function push(int $opcode, string $payload): void
    {
        $length = strlen($payload);
        $head = match (true) {
            $length < 126 => pack('CC', 0x80 | $opcode, $length),
            $length < 65_536 => pack('CCn', 0x80 | $opcode, 126, $length),
            default => pack('CCJ', 0x80 | $opcode, 127, $length),
        };
        $this->out .= $head . $payload;
        $this->flush();
    }

    /** Writes what the operating system takes. */
    public function flush(): void
    {
        if ($this->isGone || $this->out === '') {
            return;
        }
        $written = @fwrite($this->stream, $this->out);
        if ($written === false) {
            $this->cut();
        } else {
            $this->out = substr($this->out, $written);
        }
    }

    public function cut(): void
    {
        if (!$this->isGone) {
            $this->isGone = $this->isClosing = true;
            fclose($this->stream);
            $this->client?->gone();
        }
    }

    public function read(): void
    {
        $data = @fread($this->stream, READ_BYTES);
        if ($data === false || ($data === '' && feof($this->stream))) {
            $this->cut();
            return;
        }
        $this->in .= $data;
        if (!$this->isOpen) {
            $this->open();
        }
        if ($this->isOpen) {
            $this->readFrames();
        }
    }

    /** Takes the upgrade request, and answers it: RFC 6455, 4.2. */
    private function open(): void
    {
        $end = strpos($this->in, "\r\n\r\n");
        if ($end === false) {
            if (strlen($this->in) > MAX_HEAD) {
                $this->cut();
            }
            return;
        }
        $lines = explode("\r\n", substr($this->in, 0, $end));
        $this->in = substr($this->in, $end + 4);
        $headers = [];
        foreach (array_slice($lines, 1) as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $headers[strtolower(trim($name))] = trim($value);
        }
        $key = $headers['sec-websocket-key'] ?? '';
        // A page of another origin may not come in; who sends no Origin is no browser (RFC 6455, 10.2).
        $origin = $headers['origin'] ?? null;
        $isOurs = $origin === null || preg_replace('#^.*://#', '', $origin) === ($headers['host'] ?? '');
        $status = match (true) {
            !str_starts_with($lines[0], 'GET '), strtolower($headers['upgrade'] ?? '') !== 'websocket' => '426 Upgrade Required',
            strlen((string) base64_decode($key, true)) !== 16 => '400 Bad Request',
            ($headers['sec-websocket-version'] ?? '') !== '13' => '426 Upgrade Required',
            !$isOurs => '403 Forbidden',
            default => null,
        };
        if ($status !== null) {
            $this->out = "HTTP/1.1 $status\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            $this->flush();
            $this->cut();
            return;
        }
        $accept = base64_encode(sha1($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
        $this->out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" .
            "Sec-WebSocket-Accept: $accept\r\n\r\n";
        $this->isOpen = true;
        $this->flush();
    }

    /** Takes all frames that are there whole: RFC 6455, 5.2. */
    private function readFrames(): void
    {
        $at = 0;
        $there = strlen($this->in);
        while (!$this->isGone && $there - $at >= 2) {
            [$first, $second] = [ord($this->in[$at]), ord($this->in[$at + 1])];
            $opcode = $first & 0x0f;
            $length = $second & 0x7f;
            $head = 2;
            if ($length >= 126) {
                $size = $length === 126 ? 2 : 8;
                $head += $size;
                if ($there - $at < $head) {
                    break;
                }
                $length = unpack($size === 2 ? 'n' : 'J', $this->in, $at + 2)[1];
            }
            $isFinal = ($first & 0x80) !== 0;
            $isControl = $opcode >= self::CLOSE;
            // Reserved bits, no mask, a control frame in pieces or too long: RFC 6455, 5.1, 5.2 and 5.5.
            if (($first & 0x70) !== 0 || ($second & 0x80) === 0 || ($isControl && (!$isFinal || $length > 125))) {
                $this->end(1002, 'malformed frame');
                break;
            }
            // 64 bits with the highest set are below 0 here.
            if ($length < 0 || $length + strlen($this->message) > MAX_MESSAGE) {
                $this->end(1009, 'too big');
                break;
            }
            $head += 4;
            if ($there - $at < $head + $length) {
                break;
            }
            $mask = substr($this->in, $at + $head - 4, 4);
            $payload = substr($this->in, $at + $head, $length) ^ str_repeat($mask, intdiv($length + 3, 4));
            $at += $head + $length;
            $this->takeFrame($opcode, $isFinal, $payload);
        }
        // What comes after our own close is looked at for the close of the other end alone.
        $this->in = $this->isClosing && $there - $at > READ_BYTES ? '' : substr($this->in, $at);
    }

    private function takeFrame(int $opcode, bool $isFinal, string $payload): void
    {
        $this->heard = microtime(true);
        if ($opcode === self::CLOSE) {
            // The answer has the same code: RFC 6455, 5.5.1.
            if (!$this->isClosing) {
                $this->push(self::CLOSE, substr($payload, 0, 2));
                $this->leave();
            }
            $this->endAt = 0; // both have said it
        } elseif ($this->isClosing || $opcode === self::PONG) {
            return;
        } elseif ($opcode === self::PING) {
            $this->push(self::PONG, $payload);
        } elseif ($opcode > self::BINARY || ($opcode === 0) !== ($this->kind !== 0)) {
            $this->end(1002, 'unexpected frame'); // 5.4: fragments of two messages do not mix
        } else {
            $this->kind = $opcode ?: $this->kind;
            $this->message .= $payload;
            if ($isFinal) {
                [$kind, $message] = [$this->kind, $this->message];
                [$this->kind, $this->message] = [0, ''];
                $this->take($message, $kind === self::BINARY);
            }
        }
    }

    private function take(string $message, bool $isBinary): void
    {
        $this->tokens += ($this->heard - $this->filledAt) * MAX_PER_SECOND;
        $this->tokens = min($this->tokens, 10 * MAX_PER_SECOND) - 1;
        $this->filledAt = $this->heard;
        if ($this->tokens < 0) {
            $this->end(4429, 'too many messages');
        } elseif (!$isBinary && preg_match('//u', $message) !== 1) {
            $this->end(1007, 'no UTF-8'); // 8.1
        } elseif (!$isBinary && preg_match('/^ping( \d{1,8})?$/D', $message)) {
            $this->write('pong'); // P3.1
        } elseif (!$isBinary && $message === 'pong') {
            return;
        } elseif ($this->client) {
            $this->client->hear($message, $isBinary);
        } else {
            $this->enter($isBinary ? null : parse($message));
        }
    }

    /** Expects `auth`, and nothing else before it: P5.1, P5.3. */
    private function enter(?stdClass $frame): void
    {
        if (($frame->method ?? null) !== 'auth' || !isId($frame->id ?? null)) {
            $this->end(4401, 'authenticate first');
            return;
        }
        try {
            $this->client = new Client($this, authenticate($frame->params->token ?? null));
            $this->client->send(['id' => $frame->id, 'result' => null]);
            $this->endAt = INF;
            $this->pingAt = 0;
        } catch (Failure $refusal) {
            $this->write(encode(['id' => $frame->id, 'error' => $refusal->body]));
            $this->end($refusal->body['code'], $refusal->getMessage()); // P5.2
        }
    }

    /** Does what is due; gives the time when something is again. */
    public function tick(float $now): float
    {
        if ($this->endAt <= $now) {
            if (!$this->isOpen || $this->isClosing) {
                $this->flush();
                $this->cut();
            } else {
                $this->end(4401, 'authenticate in time'); // P5.3
            }
        } elseif ($this->client && !$this->isClosing) {
            if ($now - $this->heard >= 2 * PING_MS / 1000) {
                $this->end(4408, 'not heard'); // P3.5
            } elseif ($this->pingAt <= $now) {
                $this->write('ping ' . PING_MS); // P3.2
                $this->pingAt = $now + PING_MS / 1000;
            }
        }
        $due = $this->isClosing ? INF : $this->client?->wake($now) ?? INF;
        return $this->isGone ? INF : min($due, $this->endAt, $this->pingAt);
    }
}

// ---- The server -----------------------------------------------------------------------------------------------------

$listener = stream_socket_server('tcp://127.0.0.1:' . PORT, $code, $message) ?: exit("$message\n");
stream_set_blocking($listener, false);
echo substr(strrchr(stream_socket_get_name($listener, false), ':'), 1), "\n";

/** @var WebSocket[] $sockets */
$sockets = [];
while (true) {
    $now = microtime(true);
    $due = $now + 1;
    foreach ($sockets as $key => $socket) {
        $due = min($due, $socket->tick($now));
        if ($socket->isGone) {
            unset($sockets[$key]);
        }
    }
    $read = array_map(fn ($socket) => $socket->stream, $sockets);
    $write = array_map(fn ($socket) => $socket->stream, array_filter($sockets, fn ($socket) => $socket->waiting() > 0));
    // Whoever comes when it is full waits for a place, or in vain: it cannot be told, as select takes no more.
    if (count($sockets) < MAX_SOCKETS) {
        $read[-1] = $listener;
    }
    $except = null;
    $waitMicroseconds = (int) (max(0, $due - microtime(true)) * 1_000_000);
    if (!stream_select($read, $write, $except, 0, $waitMicroseconds)) {
        continue;
    }
    foreach (array_keys($write) as $key) {
        $sockets[$key]->flush();
    }
    foreach (array_keys($read) as $key) {
        if ($key !== -1) {
            if (!$sockets[$key]->isGone) {
                $sockets[$key]->read();
            }
        } elseif ($stream = @stream_socket_accept($listener, 0)) {
            $sockets[(int) $stream] = new WebSocket($stream);
        }
    }
}
