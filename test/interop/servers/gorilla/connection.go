package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxMessage      = 1 << 20 // bytes
	maxOpenRequests = 64
	maxWaiting      = 256 // messages for one slow reader
	authTimeout     = 10 * time.Second
	askTimeout      = 10 * time.Second
	writeTimeout    = 10 * time.Second
)

// connection is the server's end of one WebSocket.
type connection struct {
	socket *websocket.Conn
	user   string
	out    chan message

	mu      sync.Mutex
	running map[string]context.CancelFunc // what the page asked, by id
	asked   map[string]chan *frame        // what we asked the page, by id
	lastID  int
}

type message struct {
	kind int // websocket.TextMessage, websocket.BinaryMessage
	data []byte
}

func serve(w http.ResponseWriter, r *http.Request) {
	var upgrader websocket.Upgrader
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	socket.SetReadLimit(maxMessage)
	c := &connection{
		socket:  socket,
		out:     make(chan message, maxWaiting),
		running: map[string]context.CancelFunc{},
		asked:   map[string]chan *frame{},
	}
	defer onGone(c)
	ctx, gone := context.WithCancel(context.Background())
	defer gone() // stops what is running: P4.7
	admitted := c.admit()
	if admitted {
		go c.write(ctx, gone)
	}
	for {
		socket.SetReadDeadline(time.Now().Add(2 * *pingInterval)) // P3.5
		kind, data, err := socket.ReadMessage()
		if err != nil {
			return
		}
		if admitted {
			c.receive(ctx, message{kind, data})
		}
	}
}

// admit expects `auth`, and nothing else before it: P5.
func (c *connection) admit() bool {
	var f frame
	var params struct{ Token string }
	c.socket.SetReadDeadline(time.Now().Add(authTimeout))
	if c.socket.ReadJSON(&f) != nil || f.Method != "auth" || json.Unmarshal(f.Params, &params) != nil {
		c.hangUp(4401, "authenticate first")
		return false
	}
	user, closeCode := authenticate(params.Token)
	if user == "" {
		c.socket.WriteJSON(frame{ID: f.ID, Error: &failure{Code: closeCode, Message: "refused"}})
		c.hangUp(closeCode, "refused")
		return false
	}
	c.user = user
	return c.socket.WriteJSON(frame{ID: f.ID, Result: encode(nil)}) == nil
}

// write is the only one that writes messages, as gorilla wants it. It pings as well.
func (c *connection) write(ctx context.Context, gone context.CancelFunc) {
	defer gone()
	heartbeat := time.NewTicker(*pingInterval)
	defer heartbeat.Stop()
	ping := message{websocket.TextMessage, []byte(fmt.Sprintf("ping %d", pingInterval.Milliseconds()))} // P3.2
	next := ping
	for {
		c.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
		if c.socket.WriteMessage(next.kind, next.data) != nil {
			c.hangUp(websocket.CloseGoingAway, "")
			return
		}
		select {
		case next = <-c.out:
		case <-heartbeat.C:
			next = ping
		case <-ctx.Done():
			return
		}
	}
}

// send waits while the reader is slow.
func (c *connection) send(ctx context.Context, m message) {
	select {
	case c.out <- m:
	case <-ctx.Done():
	}
}

func (c *connection) sendFrame(ctx context.Context, f frame) {
	if ctx.Err() == nil { // nothing follows a cancel: P4.5
		c.send(ctx, message{websocket.TextMessage, encode(f)})
	}
}

// push does not wait: a reader that is too slow has to go, P8.1.
func (c *connection) push(m message) {
	select {
	case c.out <- m:
	default:
		go c.hangUp(websocket.CloseTryAgainLater, "too slow")
	}
}

// hangUp closes, and leaves the page a moment to agree.
func (c *connection) hangUp(code int, reason string) {
	deadline := time.Now().Add(writeTimeout)
	c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), deadline)
	time.AfterFunc(writeTimeout, func() { c.socket.Close() })
}
