package projector

import (
	"context"
	"errors"
	"fmt"
)

// Choice says which points are meant. What is empty is what the source takes if nobody asks for another.
type Choice struct {
	Run  string `json:"run,omitempty"`
	Of   string `json:"of,omitempty"`   // what the points are, as embedding.weight
	Step uint64 `json:"step,omitempty"` // of the checkpoint; 0: the newest
}

// Menu is what there is to choose from. Nothing is where there is one set alone.
type Menu struct {
	Runs  []string `json:"runs,omitempty"`
	Of    []string `json:"of,omitempty"`
	Steps []uint64 `json:"steps,omitempty"` // in order
}

// Source has sets of points. It may be used by several goroutines.
type Source interface {
	// Menu tells what there is of the choice's run and step, and fills in what the choice leaves open. A choice that there is
	// not is an error.
	Menu(c Choice) (Menu, Choice, error)
	// Open reads one set, for a choice that Menu has filled, and says where layouts of it are kept. It ends with ctx.
	Open(ctx context.Context, c Choice, progress func(done, all int)) (*Set, Cache, error)
}

// One is a source of one set.
type One struct {
	Set   *Set
	Cache Cache
}

// Menu knows the empty choice alone.
func (o One) Menu(c Choice) (Menu, Choice, error) {
	if c != (Choice{}) {
		return Menu{}, c, fmt.Errorf("%+v: there is one set of points here; ask without run, of and step", c)
	}
	return Menu{}, c, nil
}

// Open is the set.
func (o One) Open(context.Context, Choice, func(done, all int)) (*Set, Cache, error) {
	return o.Set, o.Cache, nil
}

// errStopped is of what was asked to end.
var errStopped = errors.New("stopped")
