package past

import (
	"net/http"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/history"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
	_ "github.com/rondo-ml/rondo/data/objects/s3" // opens the store
)

// While a store answers slowly, what was read before is shown to all but the one who reads.
func TestSlowStore(t *testing.T) {
	server := objectstest.New(t)
	write(t, server.Address("runs/a"), 1, 40, "00000000000000aa")
	now := make(chan time.Time, 1)
	clock := func() time.Time { at := <-now; now <- at; return at }
	now <- start.Add(time.Hour)
	r, err := Open(server.Address("runs/a"), clock)
	if err != nil {
		t.Fatal(err)
	}
	asked, goes, told := make(chan bool, 100), make(chan bool), make(chan uint64)
	server.Interfere(func(*http.Request) objectstest.Fault {
		asked <- true
		<-goes
		return objectstest.Fault{}
	})
	<-now
	now <- start.Add(2 * time.Hour)
	go func() { told <- r.Status().Step }()
	<-asked
	// Were the lock held, none of these would come back before the store does.
	if s := r.Series(history.Query{Points: 10}); s.End != 40 {
		t.Errorf("the series ends at %d", s.End)
	}
	if st := r.Status(); st.Step != 40 {
		t.Errorf("the status is of step %d", st.Step)
	}
	if _, steps := r.Outcome(0); len(steps) != 1 {
		t.Errorf("outcomes of %v", steps)
	}
	close(goes)
	if step := <-told; step != 40 {
		t.Errorf("who waited is told of step %d", step)
	}
}
