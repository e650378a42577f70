package terraform

import (
	"io"
	"sync"
)

// serial is a writer that one goroutine at a time writes to. A write that fails is
// no reason to end a command that goes on.
type serial struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w.Write(p)
	return len(p), nil
}
