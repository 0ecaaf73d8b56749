package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strconv"
	"time"
)

// request is one that the page asked.
type request struct {
	ctx    context.Context // ends when the page cancels, or is gone
	client *connection
	method string
	params json.RawMessage
	item   func(value any) // sends an item: the method is a stream
}

// method gives the result of a request.
type method func(r *request) (any, error)

// start answers a request beside the others.
func (c *connection) start(ctx context.Context, f *frame) {
	running, cancel := context.WithCancel(ctx)
	if refusal := c.register(string(f.ID), cancel); refusal != nil {
		cancel()
		c.sendFrame(ctx, frame{ID: f.ID, Error: refusal})
		return
	}
	go func() {
		defer cancel()
		c.answer(running, f)
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.running, string(f.ID))
	}()
}

func (c *connection) register(id string, cancel context.CancelFunc) *failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.running[id]; taken {
		return &failure{Code: -32600, Message: "There is an open request of this id."}
	}
	if len(c.running) >= maxOpenRequests { // P8.1
		return &failure{Code: "too_many_requests", Message: "Wait for an answer before you ask more."}
	}
	c.running[id] = cancel
	return nil
}

// cancel stops a request: P4.5.
func (c *connection) cancel(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel, open := c.running[id]; open {
		cancel()
	}
}

// answer answers with one result or error: P4.2.
func (c *connection) answer(ctx context.Context, f *frame) {
	item := func(value any) { c.sendFrame(ctx, frame{ID: f.ID, Item: encode(value)}) }
	result, err := run(&request{ctx: ctx, client: c, method: f.Method, params: f.Params, item: item})
	var worded *failure
	switch {
	case err == nil:
		c.sendFrame(ctx, frame{ID: f.ID, Result: result})
	case errors.As(err, &worded):
		c.sendFrame(ctx, frame{ID: f.ID, Error: worded})
	default:
		log.Printf("%s: %v", f.Method, err)
		c.sendFrame(ctx, frame{ID: f.ID, Error: &failure{Code: -32603, Message: "Internal error."}})
	}
}

// run runs a method. One that panics takes nothing with it but its own request.
func run(r *request) (result json.RawMessage, err error) {
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("panic: %v", crash)
		}
	}()
	do, known := methods[r.method]
	if !known {
		return nil, &failure{Code: -32601, Message: "There is no such method."}
	}
	value, err := do(r)
	if err != nil {
		return nil, err
	}
	return encode(value), nil
}

// ask asks the page, and gives its answer.
func (c *connection) ask(ctx context.Context, method string, params any) (json.RawMessage, error) {
	answer := make(chan *frame, 1)
	c.mu.Lock()
	c.lastID++
	id := strconv.Itoa(c.lastID)
	c.asked[id] = answer
	c.mu.Unlock()
	defer c.forget(id)
	c.sendFrame(ctx, frame{ID: json.RawMessage(id), Method: method, Params: encode(params)})
	select {
	case f := <-answer:
		if f.Error != nil {
			return nil, f.Error
		}
		return f.Result, nil
	case <-time.After(askTimeout):
		return nil, errors.New("the page did not answer " + method)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// forget takes a question off the list, and gives where its answer goes.
func (c *connection) forget(id string) chan *frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := c.asked[id]
	delete(c.asked, id)
	return answer
}

// settle takes an answer of the page. One that comes too late is ignored: P4.6.
func (c *connection) settle(f *frame) {
	if answer := c.forget(string(f.ID)); answer != nil {
		answer <- f
	}
}
