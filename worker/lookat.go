package worker

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/order"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
)

// mostLookedAt is how many samples LookAt counts: enough for shares.
const mostLookedAt = 20000

// LookAt says how often a run goes through its training set, and of classes how they are shared out, what a network scores
// that does not look at its input, whether the last bias should start from their counts (as Karpathy's recipe has it), and
// whether the network tells more apart than there are.
func LookAt(f *runfile.File) (string, error) {
	d, err := OpenData(f, f.Data.Train)
	if err != nil {
		return "", fmt.Errorf("data.train: %w", err)
	}
	epoch := d.epochSteps(f)
	passes := fmt.Sprintf("an epoch is %s steps, the run %s epochs", amount(epoch), amount(float64(f.Steps)/epoch))
	if d.samples == nil || f.Task.Kind != task.Class {
		return passes, nil
	}
	at := d.samples.Schema().Part(task.Class)
	if at < 0 || len(d.samples.Schema().Parts[at].Shape) > 0 {
		return passes, nil
	}
	names, n := d.samples.Schema().Parts[at].Classes, min(mostLookedAt, d.samples.Len())
	counts := map[int]int{}
	for i := range n {
		s, err := d.samples.At(order.New(f.Seed, 0, d.samples.Len()).At(i))
		if err != nil {
			return "", fmt.Errorf("data.train: %w", err)
		}
		if len(s[at].Data) != 4 {
			return "", fmt.Errorf("data.train: sample %d: a class of %d bytes", i, len(s[at].Data))
		}
		counts[int(int32(binary.LittleEndian.Uint32(s[at].Data)))]++
	}
	text := passes + "; " + shares(counts, names, n, f.Model.FinalBias == runfile.FromCounts)
	if told, err := classesTold(f); err == nil && len(names) > 0 && told > len(names) {
		text += fmt.Sprintf("; the network tells %d apart, see model.classes", told)
	}
	return text, nil
}

// classesTold is how many classes the network tells apart; 0: it does not say.
func classesTold(f *runfile.File) (int, error) {
	parts, _, err := partsOf(f)
	for _, p := range parts {
		if k, is := p.Holds.(*nn.Targets); is && p.Name == task.Class {
			return k.Classes, nil
		}
	}
	return 0, err
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
