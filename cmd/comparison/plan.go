package comparison

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/cmd/kept"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// Variant is a run file with some fields changed.
type Variant struct {
	Name       string   `json:"name"`
	Sets       []string `json:"set"` // FIELD=VALUE
	Parameters int      `json:"parameters"`
	Steps      int      `json:"steps"`
	Seconds    float64  `json:"step_seconds,omitempty"` // of a step, as it was measured for an equal time
}

// Plan is what is compared.
type Plan struct {
	Equal    string    `json:"equal"`         // one of Equals
	Fit      string    `json:"fit,omitempty"` // field that is fitted for equal parameters
	Variants []Variant `json:"variants"`
	Shares   []float64 `json:"shares"` // of the training set
	Seeds    []uint64  `json:"seeds"`
	Bits     string    `json:"bits"` // hash of what the run file, as it was given, decides

	// Data are the hashes of all sets that the runs read, by where these are. A set that cannot be opened is not among them.
	Data map[string]string `json:"data,omitempty"`
}

// Equals is what variants can have in common with the first.
var Equals = []string{"steps", "parameters", "time"}

// Run is one run of a plan.
type Run struct {
	Variant Variant
	Share   float64
	Seed    uint64
}

// maxRuns bounds the runs of a plan.
const maxRuns = 10_000

// Runs are all runs, the seeds innermost, so that each size of the data is soon known once.
func (p *Plan) Runs() (runs []Run) {
	for _, seed := range p.Seeds {
		for _, share := range p.Shares {
			for _, v := range p.Variants {
				runs = append(runs, Run{v, share, seed})
			}
		}
	}
	return runs
}

// Dir is the run's checkpoint directory below out.
func (r Run) Dir(out string) string {
	return filepath.Join(out, r.Variant.Name, "share-"+shareText(r.Share), "seed-"+strconv.FormatUint(r.Seed, 10))
}

// Sets are the fields in which the run differs from the run file.
func (r Run) Sets(out string) []string {
	return append(slices.Clone(r.Variant.Sets), "steps="+strconv.Itoa(r.Variant.Steps), SetShare(r.Share),
		"seed="+strconv.FormatUint(r.Seed, 10), "checkpoint.dir="+r.Dir(out))
}

// SetShare is the field of a run's share of the training set.
func SetShare(share float64) string { return "data.share=" + shareText(share) }

func shareText(share float64) string { return strconv.FormatFloat(share, 'g', -1, 64) }

// ParseVary reads "FIELD=A,B,C": a variant for each value, with its name.
func ParseVary(text string) ([]Variant, error) {
	field, values, found := strings.Cut(text, "=")
	if !found || field == "" || values == "" {
		return nil, fmt.Errorf("--vary %q: want FIELD=VALUE,VALUE,…, as model.cell=gru,lstm,mlstm", text)
	}
	var all []Variant
	for value := range strings.SplitSeq(values, ",") {
		all = append(all, Variant{Name: nameOf(value), Sets: []string{field + "=" + value}})
	}
	return all, nil
}

// ParseVariant reads "NAME: FIELD=VALUE; FIELD=VALUE".
func ParseVariant(text string) (Variant, error) {
	name, sets, found := strings.Cut(text, ":")
	v := Variant{Name: strings.TrimSpace(name)}
	if !found || v.Name == "" || nameOf(v.Name) != v.Name {
		return v, fmt.Errorf("--variant %q: want NAME: FIELD=VALUE; FIELD=VALUE, the name of letters, digits, dots and dashes", text)
	}
	for set := range strings.SplitSeq(sets, ";") {
		if set = strings.TrimSpace(set); set != "" {
			v.Sets = append(v.Sets, set)
		}
	}
	return v, nil
}

// nameOf makes a value the name of a directory.
func nameOf(value string) string {
	name := strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, strings.TrimSpace(value))
	return strings.TrimLeft(name, ".")
}

// CheckSets refuses fields that the flags of a comparison decide: among those for all runs, and those of a new plan's variants.
func (p *Plan) CheckSets(all []string) error {
	for _, set := range all {
		if field := fieldOf(set); field != "seed" && decidedBy[field] != "" { // the seeds begin with the run file's
			return fmt.Errorf("--set %s: %s decides it for each run", set, decidedBy[field])
		}
	}
	for i, v := range p.Variants {
		for _, set := range v.Sets {
			switch field := fieldOf(set); {
			case decidedBy[field] != "":
				return fmt.Errorf("variant %s: %s: %s decides it for each run", v.Name, set, decidedBy[field])
			case p.Equal == "time" && field == "steps" && i > 0:
				return fmt.Errorf("variant %s: %s: --equal time decides it", v.Name, set)
			case p.Fit != "" && field == p.Fit && i > 0:
				return fmt.Errorf("variant %s: %s: --fit decides it, for as many parameters as variant %s has; vary another field, or fit one", v.Name, set, p.Variants[0].Name)
			}
		}
	}
	return nil
}

// decidedBy are the flags that decide fields of each run.
var decidedBy = map[string]string{"seed": "--seeds", "data.share": "--shares", "checkpoint.dir": "--out"}

// fieldOf is the field of FIELD=VALUE.
func fieldOf(set string) string {
	field, _, _ := strings.Cut(set, "=")
	return strings.TrimSpace(field)
}

// Check says what is impossible about a plan.
func (p *Plan) Check() error {
	names := map[string]bool{}
	for _, v := range p.Variants {
		if v.Name == "" || names[v.Name] {
			return fmt.Errorf("two variants have the name %q; name them by --variant 'NAME: FIELD=VALUE'", v.Name)
		}
		names[v.Name] = true
	}
	switch {
	case len(p.Variants) < 2:
		return errors.New("one variant is nothing to compare; give --vary FIELD=A,B or --variant more than once")
	case !slices.Contains(Equals, p.Equal):
		return fmt.Errorf("--equal %q: %s are allowed", p.Equal, strings.Join(Equals, ", "))
	case len(p.Shares) == 0 || len(p.Seeds) == 0:
		return errors.New("--shares and --seeds: at least one of each")
	case len(p.Variants)*len(p.Shares)*len(p.Seeds) > maxRuns:
		return fmt.Errorf("%d variants, %d shares and %d seeds are more than %d runs", len(p.Variants), len(p.Shares), len(p.Seeds), maxRuns)
	}
	for _, share := range p.Shares {
		if !(share > 0 && share <= 1) {
			return fmt.Errorf("--shares %v: above 0 and at most 1", share)
		}
	}
	return nil
}

// Keep writes the plan into out, or, if a plan is there, returns that one in its place: it must be of the same
// comparison.
func (p *Plan) Keep(out string) (*Plan, error) {
	return kept.Plan(out, p, ReadPlan, func(there *Plan) error { return p.same(there, out) })
}

// Yields says whether the plan of another comparison lies in out of which nothing has come yet.
func (p *Plan) Yields(out string) bool {
	there, err := ReadPlan(out)
	if err != nil || p.same(there, out) == nil { // what is wrong with a plan Keep tells
		return false
	}
	files, err := os.ReadDir(out)
	return err == nil && len(files) == 1
}

// Replace puts the plan in the place of one that yields.
func (p *Plan) Replace(out string) error {
	if !p.Yields(out) { // any more
		return nil
	}
	return kept.JSON(filepath.Join(out, kept.PlanName), p)
}

// Begin makes the directory of the first run, so that the plan yields to no other from then on.
func (p *Plan) Begin(out string) error { return os.MkdirAll(p.Runs()[0].Dir(out), 0o755) }

// ReadPlan reads the plan that lies in a directory.
func ReadPlan(out string) (*Plan, error) {
	path := filepath.Join(out, kept.PlanName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &Plan{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("%s: %w; remove the file to plan anew", path, err)
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w; remove the file to plan anew", path, err)
	}
	for _, v := range p.Variants {
		switch {
		case v.Steps < 1:
			return nil, fmt.Errorf("%s: variant %s: steps: %d; at least 1", path, v.Name, v.Steps)
		case nameOf(v.Name) != v.Name:
			return nil, fmt.Errorf("%s: variant %q: not a name of letters, digits, dots and dashes", path, v.Name)
		}
	}
	return p, nil
}

// same says whether a kept plan is of this comparison. What it fitted and measured may differ.
func (p *Plan) same(there *Plan, out string) error {
	names := func(p *Plan) (all []string) {
		for _, v := range p.Variants {
			all = append(all, v.Name)
		}
		return all
	}
	what := ""
	switch {
	case p.Bits != there.Bits:
		what = "the run file is another"
	case p.Equal != there.Equal:
		what = "it has --equal " + there.Equal
	case p.Fit != there.Fit:
		what = "it has --fit " + there.Fit
	case !slices.Equal(names(p), names(there)):
		what = "its variants are " + strings.Join(names(there), ", ")
	case !slices.Equal(p.Shares, there.Shares) || !slices.Equal(p.Seeds, there.Seeds):
		what = "its shares or seeds are others"
	case p.rewritten(there) != "":
		what = "the data of " + p.rewritten(there) + " were others when it was begun"
	default:
		if what = p.sets(there); what == "" {
			return nil
		}
	}
	return fmt.Errorf("%s holds another comparison: %s; give another --out, or remove the directory %s", out, what, out)
}

// rewritten is a set that a kept plan knows by another hash, if there is one.
func (p *Plan) rewritten(there *Plan) string {
	first := ""
	for path, hash := range p.Data {
		if was := there.Data[path]; was != "" && was != hash && (first == "" || path < first) {
			first = path
		}
	}
	return first
}

// sets says which variant of a there plan has other fields, if one has. With equal parameters those behind the first have a
// last one that was fitted.
func (p *Plan) sets(there *Plan) string {
	for i, v := range there.Variants {
		own, sets := p.Variants[i].Sets, v.Sets
		if p.Equal == "parameters" && i > 0 && len(sets) > len(own) {
			sets = sets[:len(sets)-1]
		}
		if !slices.Equal(own, sets) && !slices.Equal(own, v.Sets) {
			return fmt.Sprintf("its variant %s has %s", v.Name, strings.Join(v.Sets, "; "))
		}
	}
	return ""
}

// BitsOf is what a plan keeps of the run file.
func BitsOf(f *runfile.File) string { return f.Hash() }
