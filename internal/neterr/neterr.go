// Package neterr says what an error of the network is, on each system.
package neterr

import (
	"errors"
	"syscall"
)

// windowsRefused is WSAECONNREFUSED, which package syscall doesn't translate.
const windowsRefused = syscall.Errno(10061)

// Refused reports whether nothing listens at the address.
func Refused(err error) bool {
	errno, _ := errors.AsType[syscall.Errno](err)
	return errno == syscall.ECONNREFUSED || errno == windowsRefused
}
