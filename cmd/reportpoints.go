package cmd

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/tensor"
)

// What a report has of points: of the newest checkpoint those that the projector shows first, and features of the held-out set.
const (
	reportPoints  = 1000                                      // of a set
	leastReported = 100                                       // of a larger set
	reportNear    = 20                                        // true neighbours of each, by either metric
	bytesOfPoint  = 2*reportNear*6*4/3 + (2+3+2+2)*4*4/3 + 60 // neighbours by two metrics, layouts, labels
)

// pointsFor looks at the points of runs for a report.
func pointsFor(ctx context.Context, threads int, data string) web.Looker {
	return func(run api.Run, room int) (answers []web.LookAnswer, left []string) {
		k := pointKeeper{ctx: ctx, room: room, pool: tensor.NewPool(threads)}
		defer k.pool.Close()
		k.run(run, threads, data)
		for i := range k.left {
			k.left[i] = "projector: " + k.left[i]
		}
		return k.answers, k.left
	}
}

// pointKeeper asks what a projector would be asked.
type pointKeeper struct {
	ctx     context.Context
	room    int // bytes
	pool    *tensor.Pool
	answers []web.LookAnswer
	left    []string
}

// missing notes what was left out.
func (k *pointKeeper) missing(what string) { k.left = append(k.left, what) }

// run keeps the points of the newest checkpoint.
func (k *pointKeeper) run(run api.Run, threads int, data string) {
	defer func() { // a network of somebody's own may panic
		if p := recover(); p != nil {
			k.missing(fmt.Sprintf("the points cannot be had: %v", p))
		}
	}()
	file, err := runfile.Parse("run.yaml", []byte(run.File), nil)
	if err != nil {
		file = nil
	} else if data != "" {
		file.Data.Valid = data
	}
	source := &runPoints{threads: threads, most: reportPoints, runs: []*shownRun{{name: run.Name, dir: run.Dir, file: func() *runfile.File { return file }}}}
	menu, chosen, err := source.Menu(projector.Choice{})
	if err != nil {
		k.missing(err.Error())
		return
	}
	kinds := menu.Of[:1]
	if features := featuresOf + validation; chosen.Of != features && slices.Contains(menu.Of, features) {
		kinds = append(slices.Clone(kinds), features)
	}
	var kept []string
	sets := map[string]*projector.Set{}
	for i, of := range kinds {
		set, _, err := source.Open(k.ctx, projector.Choice{Run: chosen.Run, Of: of, Step: chosen.Step}, func(int, int) {})
		if err != nil {
			k.missing(fmt.Sprintf("%s: %v", of, err))
			continue
		}
		o := projectFlags{most: min(reportPoints, k.room/(len(kinds)-i)/bytesOfPoint)}
		if o.most < min(set.Points.Rows, leastReported) {
			k.missing("no room for " + of)
			continue
		}
		o.cut(set)
		k.room -= set.Points.Rows * bytesOfPoint
		kept, sets[of] = append(kept, of), set
	}
	for _, of := range kept {
		k.set(sets[of], projector.Menu{Of: kept, Steps: []uint64{chosen.Step}}, projector.Choice{Of: of, Step: chosen.Step})
	}
}

// set keeps one set: what is known of its points, their layouts and their neighbours.
func (k *pointKeeper) set(set *projector.Set, menu projector.Menu, chosen projector.Choice) {
	set.Sprite, set.Bookmarks = nil, nil
	defaults := usualLayout()
	body, err := json.Marshal(projector.AboutOf(set, menu, chosen, defaults))
	if err != nil {
		k.missing(fmt.Sprintf("%s: %v", chosen.Of, err))
		return
	}
	if chosen.Of == menu.Of[0] { // what is shown first
		k.answers = append(k.answers, web.LookAnswer{Ask: "projector", Body: body})
	}
	k.answers = append(k.answers, web.LookAnswer{Ask: "projector&of=" + chosen.Of, Body: body})
	layouts := projector.NewLayouts(k.pool, set, projector.Cache{})
	lay := func(method string, dims int) {
		s := defaults
		s.Method, s.Dims = method, dims
		l, err := layouts.Get(k.ctx, s, func(int, int) {})
		if err == nil {
			err = k.layout(l, chosen.Of)
		}
		if err != nil {
			k.missing(fmt.Sprintf("%s by %s in %d dimensions: %v", chosen.Of, methodNames[method], dims, err))
		}
	}
	lay("pca", 2)
	lay("pca", 3)
	for _, m := range []projection.Metric{projection.Cosine, projection.Euclidean} {
		k.near(set.Points, m, chosen.Of)
	}
	lay("umap", 2)
	lay("tsne", 2)
}

// layout keeps the places of points.
func (k *pointKeeper) layout(l *projector.Layout, of string) error {
	head, err := json.Marshal(l)
	if err != nil {
		return err
	}
	var body []byte
	for _, v := range l.Points.Data {
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(v))
	}
	k.answers = append(k.answers, web.LookAnswer{Ask: fmt.Sprintf("projector/points&dims=%d&method=%s&of=%s", l.Dims, l.Method, of), Head: string(head), Body: body})
	return nil
}

// near keeps the true neighbours of each point: their numbers, then how far they are.
func (k *pointKeeper) near(x tensor.Matrix, m projection.Metric, of string) {
	var numbers, far []byte
	count := min(reportNear, x.Rows-1)
	for i := range x.Rows {
		if k.ctx.Err() != nil {
			return // nobody waits for the report
		}
		index, distance := projection.NearestOf(x, i, count, m)
		for at := range index {
			numbers = binary.LittleEndian.AppendUint16(numbers, uint16(index[at]))
		}
		for _, v := range distance {
			far = binary.LittleEndian.AppendUint32(far, math.Float32bits(v))
		}
	}
	k.answers = append(k.answers, web.LookAnswer{Ask: fmt.Sprintf("projector/near&metric=%s&of=%s", m, of), Head: fmt.Sprintf(`{"k":%d}`, count), Body: append(numbers, far...)})
}

// usualLayout is what the projector shows of a run first.
func usualLayout() projector.Settings {
	return projector.Settings{Method: "pca", Dims: 2, Metric: projection.Cosine.String(), Perplexity: 30, Neighbors: projection.UMAPNeighbors + 1, Seed: 1}
}
