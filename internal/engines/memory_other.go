//go:build !linux

package engines

func inMemory() string { return "" }
