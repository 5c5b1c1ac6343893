//go:build !unix

package worker

func effortOf() effort { return effort{} }
