package statefile

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page where pages have 4 kB.
const hugePage = 2 << 20

// adviseHuge asks the system to take huge pages for the memory of a text that nothing has been
// written to: to provide 12,000 small ones takes longer than to read the text that
// they are for. It may refuse, or not know them.
func adviseHuge(text []byte) {
	start := int(-uintptr(unsafe.Pointer(unsafe.SliceData(text))) % hugePage)
	end := start + (len(text)-start)/hugePage*hugePage
	if start < end {
		unix.Madvise(text[start:end], unix.MADV_HUGEPAGE)
	}
}
