// A server of the plain wire in Go, on gorilla/websocket: copy this folder, and put your own methods in.
// P-numbers name the rules of PROTOCOL.md. Left out: a limit of messages a second (P8.1).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

var (
	address      = flag.String("address", "127.0.0.1:0", "where to listen; the port is printed")
	pingInterval = flag.Duration("ping", 15*time.Second, "time between two pings")
)

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, http.HandlerFunc(serve)))
}

// authenticate gives the name of the user, or the code to close with.
func authenticate(token string) (user string, closeCode int) {
	switch token {
	case "s3cret":
		return "ada", 0
	case "b4nned":
		return "", 4403
	}
	return "", 4401
}

var methods = map[string]method{
	"sum": func(r *request) (any, error) {
		var numbers []float64
		err := json.Unmarshal(r.params, &numbers)
		sum := 0.0
		for _, number := range numbers {
			sum += number
		}
		return sum, err
	},
	"fail": func(r *request) (any, error) {
		return nil, &failure{"no_such_room", "There is no room 9.", map[string]int{"room": 9}}
	},
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
		r.client.mu.Lock()
		defer r.client.mu.Unlock()
		return len(r.client.running) - 1, nil // this one apart
	},
	"delete": func(r *request) (any, error) {
		var room string
		if err := json.Unmarshal(r.params, &room); err != nil {
			return nil, err
		}
		return r.client.ask(r.ctx, "confirm", "Delete "+room+"?")
	},
	"disconnect": func(r *request) (any, error) {
		var with struct {
			Code   int
			Reason string
		}
		err := json.Unmarshal(r.params, &with)
		r.client.hangUp(with.Code, with.Reason)
		return nil, err
	},
	"join": func(r *request) (any, error) {
		return changeMembership(r, func(in map[*connection]bool) { in[r.client] = true })
	},
	"leave": func(r *request) (any, error) {
		return changeMembership(r, func(in map[*connection]bool) { delete(in, r.client) })
	},
}

// onMessage takes what is no frame: this server echoes it.
func onMessage(ctx context.Context, c *connection, m message) {
	c.send(ctx, m)
}

func pause(ctx context.Context, span time.Duration) {
	select {
	case <-time.After(span):
	case <-ctx.Done():
	}
}
