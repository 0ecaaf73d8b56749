package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"

	"github.com/gorilla/websocket"
)

// frame is any frame of the plain wire. A member that was absent is empty; one that was null holds the text null.
type frame struct {
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *failure        `json:"error,omitempty"`
	Item    json.RawMessage `json:"item,omitempty"`
	Cancel  bool            `json:"cancel,omitempty"`
	Channel string          `json:"channel,omitempty"`
	Event   string          `json:"event,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// failure travels to the page as it is worded. Of any other error the page learns nothing: P4.3.
type failure struct {
	Code    any    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (f *failure) Error() string { return f.Message }

var errMalformed = errors.New("malformed frame")

// decode reads a frame. It is nil if the text is the app's own: P2.3. A frame with wrong types in it is an error: P2.4.
func decode(text []byte) (*frame, error) {
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return nil, errMalformed
		}
		return nil, nil
	}
	if f.Channel != "" && f.Event != "" {
		return &f, nil
	}
	if f.ID == nil || f.Method == "" && f.Result == nil && f.Error == nil && f.Item == nil && !f.Cancel {
		return nil, nil
	}
	if !bytes.ContainsRune([]byte(`"-0123456789`), rune(f.ID[0])) {
		return nil, errMalformed
	}
	return &f, nil
}

// encode is for values that are known to be JSON.
func encode(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// receive handles one message after the other: P2.5.
func (c *connection) receive(ctx context.Context, m message) {
	if m.kind == websocket.BinaryMessage {
		onMessage(ctx, c, m)
		return
	}
	switch string(m.data) {
	case "ping":
		c.send(ctx, message{m.kind, []byte("pong")}) // P3.1
		return
	case "pong":
		return
	}
	f, err := decode(m.data)
	switch {
	case err != nil:
		log.Printf("ignored: %v: %.100s", err, m.data) // P2.4
	case f == nil:
		onMessage(ctx, c, m) // P2.3
	case f.Channel != "":
		onEvent(c, f)
	case f.Method == "join" || f.Method == "leave":
		c.answer(ctx, f) // now, so that the events after it count: P6.4
	case f.Method != "":
		c.start(ctx, f)
	case f.Cancel:
		c.cancel(string(f.ID))
	default:
		c.settle(f)
	}
}
