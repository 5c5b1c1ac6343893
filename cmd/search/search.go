package search

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
)

// Search is a search under way: a plan, its children so far and the controller that they taught.
type Search struct {
	Plan     *Plan
	Children []Child

	controller *Controller
	space      Space
	known      map[Cells]int // by cells: place of the child that was trained
	baselines  []float64     // of the controller, behind each child
}

// New is a search without children.
func New(p *Plan) *Search {
	s := &Search{Plan: p, space: p.Space(), known: map[Cells]int{}}
	s.controller = NewController(s.space.Choices(), p.Seed, p.Controller == "random", Teaching{p.Rate, p.Entropy, p.Memory})
	return s
}

// Replay is a search with the children of a journal. An error says which of them cannot have been drawn, or came to
// another reward: then the journal is of another search, or of another release that draws differently.
func Replay(p *Plan, children []Child) (*Search, error) {
	s := New(p)
	for i, c := range children {
		if err := s.Take(c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w; restore the file, or remove the directory to search anew", journalName, i+1, err)
		}
	}
	return s, nil
}

// Next is the child that comes next: its number and cells, and all that is known of it where its cells were trained
// before: they would come to the same bits.
func (s *Search) Next() (c Child, trained bool) {
	number := len(s.Children) + 1
	cells := s.space.Cells(s.controller.Draw(number))
	if at, ok := s.known[cells]; ok {
		c = s.Children[at]
		c.Number, c.As = number, c.Number
		return c, true
	}
	return Child{Number: number, Cells: cells}, false
}

// Take adds the child that came next, and teaches the controller its reward.
func (s *Search) Take(c Child) error {
	want, trained := s.Next()
	switch {
	case c.Number != want.Number || c.Cells != want.Cells:
		return fmt.Errorf("child %d has the cells %q and %q; the plan draws %q and %q for child %d", c.Number, c.Normal, c.Reduce, want.Normal, want.Reduce, want.Number)
	case trained && c != want:
		return fmt.Errorf("child %d has the cells of child %d, but other results", c.Number, want.As)
	case !trained && c.As != 0:
		return fmt.Errorf("child %d is as child %d, which has other cells", c.Number, c.As)
	case c.Diverged && c.Accuracy != 0:
		return fmt.Errorf("child %d diverged, but has an accuracy of %v", c.Number, c.Accuracy)
	case !(c.Accuracy >= 0 && c.Accuracy <= 1) || c.MultiplyAdds < 1 || !s.Plan.times(c.Seconds):
		return fmt.Errorf("child %d: an accuracy of %v, %d multiply-adds and %v seconds are impossible", c.Number, c.Accuracy, c.MultiplyAdds, c.Seconds)
	case c.Reward != s.Plan.Reward(c.Accuracy, c.cost()):
		return fmt.Errorf("child %d has the reward %v; its accuracy and cost make %v", c.Number, c.Reward, s.Plan.Reward(c.Accuracy, c.cost()))
	}
	if !trained {
		s.known[c.Cells] = len(s.Children)
	}
	s.controller.Learn(s.controller.Draw(c.Number), c.Reward)
	s.Children, s.baselines = append(s.Children, c), append(s.baselines, s.controller.Baseline)
	return nil
}

// Judge gives a child its reward.
func (s *Search) Judge(c *Child) { c.Reward = s.Plan.Reward(c.Accuracy, c.cost()) }

// Best are the children that were trained, those with most reward first; of equal ones the earlier.
func (s *Search) Best() (best []Child) {
	for _, c := range s.Children {
		if c.As == 0 {
			best = append(best, c)
		}
	}
	sort.SliceStable(best, func(i, j int) bool { return cmp.Less(best[j].Reward, best[i].Reward) })
	return best
}

// Likeliest are the cells that the controller prefers now.
func (s *Search) Likeliest() Cells { return s.space.Cells(s.controller.Likeliest()) }

// Entropy is what is left of the controller's, as a share of what it began with.
func (s *Search) Entropy() float64 { return s.controller.Entropy() }

// Baselines are the moving averages of the rewards behind each child.
func (s *Search) Baselines() []float64 { return s.baselines }

// Digest is the SHA-256 of the journal's text, hexadecimal.
func (s *Search) Digest() string {
	h := sha256.New()
	for i := range s.Children {
		h.Write(s.Children[i].line())
	}
	return hex.EncodeToString(h.Sum(nil))
}
