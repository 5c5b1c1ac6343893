package zoo

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/rondo-ml/rondo/nn/task"
)

// PanicError is a panic of a model: of its constructor, of its Forward, or of an
// operation that it recorded. Layers of package nn panic when they are given
// what does not fit.
type PanicError struct {
	Kind  string // of the model; empty: it was no model that panicked
	Value any    // what it panicked with
	At    string // where it came from, the model's own line if there is one: "mine.go:41 in main.(*model).Forward"
}

func (e *PanicError) Error() string {
	const most = 400
	text := strings.Join(strings.Fields(fmt.Sprint(e.Value)), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	who := "internal error"
	if e.Kind != "" {
		who = "model.kind: " + e.Kind + " panics"
	}
	return fmt.Sprintf("%s: %s (%s; RONDO_DEBUG=1 shows the stack)", who, text, e.At)
}

// Recover, which must be deferred, turns a panic into a *PanicError in err, and a
// [task.Misfit] into itself. A panic from elsewhere than models and layers is not
// blamed on the kind, which may be empty. With RONDO_DEBUG in the environment the
// stack goes to standard error.
func Recover(kind string, err *error) {
	v := recover()
	if v == nil {
		return
	}
	if os.Getenv("RONDO_DEBUG") != "" {
		fmt.Fprintf(os.Stderr, "panic: %v\n%s\n", v, debug.Stack())
	}
	if misfit, ok := v.(*task.Misfit); ok {
		*err = misfit
		return
	}
	e := &PanicError{Kind: kind, Value: v}
	var ofModel bool
	if e.At, ofModel = origin(); !ofModel {
		e.Kind = ""
	}
	*err = e
}

const module = "github.com/rondo-ml/rondo/"

// The packages of layers, in which a panic is the fault of the model that uses
// them, and that of models.
var layerPackages = []string{module + "nn.", module + "nn/optim.", module + "nn/portable.", module + "tensor"}

const zooPackage = module + "nn/zoo."

// origin is the line that the panic under way came from: the innermost one of a
// model's, or where it is in an operation that is run later, that of the layer.
func origin() (at string, ofModel bool) {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)]) // behind Callers, origin and Recover
	layer, library := "", ""
	for {
		f, more := frames.Next()
		inRondo := strings.HasPrefix(f.Function, module)
		here := fmt.Sprintf("%s:%d in %s", filepath.Base(f.File), f.Line, f.Function[strings.LastIndexByte(f.Function, '/')+1:])
		if f.Function == "runtime.gopanic" {
			library = strings.TrimSuffix(f.File, "runtime/panic.go")
		}
		switch {
		case f.Function == "" || strings.HasPrefix(f.Function, "runtime."):
		case isLayer(f.Function):
			if layer == "" {
				layer = here
			}
		case strings.HasPrefix(f.Function, zooPackage), !inRondo && (library == "" || !strings.HasPrefix(f.File, library)):
			return here, true
		case inRondo: // who called the model
			if layer != "" {
				return layer, true
			}
			return here, false
		}
		if !more {
			return "an unknown place", false
		}
	}
}

func isLayer(function string) bool {
	for _, p := range layerPackages {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}
