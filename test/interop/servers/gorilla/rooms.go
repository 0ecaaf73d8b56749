package main

import (
	"encoding/json"
	"sync"

	"github.com/gorilla/websocket"
)

// room is a channel.
type room struct {
	sync.Mutex
	in map[*connection]bool
}

var rooms = map[string]*room{"chat": {in: map[*connection]bool{}}}

// changeMembership answers `join` and `leave`: P6.2.
func changeMembership(r *request, change func(in map[*connection]bool)) (any, error) {
	var params struct{ Channel string }
	if err := json.Unmarshal(r.params, &params); err != nil {
		return nil, err
	}
	room, known := rooms[params.Channel]
	if !known {
		return nil, &failure{"no_such_channel", "There is no such channel.", nil}
	}
	room.Lock()
	defer room.Unlock()
	change(room.in)
	return map[string]int{"members": len(room.in)}, nil
}

// onEvent passes what somebody says to all in the room.
func onEvent(c *connection, f *frame) {
	var data struct{ Text string }
	room, known := rooms[f.Channel]
	if !known || f.Event != "message" || json.Unmarshal(f.Data, &data) != nil {
		return
	}
	said := frame{Channel: f.Channel, Event: f.Event, Data: encode(map[string]string{"from": c.user, "text": data.Text})}
	text := message{websocket.TextMessage, encode(said)} // once for all
	room.Lock()
	defer room.Unlock()
	if !room.in[c] {
		return // P6.4
	}
	for member := range room.in {
		member.push(text)
	}
}

// onGone takes a client out of all rooms.
func onGone(c *connection) {
	for _, room := range rooms {
		room.Lock()
		delete(room.in, c)
		room.Unlock()
	}
}
