// Package hook tells a program or a web address what happened: a JSON object is
// the body of a POST, or the standard input of a command.
//
// Fire never waits. What cannot be told within some seconds, or is told while
// too much waits, is let go with a line in the log; nothing depends on it.
package hook
