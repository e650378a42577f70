package neterr

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("connection refused"), false},
		{syscall.ECONNRESET, false},
		{syscall.ECONNREFUSED, true},
		{fmt.Errorf("of Windows: %w", syscall.Errno(10061)), true},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connectex", syscall.ECONNREFUSED)}, true},
	} {
		if got := Refused(tt.err); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.err, got, tt.want)
		}
	}
	// As this system says it.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	l.Close()
	if _, err := net.Dial("tcp", l.Addr().String()); !Refused(err) {
		t.Errorf("got %v, want a refusal", err)
	}
}
