//go:build !linux

package statefile

func adviseHuge([]byte) {}
