// Package integration tests Rondo as its users have it: whole processes of the
// real binary, started, watched, killed, and asked for the digest of what they
// made.
//
// The harness (harness.go, process.go) builds the binary once, starts
// processes, reads what they print, asks their status page, and kills what is
// left when a test ends. It waits for conditions, never for time to pass: a
// test ends when what it waits for has come, or the process it waits for has
// gone, or the test's deadline is near, and then it prints every log.
//
// `make test` runs the short form, `make integ` all of it.
package integration
