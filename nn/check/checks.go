package check

import (
	"errors"
	"fmt"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// Check is one thing that is checked of a network.
type Check struct {
	Name  string // "lanes"
	About string // what holds when the check passes

	// OfData says that the check tells something only on data from which there is
	// something to learn, and not on batches that are made up.
	OfData bool

	run func(n *Network) (found string, err error)
}

// Checks returns all checks, in the order in which [Run] runs them.
func Checks() []Check {
	return []Check{
		{"lanes", "the same bits with all lanes, 2 lanes and 1 lane a worker", false, plain(lanes)},
		{"threads", "the same bits on 1, 2 and 3 threads", false, plain(threads)},
		{"memory", "no operation reads what it did not keep, or adds to what it promised to set", false, plain(memory)},
		{"ready", "a gradient that is said to be complete stays as it is", false, plain(ready)},
		{"start", "the first loss is what a network has that knows nothing", true, start},
		{"gradients", "every parameter receives a gradient", false, gradients},
		{"rows", "no sample leaks into another", false, leaks},
		{"modes", "training and inference differ only where they should", false, modes},
		{"overfit", "one lane of a batch is learnt by heart", true, overfit},
	}
}

// plain is a check that has nothing to tell when it passes.
func plain(run func(n *Network) error) func(n *Network) (string, error) {
	return func(n *Network) (string, error) { return "", run(n) }
}

// Run runs the check, and says what it found. A panic of the network is an error.
func (c Check) Run(n *Network) (found string, err error) {
	defer zoo.Recover(n.kind(), &err)
	return c.run(n)
}

// Run runs all checks that do not need real data, and returns what fails, each with
// its check's name. A network that panics is not asked again.
func Run(n *Network) error {
	var all []error
	for _, c := range Checks() {
		if c.OfData {
			continue
		}
		_, err := c.Run(n)
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", c.Name, err))
		}
		if _, panicked := errors.AsType[*zoo.PanicError](err); panicked {
			break
		}
	}
	return errors.Join(all...)
}

// lanes compares the bits of tapes for all lanes, for two and for one: what
// workers compute at once.
func lanes(n *Network) error {
	for _, few := range []int{2, 1} {
		all := way{lanes: n.Shape.Lanes, threads: n.threads()}
		if few >= all.lanes {
			continue
		}
		split := all
		split.lanes = few
		err := n.compare(all, split, [2]string{"with " + laneText(all.lanes) + " a worker", "with " + laneText(few)})
		if err != nil {
			return err
		}
	}
	return nil
}

func laneText(n int) string {
	if n == 1 {
		return "1 lane"
	}
	return fmt.Sprintf("%d lanes", n)
}

// threads compares the bits of goroutines that share out the work otherwise.
func threads(n *Network) error {
	one := way{lanes: n.Shape.Lanes, threads: 1}
	for _, more := range []int{2, 3} {
		many := one
		many.threads = more
		if err := n.compare(one, many, [2]string{"on 1 thread", fmt.Sprintf("on %d threads", more)}); err != nil {
			return err
		}
	}
	return nil
}

// memory compares the bits of a lane with and without NaN in what operations
// must not rely on.
func memory(n *Network) error {
	calm := way{lanes: 1, threads: n.threads(), steps: 1}
	poisoned := calm
	poisoned.poisoned = true
	return n.compare(calm, poisoned, [2]string{"as it is", "with NaN in all memory that no operation may rely on"})
}

// compare returns an error that tells where two ways part, if they do.
func (n *Network) compare(one, other way, names [2]string) error {
	if one.steps == 0 {
		one.steps, other.steps = n.steps(), n.steps()
	}
	found, err := n.part(one, other)
	if found == nil || err != nil {
		return err
	}
	// Once more, looking at every operation. Some then go another way, on which
	// there may be nothing to see.
	one.observed, other.observed = true, true
	one.steps, other.steps = found.step+1, found.step+1
	text := found.text(names)
	if first, err := n.part(one, other); err == nil && first != nil && first.what != found.what {
		text = fmt.Sprintf("%s; the first to differ is %s", text, first.place())
	}
	return errors.New(text)
}

// part finds where two ways part.
func (n *Network) part(one, other way) (*difference, error) {
	a, err := n.take(one)
	if err != nil {
		return nil, err
	}
	b, err := n.take(other)
	if err != nil {
		return nil, err
	}
	return a.against(b), nil
}

// place says where the difference is.
func (d *difference) place() string {
	if d.lane < 0 {
		return fmt.Sprintf("%s (step %d)", d.what, d.step)
	}
	return fmt.Sprintf("%s (step %d, lane %d)", d.what, d.step, d.lane)
}
