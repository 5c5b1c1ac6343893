package samples

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// checked is a registered source that is held to what it says of itself: it may be anybody's.
type checked struct {
	name   string // what a run file calls it
	source Source
	schema Schema
	length int
	hash   string
}

// openRegistered opens a source of a registered scheme.
func openRegistered(name string) (Source, error) {
	scheme, _, _ := strings.Cut(name, ":")
	c := &checked{name: name}
	err := guard(func() (err error) {
		if c.source, err = schemes[scheme](name); err != nil {
			return err
		}
		if c.source == nil {
			return errors.New("opening it gives neither a source nor an error")
		}
		c.schema, c.length, c.hash = c.source.Schema(), c.source.Len(), c.source.Hash()
		if c.hash == "" {
			return errors.New("its hash is empty; workers and checkpoints tell data apart by it")
		}
		if c.schema.InOrder { // decides which samples a step has, whatever the author's hash says
			c.hash = "in-order:" + c.hash
		}
		return c.schema.Check()
	})
	switch {
	case err == nil:
		return c, nil
	case strings.Contains(err.Error(), name):
		return nil, err
	}
	return nil, fmt.Errorf("%s: %w", name, err)
}

func (c *checked) Len() int       { return c.length }
func (c *checked) Schema() Schema { return c.schema }
func (c *checked) Hash() string   { return c.hash }

// At returns an error where the sample is not what the schema says.
func (c *checked) At(i int) (sample Sample, err error) {
	err = guard(func() (err error) {
		if sample, err = c.source.At(i); err == nil {
			err = c.schema.fits(sample)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: sample %d: %w", c.name, i, err)
	}
	return sample, nil
}

// fits says whether a sample is what the schema says.
func (s Schema) fits(sample Sample) error {
	if len(sample) != len(s.Parts) {
		return fmt.Errorf("a sample of %d parts, the schema has %d", len(sample), len(s.Parts))
	}
	for i, p := range s.Parts {
		if err := p.fits(sample[i]); err != nil {
			return fmt.Errorf("part %q: %w", p.Name, err)
		}
	}
	return nil
}

// guard makes an error of a panic, with the line that it came from.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panics: %v%s", v, panicLine())
		}
	}()
	return f()
}

// panicLine is the innermost line of the panic under way that is not of the runtime: " (mine.go:41 in main.moons.At)".
func panicLine() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)]) // behind Callers, panicLine and guard's
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf(" (%s:%d in %s)", filepath.Base(f.File), f.Line, f.Function[strings.LastIndexByte(f.Function, '/')+1:])
		}
		if !more {
			return ""
		}
	}
}
