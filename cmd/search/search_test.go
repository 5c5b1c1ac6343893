package search

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
)

func plan() *Plan {
	return &Plan{Controller: "policy", Seed: 1, Nodes: 2, Operations: []string{"conv3x3", "identity", "max3x3", "sep3x3"},
		Rate: 0.3, Entropy: 0.02, Memory: 0.9, Cost: "operations", Target: 1000, Weight: -0.07, Bits: "x"}
}

func changed(change func(*Plan)) *Plan {
	p := plan()
	change(p)
	return p
}

// objective is what Gradient is the gradient of, from its definition.
func objective(logits [][]float64, choice []int, advantage, weight float64) float64 {
	sum := 0.0
	for i, l := range logits {
		total := 0.0
		for _, x := range l {
			total += math.Exp(x)
		}
		for k, x := range l {
			p := math.Exp(x) / total
			sum -= weight * p * math.Log(p)
			if k == choice[i] {
				sum += advantage * math.Log(p)
			}
		}
	}
	return sum
}

// TestGradient compares the gradient of the table with finite differences.
func TestGradient(t *testing.T) {
	c := NewController([]int{2, 5, 3}, 1, false, Teaching{Rate: 1, Entropy: 0.3, Memory: 0.9})
	c.Logits = [][]float64{{0.5, -1}, {0, 2, -0.3, 0.1, 1.7}, {-4, 0.25, 3}}
	const advantage, h = -1.3, 1e-6
	choice := []int{1, 3, 0}
	g := c.Gradient(choice, advantage)
	for i, l := range c.Logits {
		for k, x := range l {
			l[k] = x + h
			above := objective(c.Logits, choice, advantage, 0.3)
			l[k] = x - h
			below := objective(c.Logits, choice, advantage, 0.3)
			l[k] = x
			if want := (above - below) / (2 * h); math.Abs(g[i][k]-want) > 1e-8 {
				t.Errorf("decision %d, way %d: %v, differences say %v", i, k, g[i][k], want)
			}
		}
	}
}

// Draws have the chances of the table.
func TestDraw(t *testing.T) {
	c := NewController([]int{3}, 5, false, Teaching{})
	c.Logits[0] = []float64{math.Log(0.2), math.Log(0.5), math.Log(0.3)}
	const draws = 20_000
	counts := make([]float64, 3)
	for child := range draws {
		counts[c.Draw(child)[0]]++
	}
	for k, want := range []float64{0.2, 0.5, 0.3} {
		if deviation := math.Sqrt(want * (1 - want) / draws); math.Abs(counts[k]/draws-want) > 4*deviation {
			t.Errorf("way %d: %v of the draws, want %v", k, counts[k]/draws, want)
		}
	}
	if pick([]float64{0.4, 0.4}, 0.99) != 1 {
		t.Error("chances that sum to less than one")
	}
}

// A controller's numbers stay numbers where rewards come again to an average that forgets all, lie too near each other for
// a square, or are as large and small as a plan allows.
func TestLearnStaysFinite(t *testing.T) {
	most := &Plan{Target: 1e18, Weight: -4}
	if err := changed(func(p *Plan) { p.Target, p.Weight = most.Target, most.Weight }).Check(); err != nil {
		t.Fatal(err)
	}
	for _, rewards := range [][]float64{
		{0.001, 0.01, 0.01, 0.01}, {1e-200, 2e-200, 0.5, 1e-200}, {most.Reward(1, 1e-9), 0, most.Reward(1, 1e9), most.Reward(0.5, 1e-9)},
	} {
		for _, memory := range []float64{0, 1e-12, 0.9} {
			c := NewController([]int{3, 2}, 1, false, Teaching{Rate: 1, Entropy: 0.05, Memory: memory})
			for i, reward := range rewards {
				c.Learn([]int{1, 0}, reward)
				if h := c.Entropy(); !(h > 0 && h <= 1) || math.IsInf(c.Spread, 0) {
					t.Errorf("rewards %v, memory %v, behind %d: entropy %v, spread %v, logits %v", rewards, memory, i+1, h, c.Spread, c.Logits)
				}
			}
		}
	}
}

// toy runs a search whose reward is known: the share of the decisions that are as a hidden pair of cells has them.
func toy(p *Plan, children int) *Search {
	s := New(p)
	hidden := NewController(s.space.Choices(), 77, true, Teaching{}).Draw(1)
	for range children {
		c, _ := s.Next()
		right := 0
		for i, k := range s.controller.Draw(c.Number) {
			if k == hidden[i] {
				right++
			}
		}
		if c.As == 0 {
			c.Accuracy, c.Parameters, c.MultiplyAdds = float64(right)/float64(len(hidden)), 1, 1000
			s.Judge(&c)
		}
		if err := s.Take(c); err != nil {
			panic(err)
		}
	}
	return s
}

// On a known reward a policy finds better cells than luck with as many children, for every one of many seeds, and learns to
// prefer them.
func TestPolicyBeatsRandom(t *testing.T) {
	const seeds, children = 20, 300
	found := map[string]int{}
	for seed := range uint64(seeds) {
		best := map[string]float64{}
		for _, kind := range Controllers {
			p := plan()
			p.Seed, p.Controller = seed+1, kind
			s := toy(p, children)
			best[kind] = s.Best()[0].Reward
			if best[kind] == 1 {
				found[kind]++
			}
			if kind == "random" && s.Entropy() != 1 {
				t.Errorf("a random controller has learnt: entropy %v", s.Entropy())
			}
		}
		if best["policy"] <= best["random"] {
			t.Errorf("seed %d: the best rewards are %v", seed, best)
		}
	}
	t.Logf("the best cells of %.1g were found in %v of %d searches", math.Pow(10, plan().Space().Size()), found, seeds)
	if found["policy"] < seeds/2 || found["random"] > 0 {
		t.Errorf("the best cells were found in %v of %d searches", found, seeds)
	}
}

// All that a space has are cells that a network can be made of, and the order of a sum's terms tells none apart.
func TestSpace(t *testing.T) {
	s := Space{Nodes: 3, Operations: zoo.CellOperations()}
	c := NewController(s.Choices(), 3, true, Teaching{})
	for child := range 200 {
		choice := c.Draw(child)
		cells := s.Cells(choice)
		for _, text := range []string{cells.Normal, cells.Reduce} {
			if cell, err := zoo.ParseCell(text); err != nil || len(cell) != 3 || cell.String() != text {
				t.Fatalf("%q: %v", text, err)
			}
		}
		choice[0], choice[1], choice[2], choice[3] = choice[2], choice[3], choice[0], choice[1]
		if s.Cells(choice) != cells {
			t.Errorf("%v is not %v", s.Cells(choice), cells)
		}
	}
	if size := (Space{Nodes: 1, Operations: []string{"identity", "conv3x3", "max3x3"}}).Size(); math.Abs(size-4*math.Log10(6)) > 1e-12 {
		t.Errorf("10^%v ways", size)
	}
}

// The same seed gives the same journal, another one another; a search that is replayed from its journal, or from the
// beginning of it, comes to the same.
func TestReplay(t *testing.T) {
	whole := toy(plan(), 60)
	other := plan()
	other.Seed = 2
	if toy(plan(), 60).Digest() != whole.Digest() || toy(other, 60).Digest() == whole.Digest() {
		t.Error("digests do not follow the seed")
	}
	for _, n := range []int{0, 1, 37, 60} {
		dir := t.TempDir()
		writeJournal(t, dir, whole.Children[:n])
		children, err := ReadJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Replay(plan(), children)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range whole.Children[n:] {
			if next, trained := s.Next(); next.Cells != c.Cells || trained != (c.As > 0) {
				t.Fatalf("behind %d children: %+v, want %+v", n, next, c)
			}
			if err := s.Take(c); err != nil {
				t.Fatal(err)
			}
		}
		if s.Digest() != whole.Digest() || !reflect.DeepEqual(s.controller, whole.controller) || !slices.Equal(s.Baselines(), whole.Baselines()) {
			t.Errorf("gone on behind %d children it is another search", n)
		}
	}
}

func writeJournal(t *testing.T, dir string, children []Child) {
	t.Helper()
	j, found, err := OpenJournal(dir)
	if err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	defer j.Close()
	for _, c := range children {
		if err := j.Add(c); err != nil {
			t.Fatal(err)
		}
	}
}

// A pair of cells that is drawn again is not trained again.
func TestKnown(t *testing.T) {
	p := plan()
	p.Nodes, p.Operations = 1, []string{"conv3x3"}
	s := toy(p, 200)
	best := s.Best()
	if len(best) > 9 { // of p + p, h + p and h + h in each cell
		t.Errorf("%d of 9 pairs were trained", len(best))
	}
	for _, c := range s.Children {
		if c.As > 0 && (s.Children[c.As-1].Cells != c.Cells || s.Children[c.As-1].As != 0 || s.Children[c.As-1].Accuracy != c.Accuracy) {
			t.Errorf("%+v is as %+v", c, s.Children[c.As-1])
		}
	}
}

// What cannot have been drawn, or come to its reward, is told with its line.
func TestReplayRefuses(t *testing.T) {
	for want, change := range map[string]func(c *Child){
		"journal.jsonl:3: child 3 has the cells": func(c *Child) { c.Normal = "identity h" },
		"child 4 has the cells":                  func(c *Child) { c.Number = 4 },
		"has the reward 0.5; its accuracy":       func(c *Child) { c.Reward = 0.5 },
		"an accuracy of 2":                       func(c *Child) { c.Accuracy = 2 },
		"and 7 seconds are impossible":           func(c *Child) { c.Seconds = 7 },
		"0 multiply-adds":                        func(c *Child) { c.MultiplyAdds = 0 },
		"is as child 1, which has other cells":   func(c *Child) { c.As = 1 },
		"diverged, but has an accuracy of":       func(c *Child) { c.Diverged, c.Accuracy = true, 0.25 },
	} {
		children := toy(plan(), 5).Children
		change(&children[2])
		if _, err := Replay(plan(), children); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}

// A line that was not written whole is cut off, one that is no child is told, and two searches do not share a journal.
func TestJournal(t *testing.T) {
	dir, children := t.TempDir(), toy(plan(), 4).Children
	writeJournal(t, dir, children)
	path := filepath.Join(dir, journalName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	j, found, err := OpenJournal(dir)
	if err != nil || !reflect.DeepEqual(found, children[:3]) {
		t.Fatalf("%+v, %v", found, err)
	}
	if _, _, err := OpenJournal(dir); err == nil || !strings.Contains(err.Error(), "another search is under way in "+dir) {
		t.Errorf("a second search: %v", err)
	}
	if err := j.Add(children[3]); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if text, err := os.ReadFile(path); err != nil || string(text) != string(whole) {
		t.Errorf("the journal is now\n%s%v", text, err)
	}
	if err := os.WriteFile(path, append(whole, "{\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenJournal(dir); err == nil || !strings.Contains(err.Error(), journalName+":5: ") {
		t.Errorf("a bad line: %v", err)
	}
}

func TestReward(t *testing.T) {
	p := plan()
	for _, c := range []struct{ accuracy, cost, weight, want float64 }{
		{0.8, 1000, -0.07, 0.8}, {0.8, 2000, -0.07, 0.8 * math.Pow(2, -0.07)}, {0.8, 250, -0.5, 1.6}, {0.8, 2000, 0, 0.8}, {0, 500, -1, 0},
	} {
		p.Weight = c.weight
		if got := p.Reward(c.accuracy, c.cost); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestKeep(t *testing.T) {
	dir, first := filepath.Join(t.TempDir(), "out"), plan()
	if _, err := first.Keep(dir); err != nil {
		t.Fatal(err)
	}
	again := plan()
	again.Target = 0 // to be found
	if kept, err := again.Keep(dir); err != nil || !reflect.DeepEqual(kept, first) {
		t.Fatalf("%+v, %v", kept, err)
	}
	for what, change := range map[string]func(*Plan){
		"run file is another":  func(p *Plan) { p.Bits = "y" },
		"--controller policy":  func(p *Plan) { p.Controller = "random" },
		"the seed 1":           func(p *Plan) { p.Seed = 2 },
		"--nodes 2":            func(p *Plan) { p.Nodes = 3 },
		"--operations conv3x3": func(p *Plan) { p.Operations = p.Operations[1:] },
		"--cost operations":    func(p *Plan) { p.Cost = "time" },
		"--target 1000":        func(p *Plan) { p.Target = 1 },
		"--weight -0.07":       func(p *Plan) { p.Weight = 0 },
		"--rate 0.3":           func(p *Plan) { p.Memory = 0 },
	} {
		p := changed(change)
		if _, err := p.Keep(dir); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for what, change := range map[string]func(*Plan){
		"--controller \"luck\"": func(p *Plan) { p.Controller = "luck" },
		"--cost \"money\"":      func(p *Plan) { p.Cost = "money" },
		"--nodes 9":             func(p *Plan) { p.Nodes = 9 },
		"--rate NaN":            func(p *Plan) { p.Rate = math.NaN() },
		"--entropy -1":          func(p *Plan) { p.Entropy = -1 },
		"--memory 1":            func(p *Plan) { p.Memory = 1 },
		"--weight 1":            func(p *Plan) { p.Weight = 1 },
		"--weight -4.1":         func(p *Plan) { p.Weight = -4.1 },
		"--target -1":           func(p *Plan) { p.Target = -1 },
		`"sep9x9" is none`:      func(p *Plan) { p.Operations[1] = "sep9x9" },
		"max3x3 stands twice":   func(p *Plan) { p.Operations[0] = "max3x3" },
		"give at least one":     func(p *Plan) { p.Operations = nil },
	} {
		p := changed(change)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzReplay: whatever lies there as plan and journal, nothing panics, and what is taken is finite.
func FuzzReplay(f *testing.F) {
	line := string(toy(plan(), 1).Children[0].line())
	f.Add([]byte(`{"controller":"policy","seed":1,"nodes":2,"operations":["conv3x3","identity","max3x3","sep3x3"],"rate":0.3,"entropy":0.02,"memory":0.9,"cost":"operations","target":1000,"weight":-0.07}`), []byte(line))
	f.Add([]byte(`{"controller":"random","nodes":1,"operations":["identity"],"memory":0,"cost":"time","target":1e-12,"weight":-4}`),
		[]byte(`{"child":1,"normal":"identity h + identity p","accuracy":1,"multiply_adds":1,"seconds":1e308,"reward":0}`+"\n"))
	f.Fuzz(func(t *testing.T, planText, journal []byte) {
		p, err := parsePlan(planText)
		if err != nil {
			return
		}
		children, _, err := parseJournal(journalName, journal)
		if err != nil {
			return
		}
		s, err := Replay(p, children)
		if err != nil {
			return
		}
		r := s.Results(1)
		if _, err := json.Marshal(r); err != nil || len(children) > 0 && len(r.Best) == 0 {
			t.Errorf("%d children come to %+v: %v", len(children), r, err)
		}
	})
}
