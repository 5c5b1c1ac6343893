package api

// NetworkGraph is what a run trains, as its first worker computes it (/api/network).
type NetworkGraph struct {
	Layers []GraphLayer `json:"layers"` // in the order in which they are computed; none: no worker has told yet
}

// GraphLayer is one layer.
type GraphLayer struct {
	Name       string           `json:"name"`
	Kind       string           `json:"kind"`
	Inputs     []int32          `json:"inputs"` // layers that it reads, by index; -1: what comes from outside
	Shape      []int32          `json:"shape"`  // of its output for one row of the batch
	Parameters []GraphParameter `json:"parameters"`
	Count      int64            `json:"count"`      // of their elements
	Operations float64          `json:"operations"` // floating-point, of matrix products and convolutions in the forward of one row
}

// GraphParameter is one parameter of a layer.
type GraphParameter struct {
	Name   string  `json:"name"`
	Shape  []int32 `json:"shape"`
	Frozen bool    `json:"frozen,omitempty"`
}

// LayersHealth is how all layers fared in the newest measured step (/api/health).
type LayersHealth struct {
	Step   uint64       `json:"step"`   // 0: none was measured yet
	Cost   float64      `json:"cost"`   // seconds that the worker spent on it
	Layers []LayerSigns `json:"layers"` // the worst first, then as they are computed
}

// LayerSigns are the signs of a layer, and the verdict on it. What is not known is null.
type LayerSigns struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Level   string `json:"level"` // good, watch, bad
	Rule    string `json:"rule,omitempty"`
	Verdict string `json:"verdict"`

	Ratio     Number `json:"ratio"`     // log10 of update by weight, of matrices
	Gradient  Number `json:"gradient"`  // norms, of all its parameters
	Weight    Number `json:"weight"`    // of its matrices
	Update    Number `json:"update"`    // of its matrices
	Mean      Number `json:"mean"`      // of its output
	Deviation Number `json:"deviation"` // of its output
	Zeros     Number `json:"zeros"`     // share of its output
	Dead      Number `json:"dead"`      // share of its units, behind a rectifier
	Flat      Number `json:"flat"`      // share of the values of the gate that is most often open or closed
	Gate      string `json:"gate,omitempty"`
	Time      Number `json:"time"`          // seconds of its forward and backward, over the first worker's first pass
	Bad       int64  `json:"bad,omitempty"` // values that are not finite
}

// LayerHistory is how one layer has fared (/api/health?layer=NAME). All lists have an element for each measured step, or for
// several neighbouring ones when there were many: extremes are those of all, the rest is the last one's.
type LayerHistory struct {
	LayerSigns
	Steps      []uint64                 `json:"steps"`
	Columns    map[string]LayerColumn   `json:"columns"` // by the names that LayerSigns has
	Output     []DistributionAt         `json:"output"`
	Parameters map[string]ParameterPast `json:"parameters"`
	Gates      map[string][][2]Number   `json:"gates"`   // shares that are open and closed
	ByStep     [][]Number               `json:"by_step"` // gradient by time step, of a recurrent layer
}

// LayerColumn is one number over time.
type LayerColumn struct {
	Min  []Number `json:"min"`
	Max  []Number `json:"max"`
	Last []Number `json:"last"`
}

// ParameterPast is how a parameter was distributed.
type ParameterPast struct {
	Weight   []DistributionAt `json:"weight"`
	Gradient []DistributionAt `json:"gradient"`
	Update   []DistributionAt `json:"update"`
}

// DistributionAt is a distribution at one time. Bin 2k of a histogram begins at 2^k, bin 2k+1 at 1.5·2^k.
type DistributionAt struct {
	Count     int64    `json:"count"`
	Bad       int64    `json:"bad,omitempty"`
	Zeros     int64    `json:"zeros,omitempty"`
	Norm      Number   `json:"norm"`
	Mean      Number   `json:"mean"`
	Deviation Number   `json:"deviation"`
	Quantiles []Number `json:"quantiles"` // of 1, 5, 25, 50, 75, 95 and 99 %
	Positive  *Bins64  `json:"positive,omitempty"`
	Negative  *Bins64  `json:"negative,omitempty"`
}

// Bins64 is a histogram of magnitudes.
type Bins64 struct {
	First  int32   `json:"first"`
	Counts []int64 `json:"counts"`
}
