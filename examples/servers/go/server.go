// A holdfast server in one file: the plain wire and sessions, on gorilla/websocket.
//
// Copy it, and put your app where "The app" says. P-numbers name the rules of PROTOCOL.md. Needs Go 1.19 or later.
//
// One lock guards all that clients share. It is never held while a handler of the app runs or a socket is written, so
// it is held for microseconds. Sessions live in memory: they end with the process.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

const (
	authTimeout     = 10 * time.Second
	askTimeout      = 30 * time.Second
	closeTimeout    = 5 * time.Second // for a socket that was told to close; then it is cut
	graceTimeout    = 2 * time.Second
	maxMessage      = 1 << 20 // bytes
	maxSockets      = 10_000
	maxWaitingBytes = 4 << 20 // for one slow reader
	maxOpenRequests = 256
	maxPerSecond    = 1_000 // messages of one client, and ten times as many at once
	maxSessions     = 20_000
	maxKeptMessages = 10_000  // of one session, not acknowledged
	maxKeptBytes    = 4 << 20 // the same
	maxTotalBytes   = 256 << 20
	maxTombstones   = 10_000 // sessions that are gone, to say why
	maxAnswers      = 10_000 // to idempotent requests
	maxHistory      = 1_000  // events of a channel
	maxName         = 128    // P14.4
	maxHi           = 65_536 // P14.4
	maxKey          = 256    // P13.3
	streamMark      = 65_536 // bytes: a stream waits while more wait for its reader
	ackTimeout      = 250 * time.Millisecond
	ackMessages     = 32 // P10.5
	ackBytes        = 65_536
)

var (
	address      = flag.String("address", "127.0.0.1:0", "where to listen; the port is printed")
	pingInterval = flag.Duration("ping", 15*time.Second, "time between two pings")
	ttl          = flag.Duration("ttl", 5*time.Minute, "how long a session waits for its page")
)

// failure travels to the page as it is worded. Of any other error the page learns nothing: P4.3.
type failure struct {
	Code    any    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (f *failure) Error() string { return f.Message }

// ---- The app --------------------------------------------------------------------------------------------------------

// authenticate gives the user, or the code to close with: 4401 to come back with a fresh token, 4403 not to.
func authenticate(token json.RawMessage) (user string, closeCode int) {
	var text string
	json.Unmarshal(token, &text)
	switch text {
	case "s3cret":
		return "ada", 0
	case "b4nned":
		return "", 4403
	}
	return "", 4401
}

// request is one that a page asked. Its context ends when the page cancels, waits no longer, or is gone.
type request struct {
	ctx    context.Context
	client *client
	params json.RawMessage
	item   func(value any) // sends an item: the method is a stream
}

var tickets = make(chan int)

var methods = map[string]func(r *request) (any, error){
	"echo": func(r *request) (any, error) { return r.params, nil },
	"fail": func(r *request) (any, error) {
		return nil, &failure{"no_such_room", "There is no room 9.", map[string]int{"room": 9}}
	},
	"crash": func(r *request) (any, error) { panic("nobody is to see this") },
	"slow": func(r *request) (any, error) {
		var ms int
		err := json.Unmarshal(r.params, &ms)
		pause(r.ctx, time.Duration(ms)*time.Millisecond)
		return nil, err
	},
	"count": func(r *request) (any, error) {
		var n int
		err := json.Unmarshal(r.params, &n)
		for i := 1; i <= n && r.ctx.Err() == nil; i++ {
			r.item(i)
			pause(r.ctx, time.Millisecond)
		}
		return nil, err
	},
	"running": func(r *request) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		running := -1 // this one apart
		for one := range clients {
			running += len(one.running)
		}
		return running, nil
	},
	"ticket": func(r *request) (any, error) { return <-tickets, nil },
	"ask":    func(r *request) (any, error) { return r.client.ask(r.ctx, "confirm", r.params) },
	"disconnect": func(r *request) (any, error) {
		var with struct {
			Code   int
			Reason string
		}
		err := json.Unmarshal(r.params, &with)
		mu.Lock()
		defer mu.Unlock()
		r.client.line.end(with.Code, with.Reason)
		return nil, err
	},
	"depart": func(r *request) (any, error) {
		leaveOnce.Do(func() { close(leaving) })
		return nil, nil
	},
}

// onEvent takes an event of a client that is in the channel. It is called with the lock held.
func onEvent(c *client, channel *channel, event string, data json.RawMessage) {
	var fields map[string]any
	if event == "message" && json.Unmarshal(data, &fields) == nil && fields != nil {
		fields["from"] = c.user
		channel.send(event, fields)
	}
}

// onMessage takes text that is no frame, or bytes: P2.3. It is called with the lock held.
func onMessage(c *client, m message) { c.line.write(m) }

func pause(ctx context.Context, span time.Duration) {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// ---- What clients share ---------------------------------------------------------------------------------------------

// mu guards all that follows, and all fields of clients, channels, sessions and sockets.
var mu sync.Mutex

var (
	clients    = map[*client]bool{} // on the plain wire one for each socket; in a session one for all its sockets
	sockets    = map[*socket]bool{}
	channels   = map[string]*channel{"chat": {name: "chat", epoch: newName("h"), members: map[*client]bool{}}}
	sessions   = map[string]*session{}
	tombstones = newMemory[tombstone](maxTombstones)
	answers    = newMemory[*answer](maxAnswers)
	totalBytes = 0 // that all sessions keep
	epoch      = newName("e")
	leaving    = make(chan struct{})
	leaveOnce  sync.Once
)

// newName has 128 bits of chance: P11.1.
func newName(kind string) string {
	chance := make([]byte, 16)
	if _, err := rand.Read(chance); err != nil {
		panic(err)
	}
	return kind + base64.RawURLEncoding.EncodeToString(chance)
}

// memory keeps the newest values by name.
type memory[V any] struct {
	most   int
	values map[string]V
	names  []string // oldest first
}

func newMemory[V any](most int) *memory[V] { return &memory[V]{most: most, values: map[string]V{}} }

func (m *memory[V]) set(name string, value V) {
	m.values[name] = value
	m.names = append(m.names, name)
	if len(m.names) > m.most {
		delete(m.values, m.names[0])
		m.names = m.names[1:]
	}
}

type message struct {
	kind int // websocket.TextMessage, websocket.BinaryMessage, or websocket.CloseMessage
	data []byte
}

func text(data string) message { return message{websocket.TextMessage, []byte(data)} }

// encode is for values that are known to be JSON.
func encode(value any) message {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return message{websocket.TextMessage, data}
}

// fields are the members of a frame. Names count as they are written, which is why this is no struct.
type fields map[string]json.RawMessage

func (f fields) has(name string) bool { return f[name] != nil }

// str gives a member that is a text.
func (f fields) str(name string) (value string, ok bool) {
	ok = bytes.HasPrefix(f[name], []byte(`"`)) && json.Unmarshal(f[name], &value) == nil
	return value, ok
}

var whole = regexp.MustCompile(`^-?(0|[1-9]\d{0,15})$`)

// num gives a member that is a safe integer: P2.1.
func (f fields) num(name string) (value int, ok bool) {
	if !whole.Match(f[name]) {
		return 0, false
	}
	value, err := strconv.Atoi(string(f[name]))
	return value, err == nil && value < 1<<53 && value > -1<<53
}

// ---- Channels: section 6, and their history: P13.4 to P13.8 ----------------------------------------------------------

type channel struct {
	name    string
	members map[*client]bool
	epoch   string
	offset  int
	history []message // the last has the offset `offset`
	bytes   int
}

func (c *channel) send(event string, data any) {
	c.offset++
	said := encode(map[string]any{"channel": c.name, "event": event, "data": data, "offset": c.offset})
	c.history = append(c.history, said)
	c.bytes += len(said.data)
	for len(c.history) > maxHistory || c.bytes > maxKeptBytes {
		c.bytes -= len(c.history[0].data)
		c.history = c.history[1:]
	}
	for member := range c.members {
		member.line.write(said)
	}
}

// missed gives the events after a position, if all of them are there: P13.5.
func (c *channel) missed(since json.RawMessage) (events []message, recovered bool) {
	var at fields
	json.Unmarshal(since, &at)
	epoch, _ := at.str("epoch")
	offset, ok := at.num("offset")
	behind := c.offset - offset
	if !ok || epoch != c.epoch || behind < 0 || behind > len(c.history) {
		return nil, false
	}
	return c.history[len(c.history)-behind:], true
}

// ---- A client: sections 2 and 4 -------------------------------------------------------------------------------------

// line carries what a client is sent: a socket, or a session. Its methods want the lock.
type line interface {
	write(m message)
	congested() bool
	end(code int, reason string)
}

// client is who is in.
type client struct {
	user    string
	line    line
	ctx     context.Context
	cancel  context.CancelFunc
	running map[string]*run        // what the page asked, by id
	asked   map[string]chan fields // what the page was asked, by id
	lastID  int
}

type run struct{ cancel context.CancelFunc }

func newClient(user string, line line) *client {
	ctx, cancel := context.WithCancel(context.Background())
	c := &client{user, line, ctx, cancel, map[string]*run{}, map[string]chan fields{}, 0}
	clients[c] = true
	return c
}

// hear handles one message after the other: P2.5. What has the wrong types in it is ignored: P2.4.
func (c *client) hear(m message) {
	var f fields
	if m.kind != websocket.TextMessage || json.Unmarshal(m.data, &f) != nil || f == nil {
		onMessage(c, m)
		return
	}
	_, isNumber := f.num("id")
	_, isText := f.str("id")
	id, isID := string(f["id"]), isNumber || isText
	switch {
	case f.has("channel") && f.has("event"):
		name, isName := f.str("channel")
		event, isEvent := f.str("event")
		if channel := channels[name]; isName && isEvent && channel != nil && channel.members[c] { // P6.4
			onEvent(c, channel, event, f["data"])
		}
	case !f.has("id"):
		onMessage(c, m)
	case f.has("method"):
		if method, ok := f.str("method"); ok && isID && c.running[id] == nil {
			c.begin(id, method, f)
		}
	case f.has("cancel"):
		if run := c.running[id]; run != nil && string(f["cancel"]) == "true" {
			delete(c.running, id)
			run.cancel() // P4.5
		}
	case f.has("result"), f.has("error"):
		if answer := c.asked[id]; answer != nil { // else nobody waits for it: P4.6
			delete(c.asked, id)
			answer <- f
		}
	case f.has("item"):
	default:
		onMessage(c, m)
	}
}

func (c *client) answer(id string, name string, value any) {
	c.line.write(encode(map[string]any{"id": json.RawMessage(id), name: value}))
}

func (c *client) begin(id, method string, f fields) {
	switch {
	case method == "auth":
		c.answer(id, "error", &failure{-32600, "You have authenticated already.", nil})
	case method == "join" || method == "leave":
		c.move(id, method, f["params"]) // now, so that the events after it count: P6.4
	case len(c.running) >= maxOpenRequests: // P8.1
		c.answer(id, "error", &failure{"too_many_requests", "Wait for an answer before you ask more.", nil})
	default:
		timeoutMs := 0.0
		json.Unmarshal(f["timeoutMs"], &timeoutMs)
		ctx, cancel := limit(c.ctx, timeoutMs)
		this := &run{cancel}
		c.running[id] = this
		go c.run(ctx, id, this, method, f)
	}
}

// limit gives a context that ends after a time, if there is one: P13.9.
func limit(parent context.Context, timeoutMs float64) (context.Context, context.CancelFunc) {
	if timeoutMs > 0 {
		return context.WithTimeout(parent, time.Duration(timeoutMs*float64(time.Millisecond)))
	}
	return context.WithCancel(parent)
}

// move answers `join` and `leave`: P6.2.
func (c *client) move(id, method string, params json.RawMessage) {
	var with fields
	json.Unmarshal(params, &with)
	name, _ := with.str("channel")
	channel := channels[name]
	switch {
	case channel == nil:
		c.answer(id, "error", &failure{"no_such_channel", "There is no such channel.", nil})
	case method == "leave":
		delete(channel.members, c)
		c.answer(id, "result", nil)
	default:
		missed, recovered := channel.missed(with["since"])
		c.line.write(encode(map[string]any{
			"id":       json.RawMessage(id),
			"result":   nil,
			"position": map[string]any{"epoch": channel.epoch, "offset": channel.offset, "recovered": recovered},
		}))
		for _, event := range missed {
			c.line.write(event)
		}
		channel.members[c] = true
	}
}

// run answers beside the others, by one result or error: P4.2.
func (c *client) run(ctx context.Context, id string, this *run, method string, f fields) {
	defer this.cancel()
	name, outcome := c.outcome(ctx, id, this, method, f)
	mu.Lock()
	defer mu.Unlock()
	// What was cancelled meanwhile, or is a newer one of that id, is none of its business.
	if c.running[id] != this {
		return
	}
	delete(c.running, id)
	if ctx.Err() == nil {
		c.answer(id, name, outcome)
	}
}

// answer of an idempotent request, once `done` is closed.
type answer struct {
	user    string
	done    chan struct{}
	name    string
	outcome any
}

// outcome is what a request is answered by. One with a key runs once: P13.3.
func (c *client) outcome(ctx context.Context, id string, this *run, method string, f fields) (name string, outcome any) {
	do := methods[method]
	if do == nil {
		return "error", &failure{-32601, "There is no such method.", nil}
	}
	item := func(value any) {
		for c.congested() && ctx.Err() == nil {
			pause(ctx, 20*time.Millisecond)
		}
		mu.Lock()
		defer mu.Unlock()
		if c.running[id] == this && ctx.Err() == nil { // nothing follows a cancel: P4.5
			c.answer(id, "item", value)
		}
	}
	if !f.has("key") {
		return perform(do, &request{ctx, c, f["params"], item})
	}
	key, ok := f.str("key")
	if !ok || key == "" || len(key) > maxKey {
		return "error", &failure{-32600, "key: expected 1 to 256 characters.", nil}
	}
	mu.Lock()
	known := answers.values[key]
	if known == nil {
		known = &answer{user: c.user, done: make(chan struct{})}
		answers.set(key, known)
		// Who cancels, or is gone, stops waiting for it, no more: its effect may be half done.
		go func() {
			defer close(known.done)
			known.name, known.outcome = perform(do, &request{context.Background(), c, f["params"], item})
		}()
	}
	mu.Unlock()
	if known.user != c.user {
		return "error", &failure{-32600, "This key is not yours.", nil}
	}
	select {
	case <-known.done:
	case <-ctx.Done():
	}
	return known.name, known.outcome
}

func (c *client) congested() bool {
	mu.Lock()
	defer mu.Unlock()
	return c.line.congested()
}

// perform runs a method. One that panics takes nothing with it but its own request.
func perform(do func(r *request) (any, error), r *request) (name string, outcome any) {
	defer func() {
		if crash := recover(); crash != nil {
			log.Printf("panic: %v", crash)
			name, outcome = "error", &failure{-32603, "Internal error.", nil}
		}
	}()
	value, err := do(r)
	var worded *failure
	if errors.As(err, &worded) {
		return "error", worded
	}
	if err == nil {
		var data []byte
		if data, err = json.Marshal(value); err == nil {
			return "result", json.RawMessage(data)
		}
	}
	log.Print(err)
	return "error", &failure{-32603, "Internal error.", nil}
}

// ask asks the page, and gives its answer: P4.1.
func (c *client) ask(ctx context.Context, method string, params any) (any, error) {
	answer := make(chan fields, 1)
	mu.Lock()
	c.lastID++
	id := strconv.Itoa(c.lastID)
	c.asked[id] = answer
	c.line.write(encode(map[string]any{"id": json.RawMessage(id), "method": method, "params": params}))
	mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	select {
	case f := <-answer:
		var refusal failure
		if !f.has("error") {
			return f["result"], nil
		}
		if err := json.Unmarshal(f["error"], &refusal); err != nil {
			return nil, err
		}
		return nil, &refusal
	case <-ctx.Done():
		mu.Lock()
		defer mu.Unlock()
		delete(c.asked, id)
		return nil, ctx.Err()
	}
}

// gone: P4.7
func (c *client) gone() {
	delete(clients, c)
	for _, channel := range channels {
		delete(channel.members, c)
	}
	c.running = map[string]*run{}
	c.cancel()
}

// ---- A socket: what goes out waits here, and is bounded --------------------------------------------------------------

type socket struct {
	ws        *websocket.Conn
	client    *client // on the plain wire
	session   *session
	waiting   []message
	bytes     int
	isClosing bool
	wake      chan struct{}
	poured    chan struct{}
	tokens    float64
	filledAt  time.Time
}

// push sends a message that is bounded elsewhere.
func (s *socket) push(m message) {
	if s.isClosing {
		return
	}
	s.waiting = append(s.waiting, m)
	s.bytes += len(m.data)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write sends a message of the plain wire. A reader that is too slow has to go: P8.1.
func (s *socket) write(m message) {
	if s.bytes > maxWaitingBytes {
		s.end(1013, "too slow")
	}
	s.push(m)
}

func (s *socket) congested() bool { return s.bytes > streamMark && !s.isClosing }

// end closes it, when all before has gone out; one that reads nothing is cut.
func (s *socket) end(code int, reason string) {
	if s.isClosing {
		return
	}
	if s.session != nil {
		s.session.settle() // P10.5
	}
	if len(reason) > 120 {
		reason = reason[:120]
	}
	s.push(message{websocket.CloseMessage, websocket.FormatCloseMessage(code, reason)})
	s.lost()
	time.AfterFunc(closeTimeout, func() { s.ws.Close() })
}

// lost: the socket is gone, or as good as gone.
func (s *socket) lost() {
	s.isClosing = true
	if s.client != nil {
		s.client.gone()
	}
	if s.session != nil {
		s.session.lost(s)
	}
}

// pour is the only one that writes messages, as gorilla wants it. It ends with a close, or with the socket.
func (s *socket) pour(gone <-chan struct{}) {
	defer close(s.poured)
	for isLast := false; ; {
		mu.Lock()
		waiting := s.waiting
		s.waiting = nil
		mu.Unlock()
		for _, m := range waiting {
			s.ws.SetWriteDeadline(time.Now().Add(2 * *pingInterval))
			if s.ws.WriteMessage(m.kind, m.data) != nil || m.kind == websocket.CloseMessage {
				return
			}
			mu.Lock()
			s.bytes -= len(m.data)
			mu.Unlock()
		}
		if isLast {
			return
		}
		select {
		case <-s.wake:
		case <-gone:
			isLast = true // a last close may wait
		}
	}
}

func (s *socket) beat(m message) {
	if s.session != nil {
		s.session.settle() // P10.5
	}
	s.push(m)
}

// ping says how often it pings: P3.2.
func (s *socket) ping() { s.beat(text(fmt.Sprintf("ping %d", pingInterval.Milliseconds()))) }

var pingText = regexp.MustCompile(`^ping( \d{1,8})?$`)

func (s *socket) receive(m message) {
	now := time.Now()
	s.tokens += now.Sub(s.filledAt).Seconds() * maxPerSecond
	if s.tokens > 10*maxPerSecond {
		s.tokens = 10 * maxPerSecond
	}
	s.tokens--
	s.filledAt = now
	isText := m.kind == websocket.TextMessage
	switch {
	case s.isClosing: // what arrives on a fenced socket is not heard: P11.6
	case s.tokens < 0:
		s.end(4429, "too many messages")
	case isText && !utf8.Valid(m.data):
		s.end(websocket.CloseInvalidFramePayloadData, "no UTF-8") // RFC 6455, 8.1
	case isText && pingText.Match(m.data):
		s.beat(text("pong")) // P3.1
	case isText && string(m.data) == "pong":
	case s.session != nil:
		s.session.receive(s, m)
	case s.client != nil:
		s.client.hear(m)
	default:
		s.enter(m)
	}
}

// enter takes the first message, which says which wire is spoken: P9.1.
func (s *socket) enter(m message) {
	var f, params fields
	json.Unmarshal(m.data, &f)
	if f.has("hi") && m.kind == websocket.TextMessage {
		s.greet(f["hi"], len(m.data))
		return
	}
	json.Unmarshal(f["params"], &params)
	if method, _ := f.str("method"); method != "auth" || !f.has("id") {
		s.end(4401, "authenticate first") // P5.3
		return
	}
	user, closeCode := authenticate(params["token"])
	if user == "" {
		refusal := &failure{closeCode, "The token is not valid.", nil}
		s.push(encode(map[string]any{"id": f["id"], "error": refusal}))
		s.end(closeCode, refusal.Message) // P5.2
		return
	}
	s.client = newClient(user, s)
	s.client.answer(string(f["id"]), "result", nil)
	s.ping()
}

func serve(w http.ResponseWriter, r *http.Request) {
	var upgrader websocket.Upgrader
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	ws.SetReadLimit(maxMessage)
	gone := make(chan struct{})
	s := &socket{ws: ws, wake: make(chan struct{}, 1), poured: make(chan struct{}), tokens: 10 * maxPerSecond, filledAt: time.Now()}
	go s.pour(gone)
	mu.Lock()
	sockets[s] = true
	select {
	case <-leaving:
		s.end(1012, "restart retry=0-5000")
	default:
		if len(sockets) > maxSockets {
			s.end(1013, "too many connections retry=0-5000") // P1.3
		}
	}
	mu.Unlock()
	go s.heartbeat(gone)
	s.read()
	close(gone)
	mu.Lock()
	s.lost()
	delete(sockets, s)
	mu.Unlock()
	<-s.poured
}

// read takes message after message, until the socket is gone or has not been heard for two intervals: P3.5.
func (s *socket) read() {
	for {
		s.ws.SetReadDeadline(time.Now().Add(2 * *pingInterval))
		kind, data, err := s.ws.ReadMessage()
		mu.Lock()
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			s.end(4408, "not heard")
		}
		if err == nil {
			s.receive(message{kind, data})
		}
		mu.Unlock()
		if err != nil {
			return
		}
	}
}

// heartbeat pings who is in, and sends away who is not in time: P3.2, P5.3.
func (s *socket) heartbeat(gone <-chan struct{}) {
	ticker := time.NewTicker(*pingInterval)
	defer ticker.Stop()
	late := time.NewTimer(authTimeout)
	defer late.Stop()
	for {
		isLate := false
		select {
		case <-ticker.C:
		case <-late.C:
			isLate = true
		case <-gone:
			return
		}
		mu.Lock()
		if isIn := s.client != nil || s.session != nil; isLate && !isIn {
			s.end(4401, "authenticate in time")
		} else if isIn && !isLate {
			s.ping()
		}
		mu.Unlock()
	}
}

// ---- Sessions: sections 9 to 14 --------------------------------------------------------------------------------------

// session is a conversation that outlives its sockets. It is the line of its client.
type session struct {
	id         string
	keys       []string // the newest last, and the one before until the page has surely seen it: P11.7
	attempt    int
	client     *client
	socket     *socket
	detachedAt time.Time
	timer      *time.Timer // of its end, while it has no socket
	received   int
	told       int // the ack that went out last
	owedBytes  int
	ackTimer   *time.Timer
	sent       int
	kept       []message // what was sent and not acknowledged, up to the number `sent`
	bytes      int
	hasEnded   bool
}

type tombstone struct {
	keys []string
	why  string
}

func knows(keys []string, key string) bool {
	found := 0
	for _, one := range keys {
		found |= subtle.ConstantTimeCompare([]byte(one), []byte(key))
	}
	return found == 1
}

func newSession(user string) *session {
	s := &session{id: newName("s")}
	s.client = newClient(user, s)
	sessions[s.id] = s
	return s
}

func (s *session) acked() int { return s.sent - len(s.kept) }

// write numbers a message, and keeps it until it is acknowledged: P10.1, P10.6.
func (s *session) write(m message) {
	if s.hasEnded {
		return
	}
	if len(s.kept) >= maxKeptMessages || s.bytes >= maxKeptBytes {
		s.drop("overflow", 4002, "too slow") // P14.1
		return
	}
	s.sent++
	s.kept = append(s.kept, m)
	s.count(len(m.data))
	s.put(s.sent, m)
	for totalBytes > maxTotalBytes && evict() { // P14.2
	}
}

// put writes a data frame; each carries an ack: P10.5.
func (s *session) put(number int, m message) {
	if s.socket != nil {
		s.socket.push(message{m.kind, append([]byte(fmt.Sprintf("%d %d ", number, s.tell())), m.data...)})
	}
}

func (s *session) congested() bool {
	return !s.hasEnded && (s.socket == nil || s.socket.congested() || s.bytes > maxKeptBytes/2 || len(s.kept) > maxKeptMessages/2)
}

// tell gives the ack that goes out now. Handlers here finish at once, so all that was received is handled: P10.3.
func (s *session) tell() int {
	stop(&s.ackTimer)
	s.owedBytes = 0
	s.told = s.received
	return s.told
}

func stop(timer **time.Timer) {
	if *timer != nil {
		(*timer).Stop()
	}
	*timer = nil
}

// settle sends the ack that is owed.
func (s *session) settle() {
	if s.socket != nil && s.received > s.told {
		s.socket.push(text(fmt.Sprintf("ack %d", s.tell())))
	}
}

func (s *session) owe() {
	if s.received-s.told >= ackMessages || s.owedBytes >= ackBytes {
		s.settle()
	} else if s.received > s.told && s.ackTimer == nil {
		s.ackTimer = time.AfterFunc(ackTimeout, func() {
			mu.Lock()
			defer mu.Unlock()
			s.settle()
		})
	}
}

var (
	header  = regexp.MustCompile(`^(0|[1-9][0-9]{0,14}) (0|[1-9][0-9]{0,14}) `)
	loneAck = regexp.MustCompile(`^ack (0|[1-9][0-9]{0,14})$`)
)

// number reads one that has at most 15 digits.
func number(digits []byte) int {
	value, _ := strconv.Atoi(string(digits))
	return value
}

func (s *session) receive(from *socket, m message) {
	var control map[string]fields
	if found := header.FindSubmatch(m.data); found != nil {
		s.confirm()
		s.take(from, number(found[1]), number(found[2]), message{m.kind, m.data[len(found[0]):]})
	} else if m.kind != websocket.TextMessage {
		return // P9.5
	} else if found := loneAck.FindSubmatch(m.data); found != nil {
		s.confirm()
		s.acknowledge(number(found[1]))
	} else if json.Unmarshal(m.data, &control) == nil && control["bye"] != nil {
		s.confirm()
		s.farewell()
	}
}

// confirm: the page has the newest key: P11.7.
func (s *session) confirm() { s.keys = s.keys[len(s.keys)-1:] }

// take: P10.2
func (s *session) take(from *socket, number, ack int, m message) {
	switch {
	case !s.acknowledge(ack):
	case number > s.received+1:
		from.end(4003, fmt.Sprintf("expected %d, got %d", s.received+1, number))
	case number == 0:
		s.client.hear(m)
	case number == s.received+1:
		s.received = number
		s.owedBytes += len(m.data)
		s.client.hear(m)
		s.owe()
	}
}

// acknowledge tells whether the session goes on: P10.4.
func (s *session) acknowledge(ack int) bool {
	if s.hasEnded {
		return false
	}
	if ack > s.sent {
		s.end(4400, "ack from the future")
		return false
	}
	for s.acked() < ack {
		s.count(-len(s.kept[0].data))
		s.kept = s.kept[1:]
	}
	return true
}

// attach gives the answer to `hi`. Whoever had it is fenced, and only then its position is read: P11.6.
func (s *session) attach(to *socket, shown string, attempt int) map[string]any {
	if old := s.socket; old != nil {
		s.socket = nil
		old.end(4001, "resumed elsewhere")
	}
	stop(&s.timer)
	s.socket = to
	to.session = s
	if attempt > s.attempt {
		s.attempt = attempt
	}
	newest := newName("k")
	s.keys = []string{newest}
	if shown != "" {
		s.keys = []string{shown, newest}
	}
	return map[string]any{
		"session": s.id, "key": newest, "epoch": epoch, "resumed": shown != "", "received": s.received, "sent": s.sent,
		"ttlMs": ttl.Milliseconds(), "pingMs": pingInterval.Milliseconds(), "maxPayload": maxMessage,
	}
}

// replay: P11.3; the ack is owed anew, as the last one may have been lost: P10.5.
func (s *session) replay(position int) {
	s.told = 0
	for at, m := range s.kept[position-s.acked():] {
		s.put(position+at+1, m)
	}
	s.owe()
}

// lost keeps it for a page that may come back: P11.1.
func (s *session) lost(from *socket) {
	if s.socket != from || s.hasEnded {
		return
	}
	s.socket = nil
	stop(&s.ackTimer)
	s.detachedAt = time.Now()
	var timer *time.Timer
	timer = time.AfterFunc(*ttl, func() {
		mu.Lock()
		defer mu.Unlock()
		if s.timer == timer {
			s.drop("expired", 1000, "")
		}
	})
	s.timer = timer
}

// drop ends it, and remembers why for a page that can show its key: P11.9.
func (s *session) drop(why string, code int, reason string) {
	tombstones.set(s.id, tombstone{s.keys, why})
	s.end(code, reason)
}

func (s *session) end(code int, reason string) {
	if s.hasEnded {
		return
	}
	if s.socket != nil {
		s.socket.end(code, reason)
	}
	s.finish()
}

func (s *session) finish() {
	s.hasEnded = true
	s.count(-s.bytes)
	s.kept = nil
	stop(&s.timer)
	stop(&s.ackTimer)
	delete(sessions, s.id)
	s.client.gone()
}

func (s *session) count(bytes int) {
	s.bytes += bytes
	totalBytes += bytes
}

// farewell: the page has said everything: P11.11. If this server goes, it waits for the last word: P12.4.
func (s *session) farewell() {
	select {
	case <-leaving:
		go s.lastWord()
	default:
		s.end(1000, "")
	}
}

func (s *session) lastWord() {
	end := time.Now().Add(graceTimeout)
	isBusy := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(s.client.running) > 0
	}
	for isBusy() && time.Now().Before(end) {
		time.Sleep(10 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	if s.hasEnded {
		return
	}
	s.settle()
	if s.socket != nil {
		s.socket.push(text(`{"bye":{"done":true}}`))
	}
	s.finish()
}

// evict ends the session that waits longest for its page: P14.2. Tells whether there was one.
func evict() bool {
	var oldest *session
	for _, one := range sessions {
		if one.socket == nil && (oldest == nil || one.detachedAt.Before(oldest.detachedAt)) {
			oldest = one
		}
	}
	if oldest != nil {
		oldest.drop("expired", 1000, "")
	}
	return oldest != nil
}

// hello is a `hi` that is as it should be: P9.6, P14.4.
type hello struct {
	session, key string
	received     int
	attempt      int // 0 if there is none
	token        json.RawMessage
}

func readHi(data json.RawMessage) (h hello, ok bool) {
	var f fields
	if json.Unmarshal(data, &f) != nil {
		return h, false
	}
	isName := func(name string) bool {
		value, ok := f.str(name)
		return ok && value != "" && len(value) <= maxName
	}
	isCount := func(name string) bool {
		value, ok := f.num(name)
		return ok && value >= 0
	}
	client, _ := f.str("client")
	isNew := !f.has("session") && !f.has("key") && !f.has("received")
	isHeld := isName("session") && isName("key") && isCount("received")
	h.session, _ = f.str("session")
	h.key, _ = f.str("key")
	h.received, _ = f.num("received")
	h.attempt, _ = f.num("attempt")
	h.token = f["token"]
	return h, string(f["version"]) == "1" && isName("client") && len(client) >= 16 && (isNew || isHeld) &&
		(!f.has("attempt") || isCount("attempt"))
}

// find gives the session that a page may resume, or why not: P11.4, P11.9.
func find(h hello, user string) (found *session, why string) {
	if h.session == "" {
		return nil, ""
	}
	s := sessions[h.session]
	if s == nil {
		if gone := tombstones.values[h.session]; knows(gone.keys, h.key) {
			return nil, gone.why
		}
		return nil, "unknown"
	}
	if !knows(s.keys, h.key) {
		return nil, "unknown"
	}
	if s.client.user != user {
		return nil, "subject"
	}
	if h.received < s.acked() || h.received > s.sent {
		return nil, "position"
	}
	return s, ""
}

// greet answers `hi`: P11.2.
func (s *socket) greet(data json.RawMessage, size int) {
	refuse := func(code int, reason string) {
		s.push(encode(map[string]any{"no": map[string]any{"code": code, "reason": reason}}))
		s.end(code, reason)
	}
	hi, ok := readHi(data)
	if size > maxHi || !ok {
		refuse(4400, "a malformed hi")
		return
	}
	user, closeCode := authenticate(hi.token) // before anything else: P11.5
	if user == "" {
		refuse(closeCode, "The token is not valid.")
		return
	}
	found, why := find(hi, user)
	switch {
	case found != nil && hi.attempt > 0 && hi.attempt <= found.attempt:
		s.end(4001, "a later hi was answered") // P11.13
	case found != nil:
		s.push(encode(map[string]any{"ok": found.attach(s, hi.key, hi.attempt)}))
		found.replay(hi.received)
	case len(sessions) < maxSessions || evict():
		ok := newSession(user).attach(s, "", hi.attempt)
		if why != "" {
			ok["why"] = why
		}
		s.push(encode(map[string]any{"ok": ok}))
	default:
		refuse(1013, "too many sessions retry=0-5000")
	}
	s.ping()
}

// ---- The server ------------------------------------------------------------------------------------------------------

// leave is a planned restart: section 12. Sessions are not carried over, so the pages begin new ones.
func leave() {
	mu.Lock()
	for _, session := range sessions {
		if session.socket != nil {
			session.socket.push(text(`{"bye":{"window":{"minMs":0,"maxMs":5000},"resume":false}}`))
		}
	}
	for socket := range sockets {
		if socket.session == nil {
			socket.end(1012, "restart retry=0-5000")
		}
	}
	mu.Unlock()
	left := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(sockets)
	}
	for end := time.Now().Add(5*time.Second + graceTimeout); left() > 0 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	mu.Lock()
	for socket := range sockets {
		socket.end(1012, "restart retry=0-5000")
	}
	mu.Unlock()
	time.Sleep(100 * time.Millisecond)
}

func main() {
	flag.Parse()
	go func() {
		for n := 1; ; n++ {
			tickets <- n
		}
	}()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() { log.Fatal(http.Serve(listener, http.HandlerFunc(serve))) }()
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	select {
	case <-term:
		leaveOnce.Do(func() { close(leaving) })
	case <-leaving:
	}
	leave()
}
