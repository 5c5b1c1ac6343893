package samples

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Kind is the kind of shard sets that hold samples.
const Kind = "samples"

// Element is the type of the numbers of a part.
type Element string

// The element types. UTF8 is text, a byte an element.
const (
	Uint8   Element = "uint8"
	Int16   Element = "int16"
	Int32   Element = "int32"
	Float32 Element = "float32"
	UTF8    Element = "utf8"
)

// Size is the number of bytes of an element, or 0 for a type that does not exist.
func (e Element) Size() int {
	switch e {
	case Uint8, UTF8:
		return 1
	case Int16:
		return 2
	case Int32, Float32:
		return 4
	}
	return 0
}

// Varies stands for a dimension that differs from sample to sample.
const Varies = -1

// Interpolate says that subsampled colour of pictures was interpolated, as libjpeg does it.
const Interpolate = "interpolate"

// Part is one array that every sample has.
type Part struct {
	Name    string   `json:"name"`
	Element Element  `json:"element"`
	Shape   []int    `json:"shape"`             // [] for a single number; Varies for a dimension that differs
	Classes []string `json:"classes,omitempty"` // by number, where the elements number classes or symbols
	Ignore  int      `json:"ignore,omitempty"`  // of numbers of classes: the one that stands for none; 0 means that all count
	Rate    int      `json:"rate,omitempty"`    // of sound, in Hz
	Chroma  string   `json:"chroma,omitempty"`  // of pictures: [Interpolate], or empty: subsampled colour was repeated
}

// Schema says what a sample of a set is made of.
type Schema struct {
	Parts []Part `json:"parts"`

	// InOrder says that samples follow one another, as pieces of long recordings do. Then they are not shuffled: each row of
	// a batch reads a run of them, one sample a step, so that a network can carry its states on. A part may say where a new
	// sequence begins (nn.Batch.Begins).
	InOrder bool `json:"in_order,omitempty"`
}

const (
	maxParts      = 64
	maxDimensions = 8
	maxClasses    = 1 << 20
)

// Part is the place of the part of that name, or -1.
func (s Schema) Part(name string) int {
	for i, p := range s.Parts {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// Check says whether the schema makes sense.
func (s Schema) Check() error {
	if len(s.Parts) == 0 || len(s.Parts) > maxParts {
		return fmt.Errorf("schema of %d parts: it must have from 1 to %d", len(s.Parts), maxParts)
	}
	for i, p := range s.Parts {
		if p.Name == "" || s.Part(p.Name) != i {
			return fmt.Errorf("part %d: the name %q is empty or taken", i, p.Name)
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("part %q: %w", p.Name, err)
		}
	}
	return nil
}

func (p Part) check() error {
	switch {
	case p.Element.Size() == 0:
		return fmt.Errorf("elements of type %q, want uint8, int16, int32, float32 or utf8", p.Element)
	case len(p.Shape) > maxDimensions:
		return fmt.Errorf("%d dimensions, at most %d are allowed", len(p.Shape), maxDimensions)
	case p.Rate < 0:
		return fmt.Errorf("a rate of %d Hz", p.Rate)
	case p.Chroma != "" && p.Chroma != Interpolate:
		return fmt.Errorf("colour that is subsampled: %q, want %s or nothing", p.Chroma, Interpolate)
	case len(p.Classes) > 0 && p.Element != Int32 && p.Element != Uint8:
		return fmt.Errorf("classes are numbered by int32 or uint8, not by %s", p.Element)
	case p.Element == Uint8 && len(p.Classes) > 256:
		return fmt.Errorf("%d classes, and uint8 numbers 256", len(p.Classes))
	case p.Ignore != 0 && (p.Ignore < max(1, len(p.Classes)) || p.Element == Uint8 && p.Ignore > 255 || p.Ignore > math.MaxInt32):
		return fmt.Errorf("%d stands for no class of %d", p.Ignore, len(p.Classes))
	case len(p.Classes) > maxClasses:
		return fmt.Errorf("%d classes, at most %d are allowed", len(p.Classes), maxClasses)
	}
	for _, d := range p.Shape {
		if d < 1 && d != Varies {
			return fmt.Errorf("shape %v: dimensions are 1 or more, or %d where they differ", p.Shape, Varies)
		}
	}
	if _, ok := p.bytes(p.Shape); !ok {
		return fmt.Errorf("shape %v: too large", p.Shape)
	}
	seen := map[string]bool{}
	for _, c := range p.Classes {
		if seen[c] {
			return fmt.Errorf("class %q is there twice", c)
		}
		seen[c] = true
	}
	return nil
}

// bytes is the size of an array of the part, dimensions that differ counting as 1, and whether it fits a record.
func (p Part) bytes(shape []int) (int, bool) {
	n := int64(p.Element.Size())
	for _, d := range shape {
		if d == Varies {
			d = 1
		}
		if n *= int64(d); n > math.MaxInt32 {
			return 0, false
		}
	}
	return int(n), true
}

// encode gives the JSON form, which is the meta of the set.
func (s Schema) encode() (json.RawMessage, error) { return json.Marshal(s) }

// decodeSchema reads a schema back, strictly: a field that this program does not know may change what the data mean.
func decodeSchema(meta json.RawMessage) (Schema, error) {
	if len(meta) == 0 {
		return Schema{}, errors.New("no schema")
	}
	var s Schema
	d := json.NewDecoder(bytes.NewReader(meta))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Schema{}, fmt.Errorf("schema: %w", err)
	}
	return s, s.Check()
}
