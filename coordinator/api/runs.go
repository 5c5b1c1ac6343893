package api

import "time"

// Runs is what several runs came to (/api/runs).
type Runs struct {
	Runs []RunSummary `json:"runs"`
	Base string       `json:"base"` // with which the others are compared
	Same []Same       `json:"same"` // of each other run with it
}

// RunSummary is what a run came to.
type RunSummary struct {
	Name        string              `json:"name"` // unique among these
	Run         Run                 `json:"run"`
	Phase       Phase               `json:"phase"`
	Reason      string              `json:"reason"`
	Step        uint64              `json:"step"`
	Steps       uint64              `json:"steps"`
	Started     time.Time           `json:"started"`
	Digest      string              `json:"digest,omitempty"` // of the newest checkpoint
	Fields      map[string]string   `json:"fields,omitempty"` // of the run file, that decide the bits
	Others      map[string]string   `json:"others,omitempty"` // its other fields
	Columns     map[string]Extremes `json:"columns"`          // of the steps
	Evaluations map[string]Extremes `json:"evaluations"`      // of the held-out set, by measure
}

// Extremes are the values of a column that people compare. Min and Max are of
// the finite ones.
type Extremes struct {
	Min     Number `json:"min"`
	MinStep uint64 `json:"min_step"` // the first that has it
	Max     Number `json:"max"`
	MaxStep uint64 `json:"max_step"`
	Last    Number `json:"last"`
	Bad     uint64 `json:"bad"` // values that were not finite
}

// Same says how far two runs have the same bits, by the steps of which both have
// left a checkpoint or a mark of the weights.
type Same struct {
	A       string `json:"a"`
	B       string `json:"b"`
	To      uint64 `json:"to"`                // step after which they have; 0: none is known
	Differs uint64 `json:"differs,omitempty"` // first step after which they do not; 0: none is known
	What    string `json:"what,omitempty"`    // differs first: a tensor, where checkpoints tell
}
