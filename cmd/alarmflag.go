package cmd

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/coordinator/hook"
)

// addOnAlarm adds the flag for who is told of alarms.
func addOnAlarm(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "on-alarm", "", "`URL or command` that is told of each alarm when it begins and when it is over, and of a run that fails: JSON as a POST, or on its standard input")
}

func checkOnAlarm(target string) error {
	if target == "" {
		return nil
	}
	if err := hook.Check(target); err != nil {
		return fmt.Errorf("--on-alarm: %w", err)
	}
	return nil
}
