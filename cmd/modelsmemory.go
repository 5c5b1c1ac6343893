package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/memory"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/machine"
)

// planMemory is `rondo models KIND --memory`, of one sample where no --batch is given.
func (o *modelsFlags) planMemory(out io.Writer, kind string, batch int) error {
	f, err := runfile.OfKind(kind, o.set)
	if err != nil {
		return &usageError{err}
	}
	n, err := zoo.New(f.Model.Kind, f.Model.Fields)
	if err != nil {
		return &usageError{err}
	}
	pool := tensor.NewPool(machine.Threads())
	defer pool.Close()
	p, err := memory.Of(n, pool, batch, f.RowLength())
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if o.svg != "" {
		if err := draw.Save(o.svg, memoryScene(p)); err != nil {
			return err
		}
	}
	if o.json {
		return printJSON(out, p)
	}
	text := memoryText(p)
	if o.svg != "" {
		text = memoryPeaks(p)
	}
	_, err = io.WriteString(out, text)
	return err
}

// memoryText is a table of the operations and what is alive while they run, and the peaks below it.
func memoryText(p *memory.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s asked of %s: activations in float32, in the network's own order\n", p.Kind, countText(p.Rows, "sample"))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := len("operation")
	for _, m := range p.Moments {
		width = max(width, len([]rune(endOf(m.Name, mostName))))
	}
	left := func(n string, width int) string { return n + strings.Repeat(" ", max(0, width-len([]rune(n)))) }
	row := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }
	row(left("operation", width), "kind", "output", "size", "alive", "joined")
	for k, m := range p.Moments {
		v := p.Values[m.Writes[0]]
		row(left(endOf(m.Name, mostName), width), endOfKind(m.Kind), sizeText(v.Shape), bytesText(v.Bytes), bytesText(m.Bytes), joinedText(p, k))
	}
	w.Flush()
	b.WriteString("\nkind: + 2 are functions of each element that write over its output;\n" +
		"alive: what it reads and writes, and what others read later;\n" +
		"joined: alive where operations are computed channel by channel, those marked ↓ with the one below.\n\n")
	b.WriteString(memoryPeaks(p))
	return b.String()
}

// mostName is as much of a name as the table has, from its end.
const mostName = 28

// endOfKind is a kind with how many functions write over its output.
func endOfKind(kind string) string {
	first, rest, more := strings.Cut(kind, " + ")
	if !more {
		return first
	}
	if n := strings.Count(rest, " + "); n > 0 {
		return fmt.Sprintf("%s + %d", first, n+1)
	}
	return first + " + " + rest
}

// joinedText is what is alive while the run that operation k ends is computed.
func joinedText(p *memory.Plan, k int) string {
	i := slices.IndexFunc(p.Fused.Runs, func(r memory.Run) bool { return r.To >= k })
	if r := p.Fused.Runs[i]; r.To == k {
		return bytesText(r.Bytes)
	}
	return "↓"
}

// memoryPeaks says what the plans need most, and where.
func memoryPeaks(p *memory.Plan) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(what, size, where string) { fmt.Fprintf(w, "%s\t%s\t%s\n", what, size, where) }
	row("peak", bytesText(p.Peak.Bytes), "at "+peakText(p))
	switch best := p.Best; {
	case best == nil:
		row("best order", "–", "not known: the network has too many orders to search")
	case best.Bytes == p.Peak.Bytes:
		row("best order", bytesText(best.Bytes), "no order needs less than the network's own")
	default:
		row("best order", bytesText(best.Bytes), "at "+p.Moments[best.At].Name)
	}
	r := p.Fused.Runs[slices.IndexFunc(p.Fused.Runs, func(r memory.Run) bool { return r.From == p.Fused.At })]
	where := "at " + p.Moments[r.From].Name
	if r.To > r.From {
		where += " to " + p.Moments[r.To].Name
	}
	row("channel by channel", bytesText(p.Fused.Bytes), where)
	row("as computed here", bytesText(p.Rondo), "by eval and predict, with what kernels need for themselves")
	row("weights", bytesText(p.Weights), "")
	w.Flush()
	return b.String()
}

// peakText says which operation the peak is at, and what is alive then.
func peakText(p *memory.Plan) string {
	m := p.Moments[p.Peak.At]
	var alive []string
	for _, v := range slices.Concat(m.Reads, m.Writes, m.Held) {
		if v == m.Over {
			continue
		}
		of := p.Values[v]
		alive = append(alive, fmt.Sprintf("%s %s", sizeText(of.Shape), bytesText(of.Bytes)))
	}
	const most = 3
	if n := len(alive) - most; n > 0 {
		alive = append(alive[:most], fmt.Sprintf("%d more", n))
	}
	return m.Name + ": " + strings.Join(alive, ", ")
}
