package worker

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A view that no ring can have is an error, which names what is wrong.
func TestViewThatCannotBe(t *testing.T) {
	for want, v := range map[string]*api.View{
		"self: worker 2 of 2":    {Lanes: 4, Self: 2, Peers: []*api.Peer{{EndLane: 2}, {FirstLane: 2, EndLane: 4}}},
		"the coordinator's view": {Lanes: 4, Peers: []*api.Peer{{EndLane: 9}}},
	} {
		w := &worker{control: &control{views: newViews()}}
		err := w.live(t.Context(), v)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
