package cmd

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/cmd/program"
)

// callBy puts the name of the binary into help texts, which are written for one that is called rondo. Errors and hints
// take the name from package program.
func callBy(root *cobra.Command, name string) {
	var words []string
	for _, c := range root.Commands() {
		words = append(words, regexp.QuoteMeta(c.Name()))
	}
	// A name that only ends in the usual one, as mine.rondo, is a name that is there already.
	call := regexp.MustCompile(`(^|[^\w.-])` + program.Usual + `( (?:` + strings.Join(words, "|") + `)\b)`)
	named := func(text *string) {
		*text = call.ReplaceAllStringFunc(*text, func(s string) string { return strings.Replace(s, program.Usual, name, 1) })
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		named(&c.Short)
		named(&c.Long)
		named(&c.Example)
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { named(&f.Usage) })
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}
