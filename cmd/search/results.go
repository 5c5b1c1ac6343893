package search

import (
	"path/filepath"

	"github.com/rondo-ml/rondo/cmd/kept"
)

// Results is what a search came to.
type Results struct {
	Plan      *Plan   `json:"plan"`
	Digest    string  `json:"digest"` // of the journal
	Ways      float64 `json:"ways"`   // decimal logarithm of how many choices there are
	Trained   int     `json:"trained"`
	Entropy   float64 `json:"entropy"` // of the controller, as a share of the most
	Likeliest Cells   `json:"likeliest"`
	Best      []Child `json:"best"` // most reward first
	Children  []Child `json:"children"`
}

// Results are those of the children so far, with so many of the best.
func (s *Search) Results(top int) Results {
	best := s.Best()
	return Results{s.Plan, s.Digest(), s.space.Size(), len(best), s.Entropy(), s.Likeliest(), best[:min(top, len(best))], s.Children}
}

// Write leaves the results beside the plan.
func (r Results) Write(dir string) error {
	return kept.JSON(filepath.Join(dir, "results.json"), r)
}
