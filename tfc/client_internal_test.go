package tfc

import (
	"net/url"
	"testing"
)

// TestUnsendable: what is no request isn't sent again and again.
func TestUnsendable(t *testing.T) {
	c := &client{base: &url.URL{Scheme: "https", Host: "app.terraform.io"}}
	if again, err := c.once(t.Context(), "NO METHOD", "vars", nil, nil); again || err == nil {
		t.Errorf("again: %t, %v", again, err)
	}
}
