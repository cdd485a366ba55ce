// Package auth lets nobody in without a token, and counts who comes.
package auth

import (
	"fmt"
	"strings"
)

const (
	unauthorized    = 401
	tooManyRequests = 429
)

// A Request is what the host asks about.
type Request struct {
	Method, Path string
	Headers      map[string]string
}

// A Response ends a request before it reaches the server.
type Response struct {
	Status int
	Body   string
}

type auth struct {
	visits map[string]int
}

// New makes the middleware.
func New() *auth { return &auth{map[string]int{}} }

func (*auth) Name() string { return "auth" }

func (a *auth) Before(r Request) (*Response, error) {
	if !strings.HasPrefix(r.Path, "/private") {
		return nil, nil
	}
	user, ok := strings.CutPrefix(r.Headers["authorization"], "Bearer ")
	if !ok {
		return &Response{unauthorized, "who are you?\n"}, nil
	}
	a.visits[user]++
	if a.visits[user] > 3 {
		return &Response{tooManyRequests, fmt.Sprintf("%s, that is enough\n", user)}, nil
	}
	return nil, nil
}
