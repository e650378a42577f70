//go:build !linux

package statefile

import "os"

func startWriteback(*os.File, int64, int64) {}
