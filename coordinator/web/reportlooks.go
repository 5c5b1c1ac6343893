package web

import (
	"encoding/json"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Lookers look at the checkpoints of a run, for a report. Where one is nil nobody does.
type Lookers struct {
	Inside Looker // what the network has learnt
	Points Looker // points of it, laid out
}

// Looker answers questions about the checkpoints of a run in at most so many bytes: of the view Look inside, or of the projector. left
// says what was left out.
type Looker func(run api.Run, room int) (answers []LookAnswer, left []string)

// LookAnswer is what is answered to a question below /api/look/, or to /api/projector and what is below.
type LookAnswer struct {
	Ask  string // its name and its fields in their order, "maps&layer=conv1&sample=0", "projector/near&metric=cosine&of=fc.weight"
	Head string // facts of what is no JSON, as JSON; empty: the body is JSON itself
	Body []byte
}

// keptLooks are answers by what was asked.
type keptLooks map[string]keptLook

type keptLook struct {
	Facts   json.RawMessage `json:"facts"`
	Picture []byte          `json:"picture,omitempty"` // PNG, or numbers
}

// keepLooks is what a looker tells of a run, and how many bytes it takes; nil: nothing.
func keepLooks(look Looker, run api.Run, room int) (k keptLooks, size int, left []string) {
	answers, left := look(run, room)
	for _, a := range answers {
		one := keptLook{Facts: json.RawMessage(a.Head), Picture: a.Body}
		if a.Head == "" {
			one = keptLook{Facts: json.RawMessage(a.Body)}
		}
		if !json.Valid(one.Facts) {
			continue
		}
		if k == nil {
			k = keptLooks{}
		}
		k[a.Ask], size = one, size+len(a.Ask)+len(one.Facts)+(len(one.Picture)+2)/3*4
	}
	return k, size, left
}
