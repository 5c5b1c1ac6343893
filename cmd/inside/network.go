package inside

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"
	"time"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// place is a checkpoint of a run.
type place struct {
	dir      string
	manifest *checkpoint.Manifest
	run      api.Run
	data     string // the set of Options
}

// find is the checkpoint that a question is about.
func find(run api.Run, q query) (at place, err error) {
	if run.Dir == "" {
		return at, errors.New("the run has no checkpoint directory that can be read here")
	}
	at = place{run: run}
	files := checkpoint.Files{}
	if !q.Has("step") {
		at.manifest, at.dir, err = checkpoint.Newest(files, run.Dir)
		return at, err
	}
	step, err := strconv.ParseUint(q.Get("step"), 10, 64)
	if err != nil {
		return at, fmt.Errorf("step=%s: a number is wanted", short(q.Get("step")))
	}
	at.manifest, err = checkpoint.At(files, run.Dir, step)
	at.dir = objects.Join(run.Dir, checkpoint.DirName(step))
	return at, err
}

// mostSteps is how many checkpoints are listed, the newest.
const mostSteps = 1000

// steps are those of the checkpoints that there are, the oldest first.
func (at place) steps() (steps []uint64, err error) {
	all, err := checkpoint.NewFollower(at.run.Dir).Manifests()
	if err != nil {
		return nil, err
	}
	for _, m := range all[max(0, len(all)-mostSteps):] {
		steps = append(steps, m.Step)
	}
	return steps, nil
}

// network is an open checkpoint. It is used by whoever has the turn.
type network struct {
	place
	file *runfile.File
	desk *Desk

	p       *worker.Predictor // of one that tells something of samples
	writer  *zoo.Network      // of one that goes on with texts
	pool    *tensor.Pool      // of the writer
	set     samples.Source
	texts   *shard.Set // of the writer, once it was asked for
	found   map[string]*search
	patched map[patch][]image.Image // what was drawn last of that
	drawing time.Duration           // that this took
	reading *look.Reading

	excerpts *look.Excerpts // of the data, with one state or layer
	passages []Written      // of one that tells something of texts: what the excerpts say
	held     bool           // a search gives others its turn, and goes on with the network: it is not closed
}

// loaded is how many bytes of a checkpoint a network of it takes: the averages of weights lie beside what the optimizer keeps.
func (at place) loaded() (bytes int64) {
	for _, f := range at.manifest.Files {
		if f.Name == checkpoint.FileName(checkpoint.Weights) || f.Name == checkpoint.FileName(checkpoint.Optimizer) && averaged(at.manifest) {
			bytes += f.Size
		}
	}
	return bytes
}

func averaged(m *checkpoint.Manifest) bool {
	f, err := worker.FileOf(m)
	return err == nil && f.Optimizer.Average != 0
}

// open loads a checkpoint, or finds it open.
func (d *Desk) open(at place) (n *network, err error) {
	for i, n := range d.opened {
		if n.manifest.Digest == at.manifest.Digest && n.run.Dir == at.run.Dir {
			n.place = at
			d.opened = append(slices.Delete(d.opened, i, i+1), n)
			return n, nil
		}
	}
	if most := d.options.Weights; most > 0 && at.loaded() > most {
		return nil, fmt.Errorf("the weights of step %d take %d MB, and this process, which leads the run, loads %d MB at most: look at them by %s page %s",
			at.manifest.Step, at.loaded()>>20, most>>20, program.Name(), at.run.Dir)
	}
	n = &network{place: at, desk: d, found: map[string]*search{}}
	if n.file, err = worker.FileOf(at.manifest); err != nil {
		return nil, err
	}
	if n.file.Task.Kind == task.Next {
		if n.writer, err = worker.LoadModel(at.dir, at.manifest); err != nil {
			return nil, err
		}
		n.pool = tensor.NewPool(d.options.Threads)
	} else if n.p, err = worker.NewPredictor(at.dir, at.manifest, d.options.Threads); err != nil {
		return nil, err
	}
	d.opened = append(d.opened, n)
	if oldest := slices.IndexFunc(d.opened, func(n *network) bool { return !n.held }); len(d.opened) > mostOpen {
		d.opened[oldest].close()
		d.opened = slices.Delete(d.opened, oldest, oldest+1)
	}
	return n, nil
}

// close closes all that is open, when nobody asks any more.
func (d *Desk) close() {
	for _, n := range d.opened {
		n.close()
	}
	d.opened = nil
}

func (n *network) close() {
	if n.p != nil {
		n.p.Close()
	}
	if n.pool != nil {
		n.pool.Close()
	}
}

// question is what is computed for a name below /api/look/.
type question func(*network, context.Context, query) (answer, error)

// questions are by their names, and by what the network reads; of every network for an empty one.
var questions = map[string]map[string]question{
	"about":    {"": (*network).about},
	"filters":  {"pictures": (*network).filters},
	"input":    {"pictures": (*network).input, "sequence": (*network).sequence, "symbols": (*network).written},
	"maps":     {"pictures": (*network).maps, "sequence": (*network).over},
	"unit":     {"pictures": (*network).unit},
	"patches":  {"pictures": (*network).patches},
	"maximize": {"pictures": (*network).maximize},
	"track":    {"sequence": (*network).track, "symbols": (*network).track},
	"matters":  {"sequence": (*network).matters, "symbols": (*network).pushes},
	"text":     {"text": (*network).text},
	"cell":     {"text": (*network).cell},
	"cells":    {"text": (*network).cells, "symbols": (*network).channels},
	"where":    {"text": (*network).where, "symbols": (*network).elsewhere},
	"next":     {"text": (*network).next},
}

// searches are those that go through the data.
var searches = map[string]bool{"where": true, "patches": true}

func (n *network) ask(ctx context.Context, by map[string]question, q query) (a answer, err error) {
	defer zoo.Recover(n.file.Model.Kind, &err)
	if ask := by[""]; ask != nil {
		return ask(n, ctx, q)
	}
	kind, why := n.kind()
	if ask := by[kind]; ask != nil {
		return ask(n, ctx, q)
	}
	return a, errors.New(cmp.Or(why, "this is asked of networks of another kind"))
}

// kind is what the network reads: text with which it goes on, pictures, a sequence, or the symbols of a text of which it tells
// something; or else why it cannot be looked into.
func (n *network) kind() (kind, why string) {
	if n.writer != nil {
		return "text", ""
	}
	for _, part := range n.p.Reads() {
		if _, is := part.Holds.(*nn.Images); is {
			return "pictures", ""
		}
	}
	if ReadsSequences(n.p) {
		return "sequence", ""
	}
	if ReadsText(n.p) {
		return "symbols", ""
	}
	return "", "the network reads neither pictures nor sequences of numbers nor texts alone"
}

// source names the set whose samples are shown.
func (n *network) source() (string, error) {
	if n.data != "" {
		return n.data, nil
	}
	f, err := runfile.Parse("run.yaml", []byte(n.run.File), nil)
	switch {
	case err != nil:
		return "", fmt.Errorf("the run does not say which data it was trained on: %w", err)
	case f.Data.Valid != "" && f.Data.Valid != "unknown":
		return f.Data.Valid, nil
	case f.Data.Train != "" && f.Data.Train != "unknown":
		return f.Data.Train, nil
	}
	return "", errors.New("the run does not say which data it was trained on")
}
