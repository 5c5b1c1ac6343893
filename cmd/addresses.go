package cmd

import (
	"fmt"
	"net"
	"strings"

	"github.com/spf13/pflag"
)

// addresses is a flag of HOST:PORTs: several have commas between them, or are given one after the other.
type addresses struct{ list *[]string }

// addressesVar adds such a flag.
func addressesVar(f *pflag.FlagSet, list *[]string, name, usage string) {
	f.Var(&addresses{list}, name, usage+" (several: with commas between, or given several times)")
}

func (a *addresses) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if host, port, err := net.SplitHostPort(part); err != nil || host == "" || port == "" {
			return fmt.Errorf("%q is no HOST:PORT, as host0:8781", part)
		}
		*a.list = append(*a.list, part)
	}
	return nil
}

func (a *addresses) String() string {
	if a.list == nil {
		return ""
	}
	return strings.Join(*a.list, ",")
}

func (a *addresses) Type() string { return "addresses" }
