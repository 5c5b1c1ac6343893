package inside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Kept is a question about a checkpoint and its answer, for a page that can ask nobody.
type Kept struct {
	Ask  string // its name and its fields in their order, "maps&layer=conv1&sample=0"
	Head string // facts of a picture; empty: the body is JSON
	Body []byte
}

// What is kept of a network: answers that a page asks for first, those that most depend on it first.
const (
	keptFor      = time.Minute // that is computed for one network
	keptSamples  = 4
	keptLayers   = 6
	keptFilters  = 3 // convolutions
	keptChannels = 4 // of the layer that is shown first: as many as the page lists at once
	keptText     = 1000
	keptCells    = 12 // of each state, number by number; of more so that they can be ranked
	keptStates   = 4
	keptAbout    = 8 << 10 // bytes that stay free for what can be asked
)

// keeper asks a network what is to be kept.
type keeper struct {
	*network
	ctx  context.Context
	room int // bytes
	list []Kept
	left []string
}

// Keep looks into the newest checkpoint of a run for a page that can ask nobody: filters, maps of a few samples and the
// strongest patches of a few channels, or a text with its liveliest cells, as base64 in at most so many bytes. left says what
// has no place, could not be read, or took too long. There is nothing where the run has no network that can be looked into.
func Keep(ctx context.Context, run api.Run, o Options, room int) (list []Kept, left []string, err error) {
	at, err := find(run, query{url.Values{}})
	if err != nil {
		return nil, nil, err
	}
	at.data = o.Data
	d := New(o)
	defer d.close()
	d.turn <- struct{}{} // which is yielded to nobody
	d.portion = keptFor / 2
	k := &keeper{ctx: ctx, room: room - keptAbout}
	a, err := safely(ctx, func(context.Context) (a about, err error) {
		if k.network, err = d.open(at); err != nil {
			return a, err
		}
		return k.describe()
	})
	if err != nil || a.Kind == "" {
		return nil, nil, errors.Join(err, errorOf(a.Why))
	}
	ctx, cancel := context.WithTimeout(ctx, keptFor)
	defer cancel()
	k.ctx = ctx
	if a.Missing != "" {
		k.left = append(k.left, a.Missing)
	}
	switch a.Kind {
	case "text":
		k.texts(&a)
	case "sequence":
		k.sequences(&a)
	case "symbols":
		k.symbols(&a)
	default:
		k.pictures(&a)
	}
	a.Steps = []uint64{a.Step}
	body, err := json.Marshal(a)
	if len(k.list) == 0 || err != nil {
		if len(k.left) == 0 {
			k.left = append(k.left, "the network has nothing to show")
		}
		return nil, k.left, err
	}
	return append(k.list, Kept{Ask: "about", Body: body}), k.left, nil
}

func errorOf(why string) error {
	if why == "" {
		return nil
	}
	return errors.New(why)
}

// keep asks, and keeps the answer if it takes no more than its share of the room: one in so many parts of what is free.
func (k *keeper) keep(what string, parts int, fields ...string) bool {
	name, _, _ := strings.Cut(what, " ")
	q := queryOf(fields...)
	a, err := safely(k.ctx, func(ctx context.Context) (answer, error) { return k.ask(ctx, questions[name], q) })
	switch size := a.kept(); {
	case err != nil:
		k.missing(fmt.Sprintf("%s: %v", what, err))
		return false
	case size > k.room/parts:
		k.missing(fmt.Sprintf("no room for %s", what))
		return false
	default:
		k.room -= size
	}
	k.list = append(k.list, Kept{Ask: asked(name, q), Head: a.head, Body: a.body})
	return true
}

// queryOf is a question of fields and their values.
func queryOf(fields ...string) query {
	q := query{url.Values{}}
	for i := 0; i < len(fields); i += 2 {
		q.Set(fields[i], fields[i+1])
	}
	return q
}

// kept is how many bytes an answer takes in a file: a picture is base64 there.
func (a answer) kept() int {
	if a.head == "" {
		return len(a.body)
	}
	return (len(a.body)+2)/3*4 + len(a.head)
}

// missing notes what was left out, and of much that the computing took too long.
func (k *keeper) missing(what string) {
	if k.ctx.Err() != nil {
		what = fmt.Sprintf("the rest, which would have taken more than %v to compute", keptFor)
	}
	if !slices.Contains(k.left, what) {
		k.left = append(k.left, what)
	}
}

// asked is a question as the page asks it.
func asked(name string, q query) string {
	parts := []string{}
	for field := range q.Values {
		parts = append(parts, field+"="+q.Get(field))
	}
	slices.Sort(parts)
	return strings.Join(append([]string{name}, parts...), "&")
}

// pictures keeps what a network makes of the first samples, and leaves of what can be asked that alone.
func (k *keeper) pictures(a *about) {
	a.Samples = min(a.Samples, keptSamples)
	var layers []layer
	for _, l := range chosen(a.Layers) {
		if a.Samples > 0 && k.keep("maps of "+l.Name, 4, "sample", "0", "layer", l.Name) {
			layers = append(layers, l)
		}
	}
	var convs []convolution
	for _, c := range a.Convolutions[:min(keptFilters, len(a.Convolutions))] {
		if k.keep("filters of "+c.Name, 4, "layer", c.Name) {
			convs = append(convs, c)
		}
	}
	for i := range a.Samples {
		k.keep("input", 4, "sample", fmt.Sprint(i))
	}
	if len(layers) > 0 {
		k.channels(layers[0])
	}
	for i := 1; i < a.Samples; i++ {
		for _, l := range layers {
			k.keep("maps of "+l.Name, 4, "sample", fmt.Sprint(i), "layer", l.Name)
		}
	}
	a.Layers, a.Convolutions = layers, convs
}

// sequences keeps what a network makes of the first samples over time, and what of them matters for what it takes them for.
func (k *keeper) sequences(a *about) {
	a.Samples = min(a.Samples, keptSamples)
	var layers []layer
	for _, l := range telling(a.Layers, keptLayers, func(l layer) (string, int) { return l.Name, l.Steps }) {
		if a.Samples > 0 && k.keep("maps of "+l.Name, 4, "sample", "0", "layer", l.Name) {
			layers = append(layers, l)
		}
	}
	for i := range a.Samples {
		k.keep("input", 4, "sample", fmt.Sprint(i))
		k.keep("matters", 4, "sample", fmt.Sprint(i))
	}
	for i := 1; i < a.Samples; i++ {
		for _, l := range layers {
			k.keep("maps of "+l.Name, 4, "sample", fmt.Sprint(i), "layer", l.Name)
		}
	}
	a.Layers = layers
}

// channels keeps what the first channels of a layer are strongest for.
func (k *keeper) channels(l layer) {
	to := min(keptChannels, l.Channels) - 1
	if !k.keep("patches of "+l.Name, 2, "layer", l.Name, "channels", fmt.Sprintf("0-%d", to), "passing", "deconv") {
		return
	}
	for c := range to + 1 {
		k.keep("maximize", 4, "layer", l.Name, "channel", fmt.Sprint(c))
	}
}

// chosen are some layers that yield pictures, the first of those behind a nonlinearity before all, as the page shows it first,
// and the last layer.
func chosen(all []layer) (list []layer) {
	behind := func(l layer) bool {
		return l.Image && (strings.Contains(l.Name, "relu") || strings.Contains(l.Name, "pool") || strings.Contains(l.Name, "act"))
	}
	for _, l := range all {
		if behind(l) {
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		for _, l := range all {
			if l.Image {
				list = append(list, l)
			}
		}
	}
	if n := len(list); n > keptLayers {
		some := make([]layer, keptLayers)
		for i := range some {
			some[i] = list[i*(n-1)/(keptLayers-1)]
		}
		list = some
	}
	if n := len(all); n > 0 && !slices.ContainsFunc(list, func(l layer) bool { return l.Name == all[n-1].Name }) {
		list = append(list, all[n-1])
	}
	return list
}
