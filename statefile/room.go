package statefile

import (
	"cmp"
	"sync"
)

// large is from how many bytes on a text is treated as a large one.
const large = 4 << 20

// room returns a slice for a text of so many bytes.
func room(size int) []byte {
	text := make([]byte, size)
	if size >= large {
		adviseHuge(text)
	}
	return text
}

// inHalves calls do with the two halves of what a file of so many bytes holds, both at
// once if it is large, and returns the error of the first one that has any.
func inHalves(size int, do func(from, to int) error) error {
	if size < large {
		return do(0, size)
	}
	half := size / 2
	var first, second error
	var group sync.WaitGroup
	group.Go(func() { second = do(half, size) })
	first = do(0, half)
	group.Wait()
	return cmp.Or(first, second)
}
