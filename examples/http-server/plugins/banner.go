// Package banner changes what the server answers.
package banner

import "strings"

type banner struct{}

// New makes the middleware.
func New() banner { return banner{} }

func (banner) After(path, body string) string {
	if path == "/panic" {
		panic("the plug-in is broken")
	}
	return strings.ToUpper(body[:1]) + body[1:]
}
