// Package cmp stands for github.com/google/go-cmp/cmp in the binary of a release.
//
// The embedded etcd calls go-cmp at one place: to describe what differs when its
// own consistency check fails, which only runs where ETCD_VERIFY is set. But
// go-cmp asks reflection for methods by number, and so the linker has to keep
// every exported method of every type: a sixth of the binary. This package has
// what the check calls. Tests, and `go install`, link go-cmp itself.
package cmp

import (
	"fmt"
	"reflect"
)

// Option is there for the signature alone: etcd passes none.
type Option any

// Diff describes how x and y differ; it is empty where they are equal.
func Diff(x, y any, _ ...Option) string {
	if reflect.DeepEqual(x, y) {
		return ""
	}
	return fmt.Sprintf("- %v\n+ %v", x, y)
}
