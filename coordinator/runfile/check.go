package runfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/fields"
	"github.com/rondo-ml/rondo/nn/task"
)

// Validate reports the first impossible value, as Load does, but without lines: for a File made in Go.
func (f *File) Validate() error {
	return check(f, func(string) place { return place{file: "run file"} }, func(string) bool { return false })
}

// check looks at each field by itself, then at those that depend on one another. given says which fields
// stand in the file.
func check(f *File, locate func(path string) place, given func(path string) bool) error {
	list := f.all()
	for i := range list {
		d := &list[i]
		if want := d.misplaced(f); want != "" {
			if given(d.path) {
				return locate(d.path).blame(d.path, found(d, f), want)
			}
			continue
		}
		if want := d.impossible(f); want != "" {
			return locate(d.path).blame(d.path, found(d, f), want)
		}
	}
	for _, r := range slices.Concat(relations, scheduleRelations) {
		if want := r.broken(f); want != "" {
			return locate(r.path).blame(r.path, found(f.lookup(r.path), f), want)
		}
	}
	return nil
}

func found(d *field, f *File) string {
	if _, ok := d.at(f).(*string); ok {
		if d.text(f) == "" {
			return "nothing"
		}
		return quote(d.text(f))
	}
	if d.text(f) == "" {
		return "nothing"
	}
	return d.text(f)
}

// impossible says what is wanted in place of the field's value, or nothing when the value will do.
func (d *field) impossible(f *File) string {
	switch p := d.at(f).(type) {
	case *[]int:
		if len(*p) == 0 && d.path == "schedule.at" {
			return d.wants(f)
		}
	case *string:
		if d.oneOf != nil && !slices.Contains(d.oneOf(), *p) {
			return unknown(*p, d.oneOf())
		}
		if strings.ContainsFunc(*p, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
			return "text on one line, without control characters"
		}
		if d.check != nil {
			return d.check(*p)
		}
		return ""
	}
	return fields.Impossible(d.at(f), d.within)
}

// relation is a condition on several fields; the error blames path.
type relation struct {
	path   string
	broken func(*File) string
}

var relations = []relation{
	{"data.deviation", func(f *File) string {
		if len(f.Data.Mean) == len(f.Data.Deviation) {
			return ""
		}
		return fmt.Sprintf("one for each of data.mean's %d", len(f.Data.Mean))
	}},
	{"model.weights_skip", func(f *File) string {
		if f.Model.WeightsSkip == "" || f.Model.Weights != "" {
			return ""
		}
		return "nothing: there is no model.weights to take the others from"
	}},
	{"batch.lanes", func(f *File) string {
		if f.Batch.Global%f.Batch.Lanes == 0 {
			return ""
		}
		return fmt.Sprintf("a divisor of batch.global = %d: %s", f.Batch.Global, divisors(f.Batch.Global))
	}},
	{"batch.pipelines", wantPipelines},
	{"eval.prompts", func(f *File) string {
		switch n := len(f.Eval.PromptList()) * len(f.Eval.Temperatures); {
		case f.Eval.Prompts != "" && f.Task.Kind != task.Next:
			return "nothing: task.kind = " + f.Task.Kind + " writes no text"
		case f.Eval.Prompts != "" && f.Data.Valid == "":
			return "nothing: without data.valid there are no evaluations, at which it would go on with them"
		case n > mostWritten:
			return fmt.Sprintf("at most %d texts, each at each temperature; these are %d", mostWritten, n)
		}
		return ""
	}},
	{"checkpoint.keep_every", func(f *File) string {
		if c := f.Checkpoint; c.Every == 0 || c.KeepEvery%c.Every == 0 {
			return ""
		}
		return fmt.Sprintf("a multiple of checkpoint.every = %d, for other steps have no checkpoints", f.Checkpoint.Every)
	}},
	{"convolution", func(f *File) string {
		if f.Convolution != "winograd" || f.Precision == "float32" {
			return ""
		}
		return "direct: with precision = " + f.Precision + " convolutions are computed directly"
	}},
}

// wantPipelines says what is wanted in place of batch.pipelines, or nothing.
func wantPipelines(f *File) string {
	n, has := f.Batch.Pipelines, f.Model.info().Pipelines
	switch {
	case n == 1:
		return ""
	case has == 0:
		return "1: model.kind = " + f.Model.Kind + " is a network in one piece"
	case n != has:
		return fmt.Sprintf("1 or %d, which are the pipelines of model.kind = %s", has, f.Model.Kind)
	case f.Batch.Lanes%n != 0:
		return fmt.Sprintf("a divisor of batch.lanes = %d: so many lanes share their rows", f.Batch.Lanes)
	}
	return ""
}

// divisors lists the smallest divisors of n as possible numbers of lanes.
func divisors(n int) string {
	var list []string
	for d := 1; d <= n && d <= MaxLanes && len(list) < 12; d++ {
		if n%d == 0 {
			list = append(list, fmt.Sprint(d))
		}
	}
	return strings.Join(list, ", ")
}

// mostWritten is how many texts are written at an evaluation.
const mostWritten = 16

const maxPrompts = 4096

func wantPrompts(s string) string {
	if len(s) <= maxPrompts {
		return ""
	}
	return fmt.Sprintf("at most %d bytes", maxPrompts)
}

const maxName = 64

func nameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r)
}

// wantName: a run's name becomes part of paths, labels and addresses.
func wantName(s string) string {
	if s != "" && len(s) <= maxName && !strings.ContainsAny(s[:1], ".-") &&
		!strings.ContainsFunc(s, func(r rune) bool { return !nameRune(r) }) {
		return ""
	}
	return fmt.Sprintf("1 to %d letters, digits, '.', '_' or '-', the first no '.' or '-'", maxName)
}
