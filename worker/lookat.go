package worker

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/order"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// mostLookedAt is how many samples LookAt counts: enough for shares.
const mostLookedAt = 20000

// LookAt says how often a run goes through its training set, which samples are longer than the network has room for, and of
// classes how they are shared out, what a network scores that does not look at its input, whether the last bias should start
// from their counts (as Karpathy's recipe has it), and whether the network tells more apart than there are.
func LookAt(f *runfile.File) (string, error) {
	d, err := OpenData(f, f.Data.Train)
	if err != nil {
		return "", fmt.Errorf("data.train: %w", err)
	}
	epoch := d.epochSteps(f)
	text := fmt.Sprintf("an epoch is %s steps, the run %s epochs", amount(epoch), amount(float64(f.Steps)/epoch))
	if d.samples == nil {
		return text, nil
	}
	parts, _, err := partsOf(f)
	if err != nil {
		return "", fmt.Errorf("data.train: %w", err)
	}
	l := newLooked(f, d.samples.Schema(), parts)
	if l.class < 0 && len(l.rooms) == 0 {
		return text, nil
	}
	for i := range min(mostLookedAt, d.samples.Len()) {
		s, err := d.samples.At(order.New(f.Seed, 0, d.samples.Len()).At(i))
		if err == nil {
			err = l.add(s)
		}
		if err != nil {
			return "", fmt.Errorf("data.train: sample %d: %w", i, err)
		}
	}
	return text + l.text(f.Model.FinalBias == runfile.FromCounts), nil
}

// looked is what LookAt has counted of so many samples.
type looked struct {
	samples int
	class   int      // the part that holds the class; below 0: none
	names   []string // of the classes
	told    int      // classes that the network tells apart; 0: it does not say
	counts  map[int]int
	rooms   []room
}

// room is what a network reads of a part whose length differs, at most.
type room struct {
	at         int // number of the part
	name, from string
	steps      int // that there is room for
	longer     int // samples that have more
	longest    int
}

func newLooked(f *runfile.File, schema samples.Schema, parts []nn.Part) *looked {
	l := &looked{class: -1, counts: map[int]int{}}
	if at := schema.Part(task.Class); at >= 0 && f.Task.Kind == task.Class && len(schema.Parts[at].Shape) == 0 {
		l.class, l.names = at, schema.Parts[at].Classes
	}
	for _, p := range parts {
		switch holds := p.Holds.(type) {
		case *nn.Targets:
			if p.Name == task.Class {
				l.told = holds.Classes
			}
		case *nn.Lengths:
			name, _ := strings.CutSuffix(p.Name, nn.LengthSuffix)
			r := room{at: schema.Part(name), name: name, steps: holds.Steps}
			if holds.Steps == f.RowLength() {
				r.from = " (batch.length)"
			}
			l.rooms = append(l.rooms, r)
		}
	}
	return l
}

// add counts a sample.
func (l *looked) add(s samples.Sample) error {
	l.samples++
	for i := range l.rooms {
		r := &l.rooms[i]
		n := s[r.at].Shape[0]
		if n > r.steps {
			r.longer++
		}
		r.longest = max(r.longest, n)
	}
	if l.class < 0 {
		return nil
	}
	b := s[l.class].Data
	if len(b) != 4 {
		return fmt.Errorf("a class of %d bytes", len(b))
	}
	l.counts[int(int32(binary.LittleEndian.Uint32(b)))]++
	return nil
}

// text is what was found, behind something else. begins says that the last bias begins at the counts.
func (l *looked) text(begins bool) (text string) {
	if l.class >= 0 {
		text = "; " + shares(l.counts, l.names, l.samples, begins)
		if len(l.names) > 0 && l.told > len(l.names) {
			text += fmt.Sprintf("; the network tells %d apart, see model.classes", l.told)
		}
	}
	for _, r := range l.rooms {
		if r.longer > 0 {
			text += fmt.Sprintf("; of %s the network reads the first %d%s, and %.3g %% have more, up to %d",
				r.name, r.steps, r.from, 100*float64(r.longer)/float64(l.samples), r.longest)
		}
	}
	return text
}

// amount is a number to three digits or to the whole.
func amount(x float64) string {
	if x < 100 {
		return fmt.Sprintf("%.3g", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// shares describes counts of classes. begins says that the last bias begins at them.
func shares(counts map[int]int, names []string, n int, begins bool) string {
	classes := len(names)
	for class := range counts {
		classes = max(classes, class+1)
	}
	most, least, entropy := 0, 0, 0.0
	for class := range classes {
		c := counts[class]
		if c > counts[most] {
			most = class
		}
		if c < counts[least] {
			least = class
		}
		if c > 0 {
			share := float64(c) / float64(n)
			entropy -= share * math.Log(share)
		}
	}
	name := func(class int) string {
		if class < len(names) {
			return names[class]
		}
		return fmt.Sprint(class)
	}
	percent := func(class int) float64 { return 100 * float64(counts[class]) / float64(n) }
	text := fmt.Sprintf("%d classes, %.3g %% (%s) to %.3g %% (%s); who does not look says %[5]s: %.3[4]g %% right, %.4[6]g nats",
		classes, percent(least), name(least), percent(most), name(most), entropy)
	if even := math.Log(float64(classes)); !begins && even-entropy > 0.02*even {
		text += fmt.Sprintf("; model.final_bias=counts would start there, and not at %.4g", even)
	}
	return text
}
