package projector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/tensor"
)

// Settings say which layout is meant.
type Settings struct {
	Method     string  `json:"method"` // "pca", "tsne" or "umap"
	Dims       int     `json:"dims"`   // 2 or 3
	Sphereize  bool    `json:"sphereize"`
	Metric     string  `json:"metric"`     // "euclidean" or "cosine", of t-SNE and UMAP
	Perplexity float64 `json:"perplexity"` // of t-SNE
	Neighbors  int     `json:"neighbors"`  // of UMAP, the point itself included
	Seed       uint64  `json:"seed"`       // of UMAP
}

// Check says what is wrong with settings.
func (s Settings) Check() error {
	if s.Method != "pca" && s.Method != "tsne" && s.Method != "umap" {
		return fmt.Errorf("method %q: pca, tsne or umap", s.Method)
	}
	if s.Dims != 2 && s.Dims != 3 {
		return fmt.Errorf("%d dimensions: 2 or 3", s.Dims)
	}
	if _, ok := projection.ParseMetric(s.Metric); !ok {
		return fmt.Errorf("metric %q: euclidean or cosine", s.Metric)
	}
	if s.Neighbors < 2 || s.Neighbors > 500 {
		return fmt.Errorf("%d neighbors: from 2 to 500", s.Neighbors)
	}
	if !(s.Perplexity >= 1 && s.Perplexity <= 500) {
		return fmt.Errorf("perplexity %g: from 1 to 500", s.Perplexity)
	}
	return nil
}

// Layout is where points lie.
type Layout struct {
	Settings
	Points          tensor.Matrix `json:"-"`
	Shares          []float64     `json:"shares,omitempty"`          // of the variance along each axis, of PCA
	Trustworthiness float64       `json:"trustworthiness,omitempty"` // of 12 neighbours, by 500 points; 0: too few
	Preservation    float64       `json:"preservation,omitempty"`    // of 15 neighbours, by 500 of more than 5,000 points; 0: too few
	Frame           *Frame        `json:"frame,omitempty"`           // of the layout that it was laid on
	Kept            bool          `json:"-"`                         // it was in the cache
	Took            time.Duration `json:"-"`                         // to compute it
}

// Name is short: "umap-2d", "pca-3d-sphere".
func (l *Layout) Name() string {
	name := fmt.Sprintf("%s-%dd", l.Method, l.Dims)
	if l.Sphereize {
		name += "-sphere"
	}
	return name
}

// version is part of the key: another one for layouts that would come out otherwise.
const version = "2"

// Layouts computes layouts of a set, each once. Its methods may be called from several goroutines; computing is done
// by one at a time.
type Layouts struct {
	Set   *Set
	cache Cache
	hash  [sha256.Size]byte

	mu    sync.Mutex // held while the pool computes
	pool  *tensor.Pool
	ready map[Settings]*Layout
	near  map[string]*projection.Graph
}

// NewLayouts computes on a pool that nobody else uses.
func NewLayouts(pool *tensor.Pool, s *Set, c Cache) *Layouts {
	return &Layouts{Set: s, cache: c, hash: sha256.Sum256(bytesOf(s.Points)), pool: pool,
		ready: map[Settings]*Layout{}, near: map[string]*projection.Graph{}}
}

// key names a layout's file.
func (l *Layouts) key(s Settings) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d %d\n%x\n%+v", version, l.Set.Points.Rows, l.Set.Points.Cols, l.hash, s)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// normal leaves out what the method does not read, so that it is the same layout.
func (s Settings) normal() Settings {
	if s.Method != "umap" {
		s.Seed, s.Neighbors = 0, 2
	}
	if s.Method != "tsne" {
		s.Perplexity = 1
	}
	if s.Method == "pca" {
		s.Metric = projection.Euclidean.String()
	}
	return s
}

// Get returns a layout: from memory, from the cache, or computed now.
func (l *Layouts) Get(ctx context.Context, s Settings, progress func(done, all int)) (*Layout, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s = s.normal()
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.ready[s]; found != nil {
		return found, nil
	}
	found := l.cache.read(l.key(s), s, l.Set.Points.Rows)
	if found == nil {
		begin := time.Now()
		var err error
		if found, err = l.compute(ctx, s, progress); err != nil {
			return nil, err
		}
		found.Took = time.Since(begin)
		l.cache.write(l.key(s), found)
	}
	l.ready[s] = found
	return found, nil
}

func (l *Layouts) compute(ctx context.Context, s Settings, progress func(done, all int)) (*Layout, error) {
	out, x := &Layout{Settings: s}, l.Set.Points
	if s.Sphereize {
		x = projection.Sphereize(x)
	}
	var err error
	switch s.Method {
	case "pca":
		c := projection.PCA(l.pool, x, s.Dims)
		out.Points = widen(c.Project(l.pool, x), s.Dims)
		for _, v := range c.Variance {
			out.Shares = append(out.Shares, v/max(c.Total, 1e-300))
		}
	case "tsne":
		// Fewer points than neighbours take the perplexity that they can.
		perplexity := min(s.Perplexity, max(1, float64(x.Rows-1)/3))
		near, failed := l.nearest(ctx, x, s, projection.WantedNeighbors(perplexity, x.Rows))
		if failed != nil {
			return nil, failed
		}
		out.Points, err = projection.TSNE(ctx, l.pool, x, near, projection.TSNEOptions{Dims: s.Dims, Perplexity: perplexity, Progress: progress})
	case "umap":
		near, failed := l.nearest(ctx, x, s, s.Neighbors-1)
		if failed != nil {
			return nil, failed
		}
		out.Points, err = projection.UMAP(ctx, l.pool, x, near, projection.UMAPOptions{Dims: s.Dims, Seed: s.Seed, Progress: progress})
	}
	if err != nil {
		return nil, err
	}
	l.judge(out, x)
	return out, nil
}

// judge says how far a layout may be believed.
func (l *Layouts) judge(out *Layout, x tensor.Matrix) {
	const trusted, preserved, sample, many = 12, 15, 500, 5000
	if x.Rows > 2*trusted {
		out.Trustworthiness = projection.Trustworthiness(l.pool, x, out.Points, trusted, sample)
	}
	switch {
	case x.Rows > many:
		out.Preservation = projection.PreservationOf(l.pool, x, out.Points, preserved, sample)
	case x.Rows > preserved:
		out.Preservation = projection.PreservationOf(l.pool, x, out.Points, preserved, 0)
	}
}

// nearest keeps graphs: several layouts read the same.
func (l *Layouts) nearest(ctx context.Context, x tensor.Matrix, s Settings, k int) (*projection.Graph, error) {
	k = max(1, min(k, x.Rows-1))
	name := fmt.Sprint(s.Metric, s.Sphereize)
	if g := l.near[name]; g != nil && g.K >= k {
		return g.First(k), nil
	}
	m, _ := projection.ParseMetric(s.Metric)
	g, err := projection.NearestUntil(ctx, l.pool, x, k, m)
	if err == nil {
		l.near[name] = g
	}
	return g, err
}

// widen adds dimensions of zeros where points have fewer.
func widen(x tensor.Matrix, dims int) tensor.Matrix {
	y := tensor.NewMatrix(x.Rows, dims)
	for i := range x.Rows {
		copy(y.Row(i), x.Row(i))
	}
	return y
}
