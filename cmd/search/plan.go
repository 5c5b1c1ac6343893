package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/kept"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// Plan is all that decides a search but the data, and how many children there are: a search may always go on to more.
type Plan struct {
	Controller string   `json:"controller"` // one of Controllers
	Seed       uint64   `json:"seed"`       // of the draws
	Nodes      int      `json:"nodes"`
	Operations []string `json:"operations"`
	Rate       float64  `json:"rate,omitempty"` // see Teaching
	Entropy    float64  `json:"entropy,omitempty"`
	Memory     float64  `json:"memory"`
	Cost       string   `json:"cost"`   // one of Costs
	Target     float64  `json:"target"` // a cost: of one picture, in multiply-adds or seconds
	Weight     float64  `json:"weight"` // of cost over target in the reward
	Bits       string   `json:"bits"`   // hash of what the run file, as it was given, decides
}

// most nodes of a cell.
const mostNodes = 8

// Check says what is impossible about a plan. A target of 0 is one that is found later.
func (p *Plan) Check() error {
	switch {
	case !slices.Contains(Controllers, p.Controller):
		return fmt.Errorf("--controller %q: %s are allowed", p.Controller, strings.Join(Controllers, ", "))
	case !slices.Contains(Costs, p.Cost):
		return fmt.Errorf("--cost %q: %s are allowed", p.Cost, strings.Join(Costs, ", "))
	case p.Nodes < 1 || p.Nodes > mostNodes:
		return fmt.Errorf("--nodes %d: from 1 to %d", p.Nodes, mostNodes)
	case !(p.Rate >= 0 && p.Rate <= 100):
		return fmt.Errorf("--rate %v: from 0 to 100", p.Rate)
	case !(p.Entropy >= 0 && p.Entropy <= 100):
		return fmt.Errorf("--entropy %v: from 0 to 100", p.Entropy)
	case !(p.Memory >= 0 && p.Memory < 1):
		return fmt.Errorf("--memory %v: from 0 to below 1", p.Memory)
	case !(p.Weight >= -4 && p.Weight <= 0):
		return fmt.Errorf("--weight %v: from -4 to 0", p.Weight)
	case p.Target != 0 && !(p.Target >= 1e-12 && p.Target <= 1e18): // so that no reward's square is infinite
		return fmt.Errorf("--target %v: from 1e-12 to 1e18", p.Target)
	}
	return p.checkOperations()
}

func (p *Plan) checkOperations() error {
	known := zoo.CellOperations()
	for i, name := range p.Operations {
		switch {
		case !slices.Contains(known, name):
			return fmt.Errorf("--operations: %q is none; there are %s", name, strings.Join(known, ", "))
		case slices.Contains(p.Operations[:i], name):
			return fmt.Errorf("--operations: %s stands twice", name)
		}
	}
	if len(p.Operations) == 0 {
		return fmt.Errorf("--operations: give at least one of %s", strings.Join(known, ", "))
	}
	return nil
}

// Space is what the plan's cells are drawn from.
func (p *Plan) Space() Space { return Space{p.Nodes, p.Operations} }

// Keep writes the plan into a directory, or, if a plan is there, returns that one in its place: it must be of the same
// search. A target of 0 is that of the plan that is there.
func (p *Plan) Keep(dir string) (*Plan, error) {
	return kept.Plan(dir, p, ReadPlan, func(there *Plan) error { return p.same(there, dir) })
}

// ReadPlan reads the plan that lies in a directory.
func ReadPlan(dir string) (*Plan, error) {
	path := filepath.Join(dir, kept.PlanName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := parsePlan(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; give another --out, or remove the directory to search anew", path, err)
	}
	return p, nil
}

func parsePlan(text []byte) (*Plan, error) {
	p := &Plan{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, err
	}
	if p.Target == 0 {
		return nil, errors.New("target: 0; above 0")
	}
	return p, p.Check()
}

// same says whether a kept plan is of this search.
func (p *Plan) same(there *Plan, dir string) error {
	what := ""
	switch {
	case p.Bits != there.Bits:
		what = "the run file is another"
	case p.Controller != there.Controller:
		what = "it has --controller " + there.Controller
	case p.Seed != there.Seed:
		what = fmt.Sprintf("it has the seed %d", there.Seed)
	case p.Nodes != there.Nodes:
		what = fmt.Sprintf("it has --nodes %d", there.Nodes)
	case !slices.Equal(p.Operations, there.Operations):
		what = "it has --operations " + strings.Join(there.Operations, ",")
	case p.Cost != there.Cost:
		what = "it has --cost " + there.Cost
	case p.Target != 0 && p.Target != there.Target:
		what = fmt.Sprintf("it has --target %v", there.Target)
	case p.Weight != there.Weight:
		what = fmt.Sprintf("it has --weight %v", there.Weight)
	case p.Rate != there.Rate || p.Entropy != there.Entropy || p.Memory != there.Memory:
		what = fmt.Sprintf("it has --rate %v --entropy %v --memory %v", there.Rate, there.Entropy, there.Memory)
	default:
		return nil
	}
	return fmt.Errorf("%s holds another search: %s; give another --out, or remove the directory to search anew", dir, what)
}
